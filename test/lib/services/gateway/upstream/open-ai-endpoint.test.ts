/** What goes out to an OpenAI-compatible endpoint, what is refused beforehand, and how broken connections are told. */
import { AddressInfo, Server, createServer } from 'node:net';
import { InputError } from '../../../../../lib/errors';
import { openAiEndpoint } from '../../../../../lib/services/gateway/upstream/open-ai-endpoint';
import { Endpoint, UpstreamCall, UpstreamError, UpstreamHead } from '../../../../../lib/services/gateway/upstream/upstream';
import { BadUpstream, events, json, tierConfig } from './bad-upstream';
import { until } from './consumed';

const REQUEST = { id: 'req-1', path: '/chat/completions', body: { model: 'llama', messages: [{ role: 'user', content: 'ü' }] } } as const;

let upstream: BadUpstream;
const open: Endpoint[] = [];

const endpointAt = (url: string, apiKey?: string, connectSeconds = 3): Endpoint => {
  const endpoint = openAiEndpoint(tierConfig({ connectSeconds }), { url }, apiKey);
  open.push(endpoint);
  return endpoint;
};

beforeEach(async () => void (upstream = await BadUpstream.start(json(200, { ok: true }))));
afterEach(async () => {
  await upstream.close();
  await Promise.all(open.splice(0).map(endpoint => endpoint.close()));
});

interface Heard {
  head: UpstreamHead | undefined;
  body: string;
  ended: 'no' | 'well' | UpstreamError;
  call: UpstreamCall;
}

function hear(endpoint: Endpoint): Heard {
  const heard: Omit<Heard, 'call'> = { head: undefined, body: '', ended: 'no' };
  const call = endpoint.call(REQUEST, {
    head: head => { heard.head = head; },
    data: chunk => { heard.body += chunk.toString('utf8'); },
    end: () => { heard.ended = 'well'; },
    error: error => { heard.ended = error; },
  });
  return Object.assign(heard, { call });
}

async function ended(heard: Heard): Promise<Heard> {
  await until(() => heard.ended !== 'no');
  return heard;
}

const stageOf = async (endpoint: Endpoint): Promise<string> => {
  const { ended: how } = await ended(hear(endpoint));
  return how instanceof UpstreamError ? `${how.stage}: ${how.message}` : how;
};

describe('a call', () => {
  test('goes out with key, request id and the body as it is, below the path of the URL', async () => {
    const { head, body } = await ended(hear(endpointAt(`${upstream.url}/?api-version=1`, 'sk-secret')));
    expect({ head, body }).toEqual({ head: { status: 200, contentType: 'application/json', retryAfterMs: undefined }, body: '{"ok":true}' });
    expect(upstream.received).toEqual([{
      path: '/v1/chat/completions?api-version=1', body: JSON.stringify(REQUEST.body),
      headers: expect.objectContaining({ 'content-type': 'application/json', authorization: 'Bearer sk-secret', 'x-request-id': 'req-1' }),
    }]);
  });

  test('carries no authorization without a key', async () => {
    await ended(hear(endpointAt(upstream.url)));
    expect(upstream.received[0]!.headers).not.toHaveProperty('authorization');
  });

  test('keeps its connection for the next one', async () => {
    const endpoint = endpointAt(upstream.url);
    for (let i = 0; i < 3; i++) await ended(hear(endpoint));
    expect(upstream.received).toHaveLength(3);
    expect(upstream.closed).toBe(0);
  });

  test('tells how long an upstream asks to wait', async () => {
    upstream.behaviour = json(429, {}, { 'retry-after': '3' });
    expect((await ended(hear(endpointAt(upstream.url)))).head).toMatchObject({ status: 429, retryAfterMs: 3000 });
    upstream.behaviour = json(503, {}, { 'retry-after-ms': '40', 'retry-after': '3' });
    expect((await ended(hear(endpointAt(upstream.url)))).head).toMatchObject({ status: 503, retryAfterMs: 40 });
  });

  test('hears the reply behind an early hint', async () => {
    upstream.behaviour = response => {
      response.writeProcessing();
      json(200, { ok: true })(response, response.socket!);
    };
    expect(await ended(hear(endpointAt(upstream.url)))).toMatchObject({ head: { status: 200 }, body: '{"ok":true}', ended: 'well' });
  });

  test('that is aborted hears nothing more, and its connection closes', async () => {
    upstream.behaviour = events('data: 1\n\n');
    const heard = hear(endpointAt(upstream.url));
    await until(() => heard.body !== '');
    heard.call.abort();
    heard.call.abort();
    await until(() => upstream.closed === 1);
    expect(heard.ended).toBe('no');
  });

  test('that is aborted before it has a connection is never answered', async () => {
    const heard = hear(endpointAt(upstream.url));
    heard.call.pause();
    heard.call.abort();
    await until(() => upstream.closed === 1);
    expect(heard).toMatchObject({ head: undefined, ended: 'no' });
  });
});

