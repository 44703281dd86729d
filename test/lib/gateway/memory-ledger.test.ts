/** The ledger's promises, shown on the one in memory; test/e2e/gateway-ledger.e2e.ts shows that Valkey answers the same. */
import * as fc from 'fast-check';
import { CounterState, Reservation } from '../../../lib/gateway/ledger';
import { MemoryLedger } from '../../../lib/gateway/memory-ledger';
import { COUNTERS, NOON, Told, call, histories, moments, play, settlement } from './ledger-histories';

const MINUTE = 60_000;
const NOTHING: CounterState = { spent: 0, reserved: 0, open: 0, expired: 0, expiredAmount: 0 };
const [MONTH, DAY] = [COUNTERS[0]!, COUNTERS[1]!];

let now: number;
let ledger: MemoryLedger;
beforeEach(() => {
  now = NOON;
  ledger = new MemoryLedger(() => now);
});
const reserved = (firstOfRun = false) => ({ outcome: 'reserved', firstOfRun });
const month = async (): Promise<CounterState> => (await ledger.read([MONTH]))[0]!;

function fresh(): (at: number) => MemoryLedger {
  let time = NOON;
  const one = new MemoryLedger(() => time);
  return at => {
    time = at;
    return one;
  };
}
const last = (told: readonly Told[]) => told.at(-1)?.states ?? [];

describe('in every history', () => {
  test('what is newly reserved fits every limit, and a refusal changes nothing', () => fc.assert(fc.asyncProperty(histories, async history => {
    let before: readonly CounterState[] = COUNTERS.map(() => NOTHING);
    for (const { step, answer, states } of await play(history, fresh())) {
      if (step.do === 'reserve' && answer) {
        const { counters, amount } = history.calls[step.call % history.calls.length]!;
        if (answer.outcome !== 'reserved') expect(states).toEqual(before);
        for (const { name, period, limit } of counters) {
          const at = COUNTERS.findIndex(each => each.name === name && each.period === period);
          const [was, is] = [before[at]!, states[at]!];
          if (is.open > was.open) {
            expect(is.reserved).toBe(was.reserved + amount);
            expect(is.spent + is.reserved).toBeLessThanOrEqual(limit ?? Infinity);
          }
        }
      }
      before = states;
    }
  })));

  test('spent is the sum of what was settled, each call once', () => fc.assert(fc.asyncProperty(moments, async history => {
    const seen = new Set<number>();
    const spent = COUNTERS.map(() => 0);
    for (const step of history.steps) {
      if (step.do !== 'settle' || seen.has(step.call % history.calls.length)) continue;
      seen.add(step.call % history.calls.length);
      const { amount, counters } = history.calls[step.call % history.calls.length]!;
      for (const [at, { name, period }] of COUNTERS.entries()) {
        if (counters.some(each => each.name === name && each.period === period)) spent[at]! += Math.floor(amount * step.percent / 100);
      }
    }
    if (history.steps.length > 0) expect(last(await play(history, fresh())).map(state => state.spent)).toEqual(spent);
  })));

  test('every step twice is every step once', () => fc.assert(fc.asyncProperty(moments, async history => {
    const once = await play(history, fresh());
    const twice = await play({ ...history, steps: history.steps.flatMap(step => [step, step]) }, fresh());
    expect(last(twice)).toEqual(last(once));
    for (const [at, { step, answer }] of once.entries()) {
      // What is refused a moment later may still be refused; what is reserved is so with the same answer.
      if (step.do === 'reserve' && answer?.outcome === 'reserved') expect(twice[2 * at + 1]!.answer).toEqual(answer);
    }
  })));

  test('the order of settlements does not matter', () => fc.assert(fc.asyncProperty(moments.chain(history => {
    const settles = history.calls.map((_, at) => ({ do: 'settle' as const, call: at, percent: 70, release: false }));
    return fc.tuple(fc.constant(history), fc.constant(settles), fc.shuffledSubarray(settles, { minLength: settles.length }));
  }), async ([history, settles, shuffled]) => {
    const reserves = history.steps.filter(step => step.do === 'reserve');
    const [inOrder, otherwise] = await Promise.all([settles, shuffled].map(all => play({ ...history, steps: [...reserves, ...all] }, fresh())));
    expect(last(otherwise!)).toEqual(last(inOrder!));
  })));

  test('after settlements of nothing and expiry nothing is reserved, and only settled money is spent', () => fc.assert(fc.asyncProperty(moments, async history => {
    const told = await play({ ...history, steps: [...history.steps, { do: 'pass', ms: 900_000 }] }, fresh());
    const before = told.at(-2)?.states ?? COUNTERS.map(() => NOTHING);
    for (const [at, state] of last(told).entries()) {
      const { spent, reserved: amount, open } = before[at]!;
      expect(state).toEqual({ spent, reserved: 0, open: 0, expired: open, expiredAmount: amount });
    }
  })));
});

