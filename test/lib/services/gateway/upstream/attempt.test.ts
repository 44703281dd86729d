/** One call against an upstream that does what upstreams do wrong: it is a failure as long as nobody has seen a byte, and a cut afterwards. */
import { attempt, AttemptLimits, Outcome } from '../../../../../lib/services/gateway/upstream/attempt';
import { Failure } from '../../../../../lib/services/gateway/upstream/failure';
import { openAiEndpoint } from '../../../../../lib/services/gateway/upstream/open-ai-endpoint';
import { Endpoint } from '../../../../../lib/services/gateway/upstream/upstream';
import { MAX_EVENT_BYTES } from '../../../../../lib/gateway/sse';
import { BadUpstream, Behaviour, DONE, delta, endedStream, events, json, tierConfig } from './bad-upstream';
import { asStream, consumed, until } from './consumed';

/** Long enough for every test that is not about time. */
const PATIENT: AttemptLimits = { firstEventMs: 60_000, idleMs: 60_000, totalMs: 60_000 };
const GOOD = { id: 'c', choices: [{ message: { content: 'ü' } }], usage: { prompt_tokens: 1 } };

let upstream: BadUpstream;
let endpoint: Endpoint;
/** How often a call was said to be over. */
let over: number;

beforeEach(async () => {
  over = 0;
  upstream = await BadUpstream.start(json(200, GOOD));
  endpoint = openAiEndpoint(tierConfig(), { url: upstream.url }, undefined);
});

afterEach(async () => {
  await upstream.close();
  await endpoint.close();
});

function ask(behaviour: Behaviour, stream: boolean, limits: Partial<AttemptLimits> = {}): Promise<Outcome> {
  upstream.behaviour = behaviour;
  const request = { id: 'r', path: '/chat/completions', body: { model: 'llama', stream } } as const;
  return attempt(endpoint, request, 1, { ...PATIENT, ...limits }, () => void over++);
}

const askWhole = (behaviour: Behaviour, limits?: Partial<AttemptLimits>): Promise<Outcome> => ask(behaviour, false, limits);
const askStream = async (behaviour: Behaviour, limits?: Partial<AttemptLimits>): Promise<Exclude<Outcome, Failure>> => {
  const outcome = await ask(behaviour, true, limits);
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return outcome;
};

async function failureOf(behaviour: Behaviour, stream: boolean, limits?: Partial<AttemptLimits>): Promise<Failure> {
  const outcome = await ask(behaviour, stream, limits);
  if (outcome.kind !== 'failed') throw new Error(`not a failure: ${outcome.kind}`);
  expect(over).toBe(1);
  return outcome;
}

const rst: Behaviour = (_, socket) => void socket.resetAndDestroy();
const half: Behaviour = response => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"id":"c"', () => { response.destroy(); });
const hang: Behaviour = () => undefined;
const headOnly: Behaviour = response => { response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders(); };
const loris: Behaviour = response => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => { clearInterval(timer); });
};

