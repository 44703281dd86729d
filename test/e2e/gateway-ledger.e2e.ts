/** The ledger against a real Valkey with cluster mode on: the same answers as in memory, no overshoot over processes, and no money lost when it hangs or dies. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { Cluster } from 'iovalkey';
import { CounterState, Ledger } from '../../lib/gateway/ledger';
import { MemoryLedger } from '../../lib/gateway/memory-ledger';
import { Period, periodAt } from '../../lib/gateway/periods';
import { connect } from '../../lib/services/gateway/ledger/connect';
import { FailureRule, GuardedLedger, Trouble } from '../../lib/services/gateway/ledger/guarded-ledger';
import { ledgerScripts } from '../../lib/services/gateway/ledger/scripts';
import { ValkeyClient, ValkeyLedger } from '../../lib/services/gateway/ledger/valkey-ledger';
import { COUNTERS, NOON, call, histories, play, playAtOnce, settlement } from '../lib/gateway/ledger-histories';
import { eventually } from './harness/aws';
import { ROOT } from './harness/paths';
import { Valkey } from './harness/valkey';

const MONTH = COUNTERS[0]!;
const NOTHING: CounterState = { spent: 0, reserved: 0, open: 0, expired: 0, expiredAmount: 0 };

let valkey: Valkey;
let client: ValkeyClient;
let gateways = 0;
const newGateway = (): string => `gateway-${++gateways}`;
beforeAll(async () => {
  valkey = await Valkey.start();
  client = await connected(valkey.clusterUrl);
});
afterAll(async () => {
  client.disconnect();
  await valkey.stop();
});

async function connected(url: string): Promise<ValkeyClient> {
  const fresh = connect(url, () => undefined);
  await once(fresh, 'ready');
  return fresh;
}
const month = async (ledger: Pick<Ledger, 'read'>): Promise<CounterState> => (await ledger.read([MONTH]))[0]!;

describe('in a cluster', () => {
  test('cluster mode is on: a script over two slots fails', async () => {
    expect(client).toBeInstanceOf(Cluster);
    await expect(client.eval('return 1', 2, '{a}:x', '{b}:x')).rejects.toThrow('CROSSSLOT');
  });

  test('all keys of a gateway are in one slot, and none has a time to live', async () => {
    const gateway = newGateway();
    const ledger = new ValkeyLedger(client, gateway);
    const given = { counters: COUNTERS.map(counter => ({ ...counter, limit: 100 })), minute: { name: 'k1', requests: 5, tokens: 1_000 }, run: 'DraftNote r1' };
    for (const id of ['a', 'b']) await ledger.reserve(call(id, given));
    await ledger.settle(settlement(call('a', given), 7));
    const plain = await connected(valkey.url);
    try {
      const keys = (await plain.keys('*')).filter(key => key.includes(`${gateway}}`));
      expect(keys).toHaveLength(2 * COUNTERS.length + 4);
      expect(new Set(await Promise.all(keys.map(key => plain.call('CLUSTER', 'KEYSLOT', key)))).size).toBe(1);
      expect(new Set(await Promise.all(keys.map(key => plain.ttl(key))))).toEqual(new Set([-1]));
    } finally {
      plain.disconnect();
    }
  });

  /** The same scripts, with a time of ours in place of the server's. */
  const at = (gateway: string) => (now: number): ValkeyLedger => new ValkeyLedger(client, gateway, ledgerScripts(`local now = ${now}\n`));

  test('every history has the answers it has in memory', () => fc.assert(fc.asyncProperty(histories, async history => {
    let time = 0;
    const memory = new MemoryLedger(() => time);
    const expected = await play(history, now => {
      time = now;
      return memory;
    });
    expect(await play(history, at(newGateway()))).toEqual(expected);
  }), { numRuns: 200 }));

  test('every history of many callers at once has the answers it has one by one', () => fc.assert(fc.asyncProperty(
    histories, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }), async (history, crowds) => {
      let time = 0;
      const memory = new MemoryLedger(() => time);
      const expected = await playAtOnce(history, [1], now => {
        time = now;
        return memory;
      });
      expect(await playAtOnce(history, crowds, at(newGateway()))).toEqual(expected);
    },
  ), { numRuns: 200 }));

  test('more at once than one script may take: of 300 reservations those that came first fit', async () => {
    const gateway = newGateway();
    const ledger = new ValkeyLedger(client, gateway);
    const calls = Array.from({ length: 300 }, (_, n) => call(`call-${n}`, { counters: [{ ...MONTH, limit: 2_000 }] }));
    const answers = await Promise.all(calls.map(each => ledger.reserve(each)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(calls.map((_, n) => n < 200 ? 'reserved' : 'exhausted'));
    await Promise.all(calls.slice(0, 200).map(each => ledger.settle(settlement(each, 3))));
    expect(await month(ledger)).toEqual({ ...NOTHING, spent: 600 });
  });

  test('a step that the store refuses fails with all of its batch; repeated, those that were done change nothing', async () => {
    const gateway = newGateway();
    const ledger = new ValkeyLedger(client, gateway);
    await client.set(`{${gateway}}:counter:day:broken`, 'not a hash');
    const bad = call('bad', { counters: [{ name: 'broken', period: 'day', limit: null }] });
    const both = await Promise.allSettled([ledger.settle(settlement(call('good'), 7)), ledger.reserve(bad)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await ledger.settle(settlement(call('good'), 7));
    await expect(ledger.reserve(bad)).rejects.toThrow('WRONGTYPE');
    expect(await month(ledger)).toEqual({ ...NOTHING, spent: 7 });
  });

  test('what still waits when it is closed is sent', async () => {
    const gateway = newGateway();
    const ledger = new ValkeyLedger(await connected(valkey.clusterUrl), gateway);
    const settled = ['a', 'b'].map(id => ledger.settle(settlement(call(id), 7)));
    await ledger.close();
    await Promise.all(settled);
    expect(await month(new ValkeyLedger(client, gateway))).toEqual({ ...NOTHING, spent: 14 });
  });

  test('its days and months are those of the calendar', () => fc.assert(fc.asyncProperty(
    fc.constantFrom<Period>('day', 'month'), fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2200, 0) }), async (period, now) => {
      const gateway = newGateway();
      await at(gateway)(now).read([{ name: 'x', period }]);
      expect(Number(await client.hget(`{${gateway}}:counter:${period}:x`, 'period'))).toBe(periodAt(period, now));
    },
  )));

  test('by the server\'s own clock a reservation expires, and is counted as expired', async () => {
    const ledger = new ValkeyLedger(client, newGateway());
    await ledger.reserve(call('a', { expiresInMs: 50 }));
    await ledger.reserve(call('b'));
    expect(await eventually(() => month(ledger), ({ open }) => open === 1)).toEqual({ ...NOTHING, reserved: 10, open: 1, expired: 1, expiredAmount: 10 });
    expect((await ledger.reserve(call('c', { amount: 91 }))).outcome).toBe('exhausted');
    expect((await ledger.reserve(call('c', { amount: 90 }))).outcome).toBe('reserved');
  });

  test('more expired than one step clears: all are gone when read', async () => {
    const of = at(newGateway());
    const counters = [{ ...MONTH, limit: null }];
    const ledger = of(NOON);
    await Promise.all(Array.from({ length: 450 }, (_, n) => ledger.reserve(call(String(n), { counters, expiresInMs: 5 }))));
    expect(await month(of(NOON + 5))).toEqual({ ...NOTHING, expired: 450, expiredAmount: 4_500 });
  });

  test('runs of yesterday, settlements of an hour ago and what a minute knew of settled calls leave nothing in the store', async () => {
    const gateway = newGateway();
    const given = { minute: { name: 'k1', requests: 5, tokens: null } };
    for (const [index, now] of [NOON, NOON + 24 * 3_600_000].entries()) {
      const reservation = call(`call-${index}`, { ...given, run: `run-${index}` });
      await at(gateway)(now).reserve(reservation);
      await at(gateway)(now).settle(settlement(reservation, 1));
    }
    const key = (name: string): string => `{${gateway}}:${name}`;
    expect(await client.zrange(key('runs'), 0, -1)).toEqual(['run-1']);
    expect(await client.hgetall(key('first-calls'))).toEqual({ 'run-1': 'call-1' });
    expect(await client.zrange(key('settled'), 0, -1)).toEqual(['call-1']);
    expect(Object.keys(await client.hgetall(key('minute:k1'))).sort()).toEqual(['minute', 'requests', 'tokens']);
  });
});

