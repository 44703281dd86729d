/**
 * Clients and upstreams that mean no good, all at one gateway process with its budgets in Valkey: each is bounded, refused where
 * HTTP lets it, and written down, while another caller is served all the time. In the end the memory was within its bound and
 * the budget holds exactly what the records say. The slow ones are begun first and looked at last.
 */
import { Redis } from 'iovalkey';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { UsageRecord } from '../../lib/contracts/usage-record';
import { CounterState } from '../../lib/gateway/ledger';
import { ValkeyLedger } from '../../lib/services/gateway/ledger/valkey-ledger';
import { eventually } from './harness/aws';
import { GatewayProcess, MESSAGES, OTHER_KEY, configOf, tier } from './harness/gateway';
import { EndlessUpstream, RawClient, callHead, exchange, wholeCall } from './harness/hostile-clients';
import { MemoryWatch, residentMegabytes } from './harness/memory';
import { MockModelProcess } from './harness/upstreams';
import { Valkey } from './harness/valkey';

/**
 * Above what the process takes when warm. One body at its bound (16 MB), a reply at its own (64 MB), and what the garbage
 * collector has not come to yet.
 */
const MOST_MORE_MEGABYTES = 160;
const MEGABYTE = 1024 * 1024;
const TOTAL_SECONDS = 3;
const EVENT = `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'y'.repeat(16_000) } }] })}\n\n`;
const DEAF_CLIENTS = 5;
const IDLE_CONNECTIONS = 1000;

let valkey: Valkey;
let store: Redis;
let mock: MockModelProcess;
let upstreams: Record<'Hose' | 'Deaf' | 'Line' | 'Whole', EndlessUpstream>;
let gateway: GatewayProcess;
let gatewayId: string;
let memory: MemoryWatch;
let warmMegabytes: number;
let slow: Record<'head' | 'body', Dripping> & { readonly deaf: readonly RawClient[] };

const call = (more: object = {}): string => JSON.stringify({ model: 'any', messages: MESSAGES, max_completion_tokens: 100, ...more });
const attack = (body: string | Buffer, headers: Readonly<Record<string, string | number>> = {}): Buffer => wholeCall(OTHER_KEY, body, headers);
const of = (workflow: string, stream: boolean): Buffer => attack(call({ stream }), { 'x-workflow': workflow });

/** Says a beginning, and then the same again and again, slower than anybody needs to. */
class Dripping {
  public readonly client = new RawClient(gateway.port);
  private readonly timer: NodeJS.Timeout;

  public constructor(beginning: string, drop: string) {
    void this.client.say(beginning);
    this.timer = setInterval(() => { void this.client.say(drop); }, 500);
  }

  public async ended(): Promise<RawClient> {
    try {
      return await this.client.ended();
    } finally {
      clearInterval(this.timer);
    }
  }

  public stop(): Promise<void> {
    clearInterval(this.timer);
    return this.client.hangUp();
  }
}