describe('a whole reply', () => {
  test('is given with its bytes as they came and what they say', async () => {
    const body = `\n ${JSON.stringify(GOOD, null, 2)}\n`;
    expect(await askWhole(json(200, body))).toEqual({ kind: 'whole', attempts: 1, body: Buffer.from(body), parsed: GOOD });
    expect(over).toBe(1);
  });

  test('comes together from many chunks, cut within a character', async () => {
    const bytes = Buffer.from(JSON.stringify(GOOD));
    const outcome = await askWhole(response => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(outcome).toMatchObject({ kind: 'whole', body: bytes, parsed: GOOD });
  });

  test.each<[string, Behaviour, string, Failure['verdict']['again']]>([
    ['reset before the reply', rst, 'broke off', 'anywhere'],
    ['cut within its body', half, 'broke off', 'elsewhere'],
    ['truncated, but ended well', json(200, '{"id":"c","choi'), 'not one whole JSON object (application/json)', 'elsewhere'],
    ['not JSON', response => { response.writeHead(200, { 'content-type': 'text/html' }).end('<html>busy</html>'); }, '(text/html)', 'elsewhere'],
    ['empty', response => { response.writeHead(200).end(); }, 'without a content type', 'elsewhere'],
    ['a list', json(200, []), 'not one whole JSON object', 'elsewhere'],
    ['not UTF-8', response => { response.writeHead(200).end(Buffer.from('{"a":"\xff"}', 'latin1')); }, 'not one whole JSON object', 'elsewhere'],
    ['an error of status 200', json(200, { error: { message: 'a prompt', code: 'overloaded' } }), 'replied with an error (overloaded)', 'anywhere'],
    ['of status 500', json(500, { error: { type: 'server_error' } }), 'status 500 (server_error)', 'anywhere'],
    ['of a redirect', response => { response.writeHead(302, { location: '/elsewhere' }).end(); }, 'status 302', 'elsewhere'],
  ])('%s is a failure', async (_, behaviour, reason, again) => {
    const { reason: given, verdict, body } = await failureOf(behaviour, false);
    expect(given).toContain(reason);
    expect(given).not.toContain('prompt');
    expect(verdict).toMatchObject({ blame: 'upstream', again });
    expect(body).toBeUndefined();
  });

  test.each<[string, Behaviour]>([['nothing', hang], ['only a head', headOnly], ['a byte now and then', loris]])('of which %s comes is too late, and its connection is closed', async (_, behaviour) => {
    const { verdict, reason } = await failureOf(behaviour, false, { totalMs: 40 });
    expect(reason).toBe('no whole reply came within 0.04 s');
    expect(verdict.again).toBe('elsewhere');
    await until(() => upstream.closed === 1);
  });

  test('larger than its bound is given up', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, ' ');
    const { reason } = await failureOf(response => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => { while (!response.destroyed && response.write(megabyte)); };
      response.on('drain', more);
      more();
    }, false);
    expect(reason).toBe('the reply is larger than 64 MB');
    await until(() => upstream.closed === 1);
  });

  test('of the client\'s fault carries the upstream\'s own error', async () => {
    const error = { error: { message: 'messages is too long', type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } };
    const { verdict, status, body } = await failureOf(json(400, error), true);
    expect({ status, body: JSON.parse(String(body)) as unknown }).toEqual({ status: 400, body: error });
    expect(verdict).toEqual({ blame: 'client', again: 'never', ill: false, mayBeBilled: false });
  });

  test('of the client\'s fault that is none of OpenAI\'s is told in its shape', async () => {
    const { status, body } = await failureOf(response => { response.writeHead(413).end('<html>too large</html>'); }, false);
    expect(status).toBe(413);
    expect(JSON.parse(String(body))).toEqual({ error: { message: 'the upstream replied with status 413', type: 'invalid_request_error', param: null, code: null } });
  });

  test('of another status is judged by it although its body never ends, or ends badly', async () => {
    expect(await failureOf(response => { response.writeHead(429, { 'retry-after': '7' }).write('{'); }, false, { totalMs: 500 }))
      .toMatchObject({ status: 429, retryAfterMs: 7000, verdict: { ill: false } });
    over = 0;
    expect(await failureOf(response => { response.writeHead(503, { 'content-length': '9' }).write('{', () => { response.destroy(); }); }, false)).toMatchObject({ status: 503 });
  });
});

describe('a stream before its first event', () => {
  test.each<[string, Behaviour, string]>([
    ['with an error', endedStream('data: {"error":{"message":"a prompt","type":"server_error"}}\n\n'), 'an error (server_error)'],
    ['with an event named error', endedStream('event: error\ndata: out of memory\n\n'), 'an error'],
    ['that ends', endedStream(), 'ended before its first event'],
    ['that ends after comments', endedStream(': ping\n\n', ': ping\n\n'), 'ended before its first event'],
    ['that is done', endedStream(DONE), 'ended before its first event'],
    ['that ends within its first event', endedStream('data: {"choices":[]}'), 'ended before its first event'],
    ['that is no JSON', endedStream('data: hello\n\n'), 'first event of the stream is not JSON'],
    ['that never ends an event', endedStream(Buffer.alloc(MAX_EVENT_BYTES + 1, 'x')), 'more than 4 MB'],
    ['that breaks off', (response, socket) => { events('data: {"cho')(response, socket); setImmediate(() => { response.destroy(); }); }, 'broke off'],
    ['that is one JSON document', json(200, GOOD), 'one JSON document to a call for a stream'],
    ['that is an error document', json(200, { error: { code: 'overloaded' } }), 'an error (overloaded)'],
  ])('%s is a failure', async (_, behaviour, reason) => {
    const { reason: given, verdict } = await failureOf(behaviour, true);
    expect(given).toContain(reason);
    expect(given).not.toContain('prompt');
    expect(verdict.blame).toBe('upstream');
  });

  test('whose error names a status is judged by that status', async () => {
    const error = { message: 'bad tools', type: 'BadRequestError', code: 400 };
    const { verdict, status, body } = await failureOf(endedStream(`data: ${JSON.stringify({ error })}\n\n`, DONE), true);
    expect({ verdict: verdict.blame, status, body: JSON.parse(String(body)) as unknown }).toEqual({ verdict: 'client', status: 400, body: { error } });
  });

  test.each<[string, Behaviour]>([
    ['nothing', hang],
    ['only comments', response => {
      events(': ping\n\n')(response, response.socket!);
      const timer = setInterval(() => response.write(': ping\n\n'), 5);
      response.on('close', () => { clearInterval(timer); });
    }],
  ])('of which %s comes is too late', async (_, behaviour) => {
    const { verdict, reason } = await failureOf(behaviour, true, { firstEventMs: 40 });
    expect({ reason, again: verdict.again }).toEqual({ reason: 'no event came within 0.04 s', again: 'elsewhere' });
    await until(() => upstream.closed === 1);
  });
});

