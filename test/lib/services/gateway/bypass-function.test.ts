/** A function over HTTP that answers calls: what it is sent, and that whatever is wrong with it only costs its deadline. */
import { InputError } from '../../../../lib/errors';
import { BypassFunction } from '../../../../lib/services/gateway/bypass-function';
import { BadUpstream, Behaviour, json } from './upstream/bad-upstream';

// Only the clock that the breaker goes by: timers and the event loop are real.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime'] });
});
const later = (ms: number): void => { jest.setSystemTime(Date.now() + ms); };

const QUESTION = { request: 'req-1', workflow: 'support', tenant: 'acme', run: 'run-7', messages: [{ role: 'user', content: 'When do you bill?' }] } as const;
const WELL = json(200, { content: 'On the 3rd.' });
const silent: Behaviour = () => undefined;

let server: BadUpstream;
const open: BypassFunction[] = [];
const reasons: string[] = [];

function functionAt(url: string, timeoutSeconds = 5, apiKey?: string): BypassFunction {
  const made = new BypassFunction({ url, timeoutSeconds }, apiKey, reason => void reasons.push(reason));
  open.push(made);
  return made;
}

beforeEach(async () => {
  server = await BadUpstream.start(WELL);
  reasons.length = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await server.close();
  await Promise.all(open.splice(0).map(made => made.close()));
});

test('is sent the question with its key, and answers', async () => {
  expect(await functionAt(`${server.url}/faq?v=2`, 5, 'secret-key').ask(QUESTION)).toBe('On the 3rd.');
  const { request, ...body } = QUESTION;
  expect(server.received).toEqual([{
    path: '/v1/faq?v=2', body: JSON.stringify(body),
    headers: expect.objectContaining({ 'content-type': 'application/json', authorization: 'Bearer secret-key', 'x-request-id': request }),
  }]);
  expect(reasons).toEqual([]);
});

test('without a key, none is sent', async () => {
  await functionAt(server.url).ask(QUESTION);
  expect(server.received[0]!.headers).not.toHaveProperty('authorization');
});

test('204 leaves the call to others, and is no failure however often', async () => {
  server.behaviour = response => { response.writeHead(204).end(); };
  const made = functionAt(server.url);
  for (let i = 0; i < 10; i++) expect(await made.ask(QUESTION)).toBeUndefined();
  expect(server.received).toHaveLength(10);
  expect(reasons).toEqual([]);
});

test.each<[string, Behaviour, string]>([
  ['an error', json(500, { content: 'On the 3rd.' }), 'status 500'],
  ['a refusal', json(401, {}), 'status 401'],
  ['a created thing', json(201, { content: 'On the 3rd.' }), 'status 201'],
  ['a text', json(200, 'On the 3rd.'), 'an answer that is not JSON'],
  ['half of a document', json(200, '{"content": "On the'), 'an answer that is not JSON'],
  ['nothing', json(200, ''), 'an answer that is not JSON'],
  ['null', json(200, null), 'an answer without content, which is to be a text that is not empty'],
  ['no content', json(200, { answer: 'On the 3rd.' }), 'an answer without content, which is to be a text that is not empty'],
  ['empty content', json(200, { content: '' }), 'an answer without content, which is to be a text that is not empty'],
  ['content that is no text', json(200, { content: ['On the 3rd.'] }), 'an answer without content, which is to be a text that is not empty'],
  ['too much', json(200, { content: 'x'.repeat(1024 * 1024) }), 'an answer of more than 1048576 bytes'],
  ['a broken connection', (_, socket) => { socket.destroy(); }, 'UND_ERR_SOCKET'],
  ['a connection that breaks in the middle', (response, socket) => {
    response.writeHead(200, { 'content-length': '40' }).write('{"content": "On', () => { socket.destroy(); });
  }, 'UND_ERR_SOCKET'],
])('%s is no answer, and the reason is told', async (_, behaviour, reason) => {
  server.behaviour = behaviour;
  expect(await functionAt(server.url).ask(QUESTION)).toBeUndefined();
  expect(reasons).toEqual([reason]);
});