beforeAll(async () => {
  [valkey, mock] = await Promise.all([Valkey.start(), MockModelProcess.start()]);
  store = new Redis({ host: '127.0.0.1', port: valkey.port });
  // A disk that others use would make it a slow store.
  await store.config('SET', 'appendonly', 'no');
  upstreams = {
    Hose: await EndlessUpstream.start('text/event-stream', '', EVENT),
    Deaf: await EndlessUpstream.start('text/event-stream', '', EVENT),
    Line: await EndlessUpstream.start('text/event-stream', 'data: {"id":"x","choices":[]}\n\ndata: "', 'z'.repeat(64 * 1024)),
    Whole: await EndlessUpstream.start('application/json', '{"text":"', 'z'.repeat(64 * 1024)),
  };
  const short = { timeouts: { totalSeconds: TOTAL_SECONDS } };
  const config = configOf([
    tier('Small', mock.url, 'mock-small'), tier('Drip', mock.url, 'mock-drip?fault=endless', short),
    ...Object.entries(upstreams).map(([id, { url }]) => tier(id, url, 'endless', id === 'Deaf' ? short : {})),
  ], { budgets: [{ scope: 'global', period: 'month', usd: 1_000_000, onExhausted: 'block', onStoreFailure: { openUpToUsd: 1_000_000 } }] });
  gatewayId = config.gatewayId;
  const workflows = [{ id: 'Work', tiers: ['Small'] }, ...['Drip', ...Object.keys(upstreams)].map(id => ({ id, tiers: [id] }))];
  gateway = await GatewayProcess.start({ ...config, workflows }, valkey.clusterUrl);
  for (let i = 0; i < 500; i++) await gateway.chat({ stream: i % 2 === 0 });
  warmMegabytes = await residentMegabytes(gateway.pid);
  memory = new MemoryWatch(gateway.pid);
  slow = {
    head: new Dripping('POST /v1/chat/completions HTTP/1.1\r\n', 'x-a: b\r\n'),
    body: new Dripping(callHead(OTHER_KEY, { 'content-length': 10_000 }), ' '),
    deaf: Array.from({ length: DEAF_CLIENTS }, () => new RawClient(gateway.port)),
  };
  for (const client of slow.deaf) {
    client.deafen();
    void client.say(of('Deaf', true));
  }
});
afterAll(async () => {
  store?.disconnect();
  await memory?.stop();
  await Promise.all([slow?.head.stop(), slow?.body.stop(), ...slow?.deaf.map(client => client.hangUp()) ?? []]);
  await gateway?.stop();
  await Promise.all([mock?.stop(), valkey?.stop(), ...Object.values(upstreams ?? {}).map(upstream => upstream.stop())]);
});

/** What an attack comes to; until then another caller makes call after call, and each is answered. */
async function whileServing<T>(attacking: Promise<T>): Promise<T> {
  let over = false;
  const bystander = async (): Promise<void> => {
    do {
      expect((await gateway.chat()).status).toBe(200);
      await pause(10);
    } while (!over);
  };
  const [outcome] = await Promise.all([attacking.finally(() => { over = true; }), bystander()]);
  return outcome;
}

const assault = (...saying: readonly (string | Buffer)[]): Promise<RawClient> => whileServing(exchange(gateway.port, ...saying));

/** Its record, when it is written. */
async function recordOf({ requestId }: RawClient): Promise<UsageRecord> {
  const found = await eventually(async () => gateway.records.find(({ request }) => request === requestId), record => record !== undefined);
  return found!;
}

/** Refused with this status and code, and written down as that. */
async function expectRefused(client: RawClient, status: number, error: string): Promise<void> {
  expect([client.status, client.error]).toEqual([status, error]);
  expect(await recordOf(client)).toMatchObject({ outcome: 'refused', status, error, usage: 'none', costUsd: '0' });
}

/** Refused before there was a call: so it stands in the log. */
async function expectNoCall(saying: string | Buffer, status: number, reason: RegExp): Promise<void> {
  const lines = gateway.log.length;
  const client = await assault(saying);
  expect(client.status).toBe(status);
  const found = await eventually(async () => gateway.log.slice(lines).find(({ msg }) => msg === 'a connection was refused'), line => line !== undefined);
  expect(found?.reason).toMatch(reason);
}