describe('a broken connection', () => {
  test('that was never made is told as such, without an address', async () => {
    const gone = await BadUpstream.start(json(200, {}));
    const { url } = gone;
    await gone.close();
    expect(await stageOf(endpointAt(url))).toBe('connect: ECONNREFUSED');
    expect(await stageOf(endpointAt('http://host.invalid/v1'))).toMatch(/^connect: E/);
    expect(await stageOf(endpointAt(upstream.url.replace('http:', 'https:')))).toMatch(/^connect: /);
  });

  test('that is reset once the request went out is told as such', async () => {
    upstream.behaviour = (_, socket) => void socket.resetAndDestroy();
    expect(await stageOf(endpointAt(upstream.url))).toMatch(/^reply: /);
  });

  test('on which no HTTP is spoken, or a flood of headers, is told as such', async () => {
    upstream.behaviour = (_, socket) => void socket.end('hello\r\n\r\n');
    expect(await stageOf(endpointAt(upstream.url))).toBe('reply: HTTPParserError');
    upstream.behaviour = response => { response.writeHead(200, { 'x-flood': 'x'.repeat(100_000) }).end(); };
    expect(await stageOf(endpointAt(upstream.url))).toMatch(/^reply: /);
  });

  test('of a closed endpoint is refused, and what is under way ends well', async () => {
    let finish = (): void => undefined;
    upstream.behaviour = response => {
      response.writeHead(200).write('a');
      finish = () => void response.end('b');
    };
    const endpoint = openAiEndpoint(tierConfig(), { url: upstream.url }, undefined);
    const heard = hear(endpoint);
    await until(() => heard.body === 'a');
    const closed = endpoint.close();
    expect(await stageOf(endpoint)).toBe('connect: UND_ERR_CLOSED');
    finish();
    await closed;
    expect(heard).toMatchObject({ body: 'ab', ended: 'well' });
  });
});

describe('reachable', () => {
  test('resolves where connections are accepted, although every reply hangs', async () => {
    upstream.behaviour = () => undefined;
    await expect(endpointAt(upstream.url).reachable(5000)).resolves.toBeUndefined();
    await until(() => upstream.closed === 1);
  });

  test('rejects with the reason where none is, or no TLS is spoken', async () => {
    const gone = await BadUpstream.start(json(200, {}));
    const { url } = gone;
    await gone.close();
    await expect(endpointAt(url).reachable(5000)).rejects.toThrow('ECONNREFUSED');
    await expect(endpointAt(upstream.url.replace('http:', 'https:')).reachable(5000)).rejects.toThrow(UpstreamError);
  });

  test('rejects at its deadline where TLS is never answered', async () => {
    const silent: Server = createServer(socket => void socket.on('error', () => undefined).resume());
    await new Promise<void>(resolve => void silent.listen(0, '127.0.0.1', resolve));
    await expect(endpointAt(`https://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`).reachable(40)).rejects.toThrow('no connection within 0.04 s');
    await new Promise<void>(resolve => void silent.close(() => { resolve(); }));
  });
});

describe('an endpoint', () => {
  test('is named by its place, without its query', () => {
    expect(endpointAt('https://vllm.internal:8000/v1/?key=secret').name).toBe('vllm.internal:8000/v1');
    expect(endpointAt('http://[::1]:8000').name).toBe('[::1]:8000');
  });

  const refusal = (url: string | undefined, apiKey?: string): string => {
    try {
      openAiEndpoint(tierConfig(), { url }, apiKey);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as Error).message;
    }
    throw new Error('it was not refused');
  };

  test('without a URL is refused, with an example', () => {
    expect(refusal(undefined)).toContain('https://api.openai.com/v1');
  });

  test('with a secret in its URL is refused, and the secret not told', () => {
    const message = refusal('https://user:hunter2@models.example/v1');
    expect(message).toContain('give the key as apiKey');
    expect(message).not.toContain('hunter2');
  });

  test.each(['sk-secret\n', 'sk secret', 'sk-sécret', ''])('with the key %j is refused, and the key not told', key => {
    const message = refusal('https://models.example/v1', key);
    expect(message).toContain('no header can carry');
    expect(message).not.toMatch(/secret/);
  });
});
