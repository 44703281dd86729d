/** Kept answers in a real Valkey: shared by processes, spread over a cluster's nodes, evicted before any budget is, and missed when it hangs or dies. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'iovalkey';
import { cacheKey } from '../../lib/gateway/cache/cache-key';
import { CacheEntry, encodeEntry } from '../../lib/gateway/cache/entry';
import { Looked } from '../../lib/gateway/route/ports';
import { CacheTrouble } from '../../lib/services/gateway/cache/guarded-store';
import { ResponseCache } from '../../lib/services/gateway/cache/response-cache';
import { ValkeyStore } from '../../lib/services/gateway/cache/valkey-store';
import { connect } from '../../lib/services/gateway/ledger/connect';
import { ENTRY } from '../lib/gateway/cache/entries';
import { eventually } from './harness/aws';
import { freePort } from './harness/emulator';
import { ROOT, tool } from './harness/paths';
import { Valkey } from './harness/valkey';

const HOUR = 3_600_000;
const keyOf = (n: number | string, tenant = 'acme'): string => cacheKey({ kind: 'chat', tenant, workflow: 'DraftNote', policy: 'p1' }, Buffer.from(`{"model":"any","n":${n}}`));
const answer = (bytes: number): CacheEntry => ({ ...ENTRY, contentType: 'text/event-stream', bytes: Buffer.alloc(bytes, 'data: {"choices":[]}\n\n') });

let gateways = 0;
const newGateway = (): string => `gateway-${++gateways}`;
const caches: ResponseCache[] = [];
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close();
});

async function open(url: string, gateway: string, troubles: CacheTrouble[] = []): Promise<ResponseCache> {
  const client = connect(url, () => undefined);
  await once(client, 'ready');
  const cache = new ResponseCache(new ValkeyStore(client, gateway), { onTrouble: kind => void troubles.push(kind), leftAloneMs: 300 });
  caches.push(cache);
  return cache;
}
async function keep(cache: ResponseCache, key: string, entry: CacheEntry, ttlMs = HOUR): Promise<void> {
  const looked = await cache.look(key);
  if (!('lead' in looked)) throw new Error(`it is a ${looked.kind}`);
  looked.lead.keep(entry, ttlMs);
}
/** Who only looks lets go at once. */
async function look(cache: ResponseCache, key: string): Promise<Looked> {
  const looked = await cache.look(key);
  if ('lead' in looked) looked.lead.release();
  return looked;
}
async function plain<T>(port: number, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ host: '127.0.0.1', port });
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

/** One that is no cluster, of 4 MB, told to evict as ElastiCache Serverless does. It ends when its standard input does. */
class Standalone {
  public static async start(): Promise<Standalone> {
    const port = await freePort();
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--maxmemory', '4mb', '--maxmemory-policy', 'volatile-lru'];
    const keeper = spawn('sh', ['-c', '"$@" & server=$!; read -r word; kill -9 $server', 'sh', tool('valkey-server'), ...args], { stdio: ['pipe', 'ignore', 'inherit'], cwd: '/' });
    const server = new Standalone(keeper, port);
    await eventually(() => plain(port, client => client.ping()).catch(() => ''), said => said === 'PONG');
    return server;
  }

  private constructor(private readonly keeper: ChildProcess, public readonly port: number) {}

  public get url(): string {
    return `valkey://127.0.0.1:${this.port}`;
  }

  public async stop(): Promise<void> {
    this.keeper.stdin!.end('stop\n');
    await once(this.keeper, 'exit');
  }
}

let valkey: Valkey;
let standalone: Standalone;
beforeAll(async () => { [valkey, standalone] = await Promise.all([Valkey.start(), Standalone.start()]); });
afterAll(async () => { await Promise.all([valkey.stop(), standalone.stop()]); });

/** Keeps an answer, says so, and tells what it finds under a key that another process is to fill. */
const OTHER_PROCESS = `
const { connect } = require('./lib/services/gateway/ledger/connect');
const { ResponseCache } = require('./lib/services/gateway/cache/response-cache');
const { ValkeyStore } = require('./lib/services/gateway/cache/valkey-store');
const [url, gateway, mine, others, entry] = process.argv.slice(1);
const client = connect(url, () => undefined);
client.once('ready', async () => {
  const cache = new ResponseCache(new ValkeyStore(client, gateway), { onTrouble: () => undefined });
  (await cache.look(mine)).lead.keep({ ...JSON.parse(entry), bytes: Buffer.from('the other process') }, 60_000);
  console.log('kept');
  for (;;) {
    const looked = await cache.look(others);
    if (looked.lead) looked.lead.release();
    else {
      console.log(looked.kind + ' ' + looked.entry.bytes.toString());
      break;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  await cache.close();
});`;