describe('bodies', () => {
  const zeros = Array<Buffer>(100).fill(Buffer.alloc(MEGABYTE, '0'));

  test('100 MB, declared', async () => {
    await expectRefused(await assault(callHead(OTHER_KEY, { 'content-length': 100 * MEGABYTE }), ...zeros), 413, 'request_too_large');
  });

  test('100 MB, in chunks that do not say how many there will be', async () => {
    const chunks = zeros.map(zero => Buffer.concat([Buffer.from(`${MEGABYTE.toString(16)}\r\n`), zero, Buffer.from('\r\n')]));
    await expectRefused(await assault(callHead(OTHER_KEY, { 'transfer-encoding': 'chunked' }), ...chunks, '0\r\n\r\n'), 413, 'request_too_large');
  });

  test('100 MB of somebody without a key', async () => {
    await expectRefused(await assault(callHead('a-key-that-nobody-has-given-out', { 'content-length': 100 * MEGABYTE }), ...zeros), 401, 'invalid_api_key');
  });

  test('a million chunks of one byte: what is kept of them is their bytes', async () => {
    const bytes = Array<string>(100).fill('1\r\n \r\n'.repeat(10_000));
    await expectRefused(await assault(callHead(OTHER_KEY, { 'transfer-encoding': 'chunked' }), ...bytes, '0\r\n\r\n'), 400, 'invalid_json');
  });

  test.each([
    ['lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['objects', `[${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]`],
    ['lists that never close', '['.repeat(100_000)],
  ])('JSON 100,000 levels deep: %s', async (_, deep) => {
    await expectRefused(await assault(attack(`{"model":"any","messages":${deep}}`)), 400, 'invalid_json');
  });

  test('bytes that are no UTF-8', async () => {
    const [before, after] = call().split('many');
    await expectRefused(await assault(attack(Buffer.concat([Buffer.from(before!), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from(after!)]))), 400, 'invalid_json');
  });

  test('compressed, as a small body that may become a large one', async () => {
    await expectRefused(await assault(attack(randomBytes(100), { 'content-encoding': 'gzip' })), 415, 'unsupported_encoding');
  });
});

describe('headers, and what is no HTTP', () => {
  const many = (count: number): Buffer => attack(call(), Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 1])));

  test('a header of 20 KB', () => expectNoCall(attack(call(), { 'x-long': 'a'.repeat(20_000) }), 431, /HEADER_OVERFLOW/));
  test('5,000 headers', () => expectNoCall(many(5000), 431, /HEADER_OVERFLOW/));
  test('200 short headers: none is dropped in silence', async () => { expect((await assault(many(200))).status).toBe(431); });

  test.each<[string, string | Buffer]>([
    ['a TLS handshake', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
    ['bytes at random', Buffer.concat([Buffer.from([0x80]), randomBytes(1000)])],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['two lengths, so that a proxy before us sees another body', `${callHead(OTHER_KEY, { 'content-length': 5, 'transfer-encoding': 'chunked' })}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`],
  ])('%s', (_, bytes) => expectNoCall(bytes, 400, /^HPE_/));

  test('a chunk whose length is no number: the call that had begun is written down', async () => {
    await expectNoCall(`${callHead(OTHER_KEY, { 'transfer-encoding': 'chunked' })}zzzz\r\n`, 400, /^HPE_/);
  });
});

describe('upstreams without an end', () => {
  test('a stream as fast as it can: ends at 256 MB', async () => {
    const client = await assault(of('Hose', true));
    expect(await recordOf(client)).toMatchObject({ outcome: 'cut-short', status: 200, error: 'upstream_failed', usage: 'estimated' });
    expect(upstreams.Hose.sentBytes).toBeGreaterThan(256 * MEGABYTE);
    expect(upstreams.Hose.sentBytes).toBeLessThan(320 * MEGABYTE);
  });

  test('a stream, word by word: ends with the time of the call', async () => {
    const record = await recordOf(await assault(of('Drip', true)));
    expect(record).toMatchObject({ outcome: 'cut-short', status: 200, error: 'upstream_failed', usage: 'estimated' });
    expect(record.latencyMs).toBeGreaterThan(TOTAL_SECONDS * 900);
  });

  test('one event of a stream: ends at 4 MB', async () => {
    expect(await recordOf(await assault(of('Line', true)))).toMatchObject({ outcome: 'cut-short', status: 200, error: 'upstream_failed' });
    expect(upstreams.Line.sentBytes).toBeLessThan(32 * MEGABYTE);
  });

  test('a whole reply, as fast as it can: refused at 64 MB', async () => {
    const client = await assault(of('Whole', false));
    expect([client.status, client.error]).toEqual([503, 'upstream_failed']);
    expect(await recordOf(client)).toMatchObject({ outcome: 'upstream-failed', usage: 'none' });
    expect(upstreams.Whole.sentBytes).toBeLessThan(3 * 128 * MEGABYTE);
  });

  test('a whole reply, word by word: refused with the time of the call', async () => {
    const client = await assault(of('Drip', false));
    expect([client.status, client.error]).toEqual([503, 'upstream_failed']);
    expect(await recordOf(client)).toMatchObject({ outcome: 'upstream-failed', usage: 'none' });
  });
});