describe('a good stream', () => {
  test('is given whole event by whole event, without [DONE] and without what came before the first', async () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3}}\n\n';
    const answer = await askStream(endedStream(': ping\n\n', delta('ü'), ': ping\n\n', delta('b') + delta('c').replaceAll('\n', '\r\n'), usage, DONE));
    expect(await consumed(answer)).toEqual({ events: [delta('ü'), ': ping\n\n', delta('b'), delta('c').replaceAll('\n', '\r\n'), usage], cut: undefined });
    expect(over).toBe(1);
  });

  test('is the same cut in single bytes', async () => {
    const bytes = Buffer.from(delta('😀') + delta('b') + DONE);
    const answer = await askStream((response, socket) => {
      events()(response, socket);
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await consumed(answer)).toEqual({ events: [delta('😀'), delta('b')], cut: undefined });
  });

  test('waits for its consumer, however late, and loses nothing', async () => {
    const all = Array.from({ length: 2000 }, (_, i) => delta(`${i} ${'x'.repeat(500)}`));
    const answer = await askStream(endedStream(...all, DONE));
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(await consumed(answer)).toEqual({ events: all, cut: undefined });
  });

  test('may be paused and resumed at each event', async () => {
    const all = Array.from({ length: 300 }, (_, i) => delta(`${i} ${'x'.repeat(2000)}`));
    const answer = await askStream(endedStream(...all, DONE));
    const { events: given, cut } = await consumed(answer, (_, stream) => {
      stream.pause();
      setImmediate(() => { stream.resume(); });
    });
    expect({ given: given.length, cut }).toEqual({ given: 300, cut: undefined });
    expect(given).toEqual(all);
  });

  test('holds its upstream back while its consumer is paused, and is not idle then', async () => {
    const chunk = delta('x'.repeat(64 * 1024));
    let written = 0;
    const answer = asStream(await askStream(response => {
      events()(response, response.socket!);
      const more = (): void => {
        while (!response.destroyed && written < 64 * 1024 * 1024 && response.write(chunk)) written += chunk.length;
        written += chunk.length;
      };
      response.on('drain', more);
      more();
    }, { idleMs: 30 }));
    let cut: string | undefined;
    answer.consume({ event: () => { answer.pause(); }, end: () => undefined, cut: reason => { cut = reason; } });
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(cut).toBeUndefined();
    // What the sockets of both sides hold, and no more.
    expect(written).toBeLessThan(32 * 1024 * 1024);
    answer.abort();
  });

  test('ends at [DONE] although the upstream lingers, and even without a blank line behind it', async () => {
    expect(await consumed(await askStream(events(delta('a'), DONE), { idleMs: 200 }))).toEqual({ events: [delta('a')], cut: undefined });
    await until(() => upstream.closed === 1);
    expect(await consumed(await askStream(endedStream(delta('a'), 'data: [DONE]')))).toEqual({ events: [delta('a')], cut: undefined });
  });

  test('takes no content for an error that only mentions one', async () => {
    const all = [delta('{"error": "x"}'), 'data: {"choices":[{"finish_reason":"error"}],"error":null}\n\n'];
    expect(await consumed(await askStream(endedStream(...all, DONE)))).toEqual({ events: all, cut: undefined });
  });
});