/** Many callers, each reserving and settling by turns; every third call costs half, every fifth nothing. Prints what was settled. */
const CALLERS = `
const { connect } = require('./lib/services/gateway/ledger/connect');
const { ValkeyLedger } = require('./lib/services/gateway/ledger/valkey-ledger');
const [url, gateway, name, callers, calls, limit, settles] = process.argv.slice(1);
const client = connect(url, () => undefined);
client.once('ready', async () => {
  const ledger = new ValkeyLedger(client, gateway);
  const counters = [{ name: 'global', period: 'month', limit: Number(limit) }, { name: 'key:' + name, period: 'day', limit: null }];
  const told = { reserved: 0, exhausted: 0, spent: 0 };
  await Promise.all(Array.from({ length: Number(callers) }, async (_, caller) => {
    for (let n = 0; n < Number(calls); n++) {
      const id = [name, caller, n].join('-');
      const answer = await ledger.reserve({ id, amount: 10, tokens: 1, expiresInMs: settles === 'yes' ? 600_000 : 500, counters, minute: null, run: null });
      if (answer.outcome !== 'reserved') { told.exhausted++; continue; }
      told.reserved++;
      if (settles !== 'yes') continue;
      const spent = n % 5 === 0 ? 0 : n % 3 === 0 ? 5 : 10;
      await ledger.settle({ id, reserved: 10, tokensReserved: 1, counters, minute: null, spent, tokensUsed: 1, releaseRun: null });
      told.spent += spent;
    }
  }));
  console.log(JSON.stringify(told));
  if (settles === 'yes') await ledger.close();
  else setInterval(() => undefined, 1_000);
});`;