describe('connections', () => {
  test(`${IDLE_CONNECTIONS.toLocaleString('en')} that say nothing are closed, each told why`, async () => {
    const clients = await Promise.all(Array.from({ length: IDLE_CONNECTIONS }, () => new RawClient(gateway.port).connected()));
    await whileServing(Promise.all(clients.map(client => client.ended())));
    expect(new Set(clients.map(({ status }) => status))).toEqual(new Set([408]));
  });

  test('2,000 calls in one breath, none waiting for its reply: one is served, none waits unseen', async () => {
    const client = new RawClient(gateway.port);
    await client.say(attack(call()).toString().replace('connection: close', 'connection: keep-alive').repeat(2000));
    await whileServing(eventually(async () => client.heard.match(/HTTP\/1\.1 \d+/g)?.length ?? 0, replies => replies > 1));
    await client.hangUp();
    expect(client.heard.match(/HTTP\/1\.1 \d+/g)?.slice(0, 2)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});

describe('the slow ones', () => {
  test('headers without an end, line by line: refused after 10 s', async () => {
    expect((await slow.head.ended()).status).toBe(408);
    expect(gateway.log.some(({ reason }) => reason === 'ERR_HTTP_REQUEST_TIMEOUT')).toBe(true);
  });

  test('a body byte by byte: refused after a minute, and written down', async () => {
    expect((await whileServing(slow.body.ended())).status).toBe(408);
    const records = await eventually(async () => gateway.records.filter(({ latencyMs }) => latencyMs > 50_000), found => found.length > 0);
    expect(records).toEqual([expect.objectContaining({ key: 'other', outcome: 'client-gone', error: 'invalid_request', usage: 'none' })]);
  });

  test('clients that never read their streams: the upstream is held back, the call ends in time, the connection two minutes later', async () => {
    const records = await eventually(async () => gateway.records.filter(({ workflow }) => workflow === 'Deaf'), found => found.length === DEAF_CLIENTS);
    expect(records.map(({ outcome }) => outcome)).toEqual(Array(DEAF_CLIENTS).fill('cut-short'));
    expect(upstreams.Deaf.sentBytes).toBeLessThan(DEAF_CLIENTS * 64 * MEGABYTE);
    await whileServing(Promise.all(slow.deaf.map(client => client.foundClosed())));
  });
});

test('after all of it: the memory was within its bound, nothing failed inside, nothing is held, and the budget is what the records say', async () => {
  const counter = async (): Promise<CounterState> => (await new ValkeyLedger(store, gatewayId).read([{ name: 'global', period: 'month' }]))[0]!;
  const { spent } = await eventually(counter, ({ open }) => open === 0);
  expect(spent / 1e9).toBeCloseTo(gateway.records.reduce((sum, { costUsd }) => sum + Number(costUsd), 0), 6);
  expect(gateway.log.filter(({ msg }) => msg === 'a call failed')).toEqual([]);
  expect(gateway.words).toEqual([]);
  await memory.stop();
  expect(memory.peak - warmMegabytes).toBeLessThan(MOST_MORE_MEGABYTES);
});