describe('a stream that goes wrong after its first event', () => {
  test.each<[string, Behaviour, string, Partial<AttemptLimits>]>([
    ['ends without [DONE]', endedStream(delta('a')), 'ended without [DONE]', {}],
    ['ends within an event', endedStream(delta('a'), 'data: {"cho'), 'ended without [DONE]', {}],
    ['sends an error', events(delta('a'), 'data: {"error":{"message":"a prompt","code":"oom"}}\n\n', DONE), 'reported an error (oom)', {}],
    ['sends an event named error', events(delta('a'), 'event: error\ndata: "a prompt"\n\n'), 'reported an error', {}],
    ['sends half an event without end', events(delta('a'), Buffer.alloc(MAX_EVENT_BYTES + 1, 'x')), 'more than 4 MB', {}],
    ['falls silent', events(delta('a')), 'no event came for 0.04 s', { idleMs: 40 }],
    ['sends only comments', response => {
      events(delta('a'))(response, response.socket!);
      const timer = setInterval(() => response.write(': ping\n\n'), 5);
      response.on('close', () => { clearInterval(timer); });
    }, 'no event came for 0.04 s', { idleMs: 40 }],
    ['sends a byte now and then', response => {
      events(delta('a'))(response, response.socket!);
      const timer = setInterval(() => response.write('d'), 5);
      response.on('close', () => { clearInterval(timer); });
    }, 'no event came for 0.04 s', { idleMs: 40 }],
    ['has no end', response => {
      events()(response, response.socket!);
      const timer = setInterval(() => response.write(delta('a')), 5);
      response.on('close', () => { clearInterval(timer); });
    }, 'the whole reply took too long', { totalMs: 500 }],
  ])('%s is cut, and its call ended', async (_, behaviour, reason, limits) => {
    const { events: given, cut } = await consumed(await askStream(behaviour, limits));
    expect(given[0]).toBe(delta('a'));
    expect(cut).toContain(reason);
    expect(cut).not.toContain('prompt');
    expect(over).toBe(1);
  });

  test.each(['resetAndDestroy', 'destroy'] as const)('loses its connection by %s is cut', async how => {
    let lose = (): void => undefined;
    const answer = await askStream((response, socket) => {
      events(delta('a'))(response, socket);
      lose = () => void socket[how]();
    });
    lose();
    const { events: given, cut } = await consumed(answer);
    expect(given).toEqual([delta('a')]);
    expect(cut).toContain('broke off');
    expect(over).toBe(1);
  });

  test('is longer than its bound is cut', async () => {
    const chunk = delta('x'.repeat(1024 * 1024));
    let bytes = 0;
    const answer = asStream(await askStream(response => {
      events()(response, response.socket!);
      const more = (): void => { while (!response.destroyed && response.write(chunk)); };
      response.on('drain', more);
      more();
    }));
    const cut = await new Promise<string>(resolve => {
      answer.consume({ event: event => { bytes += event.length; }, end: () => { resolve(''); }, cut: resolve });
    });
    expect(cut).toBe('the stream is longer than 256 MB');
    expect(bytes).toBeLessThanOrEqual(256 * 1024 * 1024);
  }, 30_000);

  test('tells the consumer that comes later', async () => {
    const answer = await askStream(endedStream(delta('a'), delta('b')));
    await until(() => over === 1);
    expect(await consumed(answer)).toEqual({ events: [delta('a'), delta('b')], cut: 'the stream ended without [DONE]' });
  });
});

describe('an aborted stream', () => {
  test.each(['before it is consumed', 'within an event'])('%s gives nothing more and closes its connection', async when => {
    const answer = asStream(await askStream(events(delta('a') + delta('b') + delta('c'))));
    const given: string[] = [];
    if (when === 'before it is consumed') answer.abort();
    const fail = (): void => void given.push('ended');
    answer.consume({ event: event => { given.push(String(event)); answer.abort(); }, end: fail, cut: fail });
    await until(() => upstream.closed === 1);
    expect(given).toEqual(when === 'before it is consumed' ? [] : [delta('a')]);
    expect(over).toBe(1);
  });
});