describe('a budget', () => {
  test('is told apart by counter, with what is in its way; nothing is reserved on the others', async () => {
    const counters = [{ ...MONTH, limit: null }, { ...DAY, limit: 25 }];
    for (const id of ['a', 'b']) expect(await ledger.reserve(call(id, { counters }))).toEqual(reserved());
    await ledger.settle(settlement(call('a', { counters }), 7));
    expect(await ledger.reserve(call('c', { counters }))).toEqual({ outcome: 'exhausted', counter: 1, spent: 7, reserved: 10, periodEndsInMs: 12 * 60 * MINUTE });
    expect(await ledger.read([MONTH, DAY])).toEqual([7, 7].map(spent => ({ ...NOTHING, spent, reserved: 10, open: 1 })));
  });

  test('two limits on one counter are one reservation', async () => {
    const counters = [{ ...MONTH, limit: 20 }, { ...MONTH, limit: 15 }];
    await ledger.reserve(call('a', { counters }));
    expect(await month()).toMatchObject({ reserved: 10, open: 1 });
    expect(await ledger.reserve(call('b', { counters }))).toMatchObject({ outcome: 'exhausted', counter: 1 });
    await ledger.settle(settlement(call('a', { counters }), 4));
    expect(await month()).toEqual({ ...NOTHING, spent: 4 });
  });

  test('starts from 0 in a new period; what is open stays reserved and is spent in the new one', async () => {
    const long = { expiresInMs: 40 * 24 * 60 * MINUTE };
    for (const id of ['a', 'b']) await ledger.reserve(call(id, long));
    await ledger.settle(settlement(call('a'), 10));
    now = Date.UTC(2026, 8, 30, 23, 59, 59, 999);
    expect(await month()).toEqual({ ...NOTHING, spent: 10, reserved: 10, open: 1 });
    now += 1;
    expect(await month()).toEqual({ ...NOTHING, reserved: 10, open: 1 });
    await ledger.settle(settlement(call('b'), 8));
    expect(await month()).toEqual({ ...NOTHING, spent: 8 });
  });

  test('a refund gives the whole of it back', async () => {
    await ledger.reserve(call('a', { amount: 100 }));
    expect(await ledger.reserve(call('b'))).toMatchObject({ outcome: 'exhausted' });
    await ledger.settle(settlement(call('a', { amount: 100 }), 0));
    expect(await month()).toEqual(NOTHING);
    expect(await ledger.reserve(call('b'))).toEqual(reserved());
  });

  test('money spent is counted even when the reservation expired or never came', async () => {
    await ledger.reserve(call('late', { expiresInMs: 50 }));
    now += 50;
    await ledger.settle(settlement(call('late'), 9));
    await ledger.settle(settlement(call('never'), 3));
    expect(await month()).toEqual({ ...NOTHING, spent: 12, expired: 1, expiredAmount: 10 });
    expect(await ledger.reserve(call('never'))).toEqual(reserved());
    expect(await month()).toMatchObject({ reserved: 0 });
  });
});