interface Told {
  readonly reserved: number;
  readonly exhausted: number;
  readonly spent: number;
}

function callers(gateway: string, name: string, many: number, calls: number, limit: number, settles: 'yes' | 'no' = 'yes'): ChildProcess {
  const args = ['--import', 'tsx', '--input-type', 'commonjs', '-e', CALLERS, valkey.clusterUrl, gateway, name, String(many), String(calls), String(limit), settles];
  return spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
}
async function told(child: ChildProcess): Promise<Told> {
  const [line] = await once(child.stdout!, 'data') as [Buffer];
  return JSON.parse(line.toString()) as Told;
}

describe('over processes', () => {
  test('four with 200 callers each and a budget for half: not a nano-dollar over, and the ledger is the sum of what they settled', async () => {
    const gateway = newGateway();
    const ledger = new ValkeyLedger(client, gateway);
    // Of 4 processes x 200 callers x 25 calls of 10 half may be spent; what they cost in the end is two thirds.
    const limit = 4 * 200 * 25 * 10 / 2;
    const all = ['p1', 'p2', 'p3', 'p4'].map(name => told(callers(gateway, name, 200, 25, limit)));
    let most = 0;
    let running = true;
    const watched = (async () => {
      while (running) {
        const { spent, reserved } = await month(ledger);
        most = Math.max(most, spent + reserved);
      }
    })();
    const sums = await Promise.all(all);
    running = false;
    await watched;
    const spent = sums.reduce((sum, each) => sum + each.spent, 0);
    expect(most).toBeLessThanOrEqual(limit);
    expect(most).toBeGreaterThan(0);
    expect(sums.reduce((sum, each) => sum + each.exhausted, 0)).toBeGreaterThan(0);
    expect(await month(ledger)).toEqual({ ...NOTHING, spent });
    expect(spent).toBeGreaterThan(limit / 2);
    const keys = await ledger.read(['p1', 'p2', 'p3', 'p4'].map(name => ({ name: `key:${name}`, period: 'day' })));
    expect(keys.map(state => state.spent)).toEqual(sums.map(each => each.spent));
  });

  test('many that start, again and again, neither reset nor multiply what is counted', async () => {
    const gateway = newGateway();
    await new ValkeyLedger(client, gateway).settle(settlement(call('a'), 42));
    const states = await Promise.all(Array.from({ length: 8 }, async () => {
      const own = await connected(valkey.clusterUrl);
      const ledger = new ValkeyLedger(own, gateway);
      await ledger.ping();
      const state = await month(ledger);
      await ledger.close();
      return state;
    }));
    expect(states).toEqual(states.map(() => ({ ...NOTHING, spent: 42 })));
  });

  test('of one that is killed the reservations expire, and nothing is counted', async () => {
    const gateway = newGateway();
    const child = callers(gateway, 'dies', 20, 1, 1_000, 'no');
    expect(await told(child)).toMatchObject({ reserved: 20 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await eventually(() => month(new ValkeyLedger(client, gateway)), ({ open }) => open === 0)).toEqual({ ...NOTHING, expired: 20, expiredAmount: 200 });
  });
});

describe.each(['url', 'clusterUrl'] as const)('a Valkey that fails, by its %s', kind => {
  let own: Valkey;
  let ledger: GuardedLedger;
  let troubles: Trouble[];
  beforeEach(async () => {
    own = await Valkey.start();
    troubles = [];
    const store = new ValkeyLedger(await connected(own[kind]), newGateway());
    ledger = new GuardedLedger(store, { onTrouble: trouble => void troubles.push(trouble), deadlineMs: 100, leftAloneMs: 300 });
    await ledger.read([MONTH]);
  });
  afterEach(async () => {
    await ledger.close();
    await own.stop();
  });
  const reserve = (id: string, rule: FailureRule = 'closed') => ledger.reserve(call(id), [rule]);
  const back = (): Promise<unknown> => eventually(() => ledger.ping().then(() => ledger.waiting, () => Infinity), waiting => waiting === 0);

  test('frozen: every call is answered, most at once; thawed, it has nothing of them', async () => {
    await reserve('before');
    own.freeze();
    const begun = performance.now();
    for (let n = 0; n < 50; n++) expect(await reserve(`refused-${n}`)).toEqual({ outcome: 'store-unavailable' });
    // Five wait for their deadlines, and one in 300 ms tries again: 50 deadlines would be 5 s.
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(troubles).toContain('store-lost');
    expect(await reserve('local', { openUpTo: 10 })).toMatchObject({ outcome: 'reserved', local: true });
    await ledger.settle(settlement(call('local'), 4));
    await ledger.settle(settlement(call('before'), 7));

    own.thaw();
    await back();
    expect(troubles).toContain('store-back');
    expect(troubles).not.toContain('settlement-dropped');
    expect(await eventually(() => month(ledger), ({ open }) => open === 0)).toEqual({ ...NOTHING, spent: 11 });
    expect(await reserve('after')).toEqual({ outcome: 'reserved', firstOfRun: false });
  });

  test('killed and started again: what was settled meanwhile arrives, and what was counted is there', async () => {
    await reserve('before');
    await reserve('open');
    await own.kill();
    expect(await reserve('refused')).toEqual({ outcome: 'store-unavailable' });
    await ledger.settle(settlement(call('before'), 7));
    expect(ledger.waiting).toBe(1 + 1);
    await own.restart();
    await back();
    expect(await month(ledger)).toEqual({ ...NOTHING, spent: 7, reserved: 10, open: 1 });
    expect(await reserve('after')).toEqual({ outcome: 'reserved', firstOfRun: false });
  });
});