describe.each<[string, () => string]>([
  ['a server by itself', () => standalone.url], ['a node of a cluster', () => valkey.url], ['a cluster', () => valkey.clusterUrl],
])('in %s', (_, url) => {
  test('what one has kept is a hit for another of the same gateway, byte for byte, and nothing for another gateway or tenant', async () => {
    const gateway = newGateway();
    const [one, two, foreign] = [await open(url(), gateway), await open(url(), gateway), await open(url(), newGateway())];
    const entry = { ...ENTRY, bytes: Buffer.from(Array.from({ length: 70_000 }, (_each, i) => i * 7 % 256)) };
    await keep(one, keyOf(1), entry);
    const hit = await eventually(() => look(two, keyOf(1)), ({ kind }) => kind === 'hit');
    expect(hit).toEqual({ kind: 'hit', entry });
    expect((await look(foreign, keyOf(1))).kind).toBe('miss');
    expect((await look(one, keyOf(1, 'other'))).kind).toBe('miss');
  });

  test('processes share answers, both ways', async () => {
    const gateway = newGateway();
    const args = ['--import', 'tsx', '--input-type', 'commonjs', '-e', OTHER_PROCESS, url(), gateway, keyOf('theirs'), keyOf('ours'), JSON.stringify(ENTRY)];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const [kept] = await once(child.stdout, 'data') as [Buffer];
    expect(kept.toString()).toBe('kept\n');
    const cache = await open(url(), gateway);
    const theirs = await eventually(() => look(cache, keyOf('theirs')), ({ kind }) => kind === 'hit');
    expect('entry' in theirs && theirs.entry.bytes.toString()).toBe('the other process');
    const told = once(child.stdout, 'data') as Promise<[Buffer]>;
    await keep(cache, keyOf('ours'), { ...ENTRY, bytes: Buffer.from('this process') });
    expect((await told)[0].toString()).toBe('hit this process\n');
    await once(child, 'exit');
  });

  test('the server forgets it after its time', async () => {
    const gateway = newGateway();
    const cache = await open(url(), gateway);
    await keep(cache, keyOf('long'), ENTRY);
    await keep(cache, keyOf('short'), ENTRY, 20.5);
    const port = Number(new URL(url()).port);
    await eventually(() => plain(port, client => client.pttl(`${gateway}:answer:${keyOf('long')}`)), left => left > HOUR - 60_000 && left <= HOUR);
    await eventually(() => plain(port, client => client.exists(`${gateway}:answer:${keyOf('short')}`)), there => there === 0);
    expect([(await look(cache, keyOf('long'))).kind, (await look(cache, keyOf('short'))).kind]).toEqual(['hit', 'miss']);
  });

  test('what stands there and is no answer is a miss', async () => {
    const gateway = newGateway();
    const cache = await open(url(), gateway);
    const client = connect(url(), () => undefined);
    await once(client, 'ready');
    const whole = encodeEntry(ENTRY, keyOf(1));
    for (const value of [Buffer.from('hello'), whole.subarray(0, -1), encodeEntry(ENTRY, keyOf(2)), Buffer.alloc(0)]) {
      await client.set(`${gateway}:answer:${keyOf(1)}`, value);
      expect((await look(cache, keyOf(1))).kind).toBe('miss');
    }
    await client.set(`${gateway}:answer:${keyOf(1)}`, whole);
    expect((await look(cache, keyOf(1))).kind).toBe('hit');
    client.disconnect();
  });
});

test('a full server evicts answers, and nothing that has no time to live, as budgets have none', async () => {
  const troubles: CacheTrouble[] = [];
  const cache = await open(standalone.url, newGateway(), troubles);
  const spent = await plain(standalone.port, async client => {
    await client.hset('{gateway}:counter:month:global', 'spent', '42');
    for (let n = 0; n < 200; n++) await keep(cache, keyOf(n), answer(64 * 1024));
    const evicted = Number(/evicted_keys:(\d+)/.exec(await client.info('stats'))![1]);
    expect(evicted).toBeGreaterThan(100);
    return client.hget('{gateway}:counter:month:global', 'spent');
  });
  expect([spent, troubles]).toEqual(['42', []]);
  const kinds = [];
  for (let n = 0; n < 200; n++) kinds.push((await look(cache, keyOf(n))).kind);
  expect([kinds[0], kinds[199], new Set(kinds)]).toEqual(['miss', 'hit', new Set(['miss', 'hit'])]);
});