test('nearly too much is an answer', async () => {
  const content = 'x'.repeat(1024 * 1024 - 20);
  server.behaviour = json(200, { content });
  expect(await functionAt(server.url).ask(QUESTION)).toBe(content);
});

test('a redirect is not followed: it would take the prompt and the key elsewhere', async () => {
  const elsewhere = await BadUpstream.start(WELL);
  server.behaviour = (response): void => { response.writeHead(307, { location: elsewhere.url }).end(); };
  expect(await functionAt(server.url, 5, 'secret-key').ask(QUESTION)).toBeUndefined();
  expect(elsewhere.received).toEqual([]);
  expect(reasons).toEqual(['status 307']);
  await elsewhere.close();
});

test('a server that is not there is told', async () => {
  const gone = await BadUpstream.start(WELL);
  const { url } = gone;
  await gone.close();
  expect(await functionAt(url).ask(QUESTION)).toBeUndefined();
  expect(reasons).toEqual(['ECONNREFUSED']);
});

test.each<[string, Behaviour]>([
  ['before its reply', silent],
  ['after its head', response => { response.writeHead(200).flushHeaders(); }],
  ['in the middle of its content', response => { response.writeHead(200).write('{"content": "On'); }],
])('one that is slow %s is given up at the deadline, with its connection', async (_, behaviour) => {
  server.behaviour = behaviour;
  expect(await functionAt(server.url, 0.05).ask(QUESTION)).toBeUndefined();
  expect(reasons).toEqual(['no answer within 0.05 s']);
  while (server.closed < 1) await new Promise(resolve => setTimeout(resolve, 5));
});

describe('one that has failed 5 times in a row', () => {
  async function dead(): Promise<BypassFunction> {
    const made = functionAt(server.url);
    server.behaviour = json(500, {});
    for (let i = 0; i < 5; i++) await made.ask(QUESTION);
    server.behaviour = WELL;
    return made;
  }

  test('rests for 5 s, in which nobody waits for it and nothing is told', async () => {
    const made = await dead();
    later(4_900);
    for (let i = 0; i < 3; i++) expect(await made.ask(QUESTION)).toBeUndefined();
    expect(server.received).toHaveLength(5);
    expect(reasons).toEqual(Array(5).fill('status 500'));
    later(200);
    expect(await made.ask(QUESTION)).toBe('On the 3rd.');
    expect(await made.ask(QUESTION)).toBe('On the 3rd.');
  });

  test('is tried by one call after that, for which no other waits', async () => {
    const made = await dead();
    let answer: () => void = () => undefined;
    server.behaviour = (response, socket): void => { answer = (): void => WELL(response, socket); };
    later(5_100);
    const trial = made.ask(QUESTION);
    expect(await made.ask(QUESTION)).toBeUndefined();
    while (server.received.length < 6) await new Promise(resolve => setTimeout(resolve, 5));
    answer();
    expect(await trial).toBe('On the 3rd.');
    expect(server.received).toHaveLength(6);
  });

  test('rests again when the one call fails', async () => {
    const made = await dead();
    server.behaviour = json(500, {});
    later(5_100);
    for (let i = 0; i < 3; i++) await made.ask(QUESTION);
    expect(server.received).toHaveLength(6);
    later(5_100);
    await made.ask(QUESTION);
    expect(server.received).toHaveLength(7);
  });
});

test('one that fails now and then is asked every time', async () => {
  const made = functionAt(server.url);
  for (let i = 0; i < 12; i++) {
    server.behaviour = i % 5 === 4 ? WELL : json(500, {});
    await made.ask(QUESTION);
  }
  expect(server.received).toHaveLength(12);
});

test.each(['http://user:secret@faq.internal/', 'http://user@faq.internal/'])('a URL with a user is refused: %s', url => {
  expect(() => functionAt(url)).toThrow(InputError);
  expect(() => functionAt(url)).toThrow(/^url holds a user or a password \(host faq\.internal\)/);
});

test('a key that no header can carry is refused without being shown', () => {
  expect(() => functionAt('http://faq.internal/', 1, 'secret key\n')).toThrow(InputError);
  expect(() => functionAt('http://faq.internal/', 1, 'secret key\n')).not.toThrow(/secret key/);
});