describe('limits of a minute', () => {
  const minute = { name: 'k1', requests: 2, tokens: 250 };
  const limited = (id: string, tokens = 100): Reservation => call(id, { minute, tokens });

  test('requests: the third is told when to come again, and nothing of it is reserved', async () => {
    now += 20_000;
    for (const id of ['a', 'b']) await ledger.reserve(limited(id));
    expect(await ledger.reserve(limited('c'))).toEqual({ outcome: 'rate-limited', limit: 'requests', used: 2, retryInMs: 40_000 });
    expect(await month()).toMatchObject({ reserved: 20, open: 2 });
    now += 40_000;
    expect(await ledger.reserve(limited('c'))).toEqual(reserved());
  });

  test('requests: what is told not to count them does not', async () => {
    for (const id of ['a', 'b', 'c']) expect(await ledger.reserve(call(id, { minute: { ...minute, requests: null }, tokens: 1 }))).toEqual(reserved());
    expect(await ledger.reserve(limited('d'))).toEqual(reserved());
  });

  test('tokens: a settlement in the same minute corrects them, a later one does not', async () => {
    await ledger.reserve(limited('a', 200));
    expect(await ledger.reserve(limited('b'))).toEqual({ outcome: 'rate-limited', limit: 'tokens', used: 200, retryInMs: MINUTE });
    await ledger.settle(settlement(limited('a', 200), 1, 150));
    expect(await ledger.reserve(limited('b'))).toEqual(reserved());
    now += MINUTE;
    await ledger.settle(settlement(limited('b'), 1, 5));
    expect(await ledger.reserve(limited('c', 251))).toEqual({ outcome: 'rate-limited', limit: 'tokens', used: 0, retryInMs: MINUTE });
  });

  test('a budget in the way takes nothing of the minute', async () => {
    expect(await ledger.reserve({ ...limited('a'), amount: 101 })).toMatchObject({ outcome: 'exhausted' });
    for (const id of ['b', 'c']) expect(await ledger.reserve(limited(id))).toEqual(reserved());
  });

  test('the same id again is no second request, also without any budget', async () => {
    for (let time = 0; time < 3; time++) expect(await ledger.reserve({ ...limited('a'), counters: [] })).toEqual(reserved());
  });
});

describe('a run', () => {
  const run = 'DraftNote r1';
  test('has one first call; where that failed, the next is the first', async () => {
    expect(await ledger.reserve(call('a', { run }))).toEqual(reserved(true));
    expect(await ledger.reserve(call('b', { run }))).toEqual(reserved());
    expect(await ledger.reserve(call('a', { run }))).toEqual(reserved(true));
    // Not the first, so nothing is released.
    await ledger.settle(settlement(call('b'), 0, 0, run));
    expect(await ledger.reserve(call('c', { run }))).toEqual(reserved());
    await ledger.settle(settlement(call('a'), 0, 0, run));
    expect(await ledger.reserve(call('d', { run }))).toEqual(reserved(true));
  });

  test('is known for a day', async () => {
    await ledger.reserve(call('a', { run }));
    now += 24 * 60 * MINUTE - 1;
    expect(await ledger.reserve(call('b', { run }))).toEqual(reserved());
    now += 1;
    expect(await ledger.reserve(call('c', { run }))).toEqual(reserved(true));
  });
});

test.each([['amount', { amount: 1.5 }], ['amount', { amount: -1 }], ['tokens', { tokens: NaN }], ['expiresInMs', { expiresInMs: Infinity }],
  ['limit', { counters: [{ ...MONTH, limit: 0.1 }] }]])('%s that cannot be counted is refused: %j', async (what, given) => {
  await expect(ledger.reserve(call('a', given))).rejects.toThrow(what);
  expect(await month()).toEqual(NOTHING);
});

test('what was spent that cannot be counted is refused', async () => {
  await expect(ledger.settle(settlement(call('a'), 0.5))).rejects.toThrow('spent is 0.5');
  expect(await month()).toEqual(NOTHING);
});