test('a server that is full and must not evict still gives; it is told once', async () => {
  const troubles: CacheTrouble[] = [];
  const cache = await open(standalone.url, newGateway(), troubles);
  await keep(cache, keyOf('before'), ENTRY);
  try {
    await plain(standalone.port, async client => {
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.config('SET', 'maxmemory', '1');
    });
    for (let n = 0; n < 10; n++) await keep(cache, keyOf(`full ${n}`), ENTRY);
    await eventually(async () => troubles.length, many => many > 0);
    expect((await look(cache, keyOf('before'))).kind).toBe('hit');
    expect(troubles).toEqual(['writes-lost']);
  } finally {
    await plain(standalone.port, async client => {
      await client.config('SET', 'maxmemory', '4mb');
      await client.config('SET', 'maxmemory-policy', 'volatile-lru');
    });
  }
});

test('a cluster of two nodes has answers on both', async () => {
  const other = await Valkey.start();
  const own = await Valkey.start();
  try {
    const ask = (port: number, ...args: readonly string[]): Promise<unknown> => plain(port, client => client.call('CLUSTER', [...args]));
    await ask(own.port, 'DELSLOTSRANGE', '8192', '16383');
    await ask(other.port, 'DELSLOTSRANGE', '0', '8191');
    await ask(other.port, 'BUMPEPOCH');
    const bus = /:\d+@(\d+)/.exec(String(await ask(other.port, 'NODES')))![1]!;
    await ask(own.port, 'MEET', '127.0.0.1', String(other.port), bus);
    for (const { port } of [own, other]) await eventually(() => ask(port, 'INFO'), state => /cluster_state:ok[\s\S]*cluster_known_nodes:2[\s\S]*cluster_size:2/.test(String(state)));

    const cache = await open(own.clusterUrl, newGateway());
    for (let n = 0; n < 200; n++) await keep(cache, keyOf(n), ENTRY);
    const sizes = await eventually(() => Promise.all([own, other].map(({ port }) => plain(port, client => client.dbsize()))), ([a = 0, b = 0]) => a + b === 200);
    for (const size of sizes) expect(size).toBeGreaterThan(60);
    for (let n = 0; n < 200; n++) expect((await look(cache, keyOf(n))).kind).toBe('hit');
  } finally {
    await Promise.all([own.stop(), other.stop()]);
  }
});

describe.each(['url', 'clusterUrl'] as const)('a Valkey that fails, by its %s', kind => {
  let own: Valkey;
  let cache: ResponseCache;
  let troubles: CacheTrouble[];
  beforeEach(async () => {
    own = await Valkey.start();
    troubles = [];
    cache = await open(own[kind], newGateway(), troubles);
    await keep(cache, keyOf('before'), ENTRY);
    await eventually(() => look(cache, keyOf('before')), looked => looked.kind === 'hit');
  });
  afterEach(async () => {
    await own.stop();
  });

  test('frozen: a miss within the deadline, then at once; thawed, it has what it had', async () => {
    own.freeze();
    const begun = performance.now();
    expect((await look(cache, keyOf('before'))).kind).toBe('failed');
    // 50 ms, and what a busy machine adds.
    expect(performance.now() - begun).toBeLessThan(500);
    for (let n = 0; n < 100; n++) {
      const looked = await cache.look(keyOf(n));
      expect(looked.kind).toBe('failed');
      if ('lead' in looked) looked.lead.keep(ENTRY, HOUR);
    }
    // Five wait for their deadline, and one in 300 ms tries again: 100 deadlines would be 5 s.
    expect(performance.now() - begun).toBeLessThan(2_500);
    expect(troubles[0]).toBe('reads-lost');
    own.thaw();
    await eventually(() => look(cache, keyOf('before')), looked => looked.kind === 'hit');
    expect(troubles.filter(trouble => trouble.startsWith('reads'))).toEqual(['reads-lost', 'reads-back']);
  });

  test('killed and started again: misses at once meanwhile, then hits', async () => {
    await own.kill();
    const begun = performance.now();
    for (let n = 0; n < 100; n++) expect((await look(cache, keyOf('before'))).kind).toBe('failed');
    expect(performance.now() - begun).toBeLessThan(2_500);
    await own.restart();
    expect((await eventually(() => look(cache, keyOf('before')), looked => looked.kind === 'hit')).kind).toBe('hit');
    expect(troubles).toEqual(['reads-lost', 'reads-back']);
  });
});
