/** What becomes of calls and of money while the store hangs, fails or loses its answers, and once it is back. */
import { Reservation } from '../../../../../lib/gateway/ledger';
import { FailureRule, GuardedLedger, GuardedReserved, Trouble } from '../../../../../lib/services/gateway/ledger/guarded-ledger';
import { COUNTERS, call, settlement } from '../../../gateway/ledger-histories';
import { UnsteadyStore } from './unsteady-store';

const MONTH = COUNTERS[0]!;
const MINUTE = 60_000;
const OPEN: FailureRule = { openUpTo: 25 };

let store: UnsteadyStore;
let troubles: [Trouble, string][];
let ledger: GuardedLedger;
beforeEach(() => {
  // Timers only: promises and setImmediate are the real ones.
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'], now: Date.UTC(2026, 8, 30, 12) });
  store = new UnsteadyStore();
  troubles = [];
  ledger = new GuardedLedger(store, { onTrouble: (kind, detail) => void troubles.push([kind, detail]), deadlineMs: 100, leftAloneMs: 2_000 });
});
afterEach(() => jest.useRealTimers());

const kinds = (): Trouble[] => troubles.map(([kind]) => kind);
const inside = async () => (await store.inside.read([MONTH]))[0];
/** Time passes, and what was waiting for it is done. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    await jest.advanceTimersByTimeAsync(Math.min(left, 50));
    await new Promise(setImmediate);
  }
}
async function after<T>(ms: number, asked: Promise<T>): Promise<T | 'no answer yet'> {
  await pass(ms);
  return Promise.race([asked, new Promise<'no answer yet'>(resolve => setImmediate(() => resolve('no answer yet')))]);
}
const reserve = (id: string, rules: readonly FailureRule[] = ['closed'], given: Partial<Reservation> = {}): Promise<GuardedReserved> =>
  ledger.reserve(call(id, given), rules);
/** Five calls find out, each by itself. */
async function lose(): Promise<void> {
  for (let failed = 0; failed < 5; failed++) await after(150, reserve(`lost-${failed}`));
  expect(kinds()).toContain('store-lost');
}

test('of a store that works every answer is its own', async () => {
  expect(await reserve('a')).toEqual({ outcome: 'reserved', firstOfRun: false });
  expect(await reserve('b', ['closed'], { amount: 95 })).toMatchObject({ outcome: 'exhausted', counter: 0, reserved: 10 });
  await ledger.settle(settlement(call('a'), 7));
  expect(await ledger.read([MONTH])).toEqual([{ spent: 7, reserved: 0, open: 0, expired: 0, expiredAmount: 0 }]);
  await ledger.ping();
  await ledger.close();
  expect([troubles, store.closed]).toEqual([[], true]);
});

test.each(['hangs', 'fails'] as const)('a store that %s: answers within the deadline, then at once and without asking; it is tried again after a while', async state => {
  store.state = state;
  const hanging = reserve('first');
  expect(await after(50, hanging)).toEqual(state === 'hangs' ? 'no answer yet' : { outcome: 'store-unavailable' });
  expect(await after(100, hanging)).toEqual({ outcome: 'store-unavailable' });
  await lose();
  const { asked } = store;
  for (let n = 0; n < 20; n++) expect(await reserve(`refused-${n}`)).toEqual({ outcome: 'store-unavailable' });
  await expect(ledger.ping()).rejects.toThrow();
  await expect(ledger.read([MONTH])).rejects.toThrow();
  expect(store.asked).toBe(asked);

  store.state = 'works';
  await pass(5_500);
  expect(kinds()).toContain('store-back');
  expect(await reserve('again')).toEqual({ outcome: 'reserved', firstOfRun: false });
});

test('while one call tries whether the store is back, the others do not wait', async () => {
  store.state = 'fails';
  await lose();
  store.state = 'hangs';
  jest.setSystemTime(Date.now() + 2_000);
  const trying = reserve('trying');
  expect(await reserve('other')).toEqual({ outcome: 'store-unavailable' });
  expect(await after(150, trying)).toEqual({ outcome: 'store-unavailable' });
});

test('a reservation whose answer was lost is given back, run and minute included', async () => {
  const given = { run: 'DraftNote r1', minute: { name: 'k1', requests: null, tokens: 150 } };
  store.state = 'answers are lost';
  expect(await after(150, reserve('a', ['closed'], given))).toEqual({ outcome: 'store-unavailable' });
  expect(await inside()).toMatchObject({ reserved: 10 });
  store.state = 'works';
  await pass(1_000);
  expect([await inside(), ledger.waiting]).toEqual([{ spent: 0, reserved: 0, open: 0, expired: 0, expiredAmount: 0 }, 0]);
  expect(await reserve('b', ['closed'], given)).toEqual({ outcome: 'reserved', firstOfRun: true });
});

describe('fail open', () => {
  beforeEach(async () => {
    store.state = 'fails';
    await lose();
  });

  test('this process spends so much on its own word, by reservation and settlement, and no more', async () => {
    for (const id of ['a', 'b']) expect(await reserve(id, [OPEN])).toEqual({ outcome: 'reserved', firstOfRun: false, local: true });
    expect(await reserve('c', [OPEN])).toEqual({ outcome: 'store-unavailable' });
    await ledger.settle(settlement(call('a'), 2));
    expect(await reserve('c', [OPEN])).toMatchObject({ outcome: 'reserved', local: true });
    await ledger.settle(settlement(call('b'), 10));
    await ledger.settle(settlement(call('c'), 10));
    expect(await reserve('d', [OPEN])).toEqual({ outcome: 'store-unavailable' });
  });

  test('one closed budget refuses', async () => {
    const counters = COUNTERS.slice(0, 2).map(counter => ({ ...counter, limit: 100 }));
    expect(await reserve('a', [OPEN, 'closed'], { counters })).toEqual({ outcome: 'store-unavailable' });
    expect(await reserve('a', [OPEN, OPEN], { counters })).toMatchObject({ local: true });
  });

  test('a counter without a limit of its own is held to the rule too', async () => {
    const counters = [{ ...MONTH, limit: null }];
    expect(await reserve('a', [OPEN], { counters, amount: 26 })).toEqual({ outcome: 'store-unavailable' });
    expect(await reserve('a', [OPEN], { counters, amount: 25 })).toMatchObject({ local: true });
  });

  test('a call without budgets goes on, and its minute is held to here', async () => {
    const given = { counters: [], minute: { name: 'k1', requests: 1, tokens: null } };
    expect(await reserve('a', [], given)).toMatchObject({ local: true });
    expect(await reserve('b', [], given)).toEqual({ outcome: 'rate-limited', limit: 'requests', used: 1, retryInMs: expect.any(Number), local: true });
  });

  test('what was spent meanwhile reaches the store when it is back', async () => {
    await reserve('a', [OPEN]);
    await ledger.settle(settlement(call('a'), 7));
    store.state = 'works';
    await pass(10_000);
    expect([await inside(), ledger.waiting]).toEqual([{ spent: 7, reserved: 0, open: 0, expired: 0, expiredAmount: 0 }, 0]);
  });
});

describe('settlements', () => {
  test('whose answer was lost are counted once', async () => {
    await reserve('a');
    store.state = 'answers are lost';
    const settled = ledger.settle(settlement(call('a'), 7));
    await after(150, settled);
    expect(ledger.waiting).toBe(1);
    store.state = 'works';
    await pass(1_000);
    expect([await inside(), ledger.waiting]).toEqual([{ spent: 7, reserved: 0, open: 0, expired: 0, expiredAmount: 0 }, 0]);
  });

  test('are dropped with a word after five minutes', async () => {
    store.state = 'fails';
    await ledger.settle(settlement(call('a'), 7));
    await pass(6 * MINUTE);
    expect(troubles.filter(([kind]) => kind === 'settlement-dropped')).toEqual([['settlement-dropped', 'a spent 7 nano-USD: the store took it not for 5 minutes']]);
    expect(ledger.waiting).toBe(0);
  });

  test('that cannot be counted are dropped with a word, and hold up nothing', async () => {
    await ledger.settle(settlement(call('a'), 0.5));
    expect(troubles).toEqual([['settlement-dropped', expect.stringContaining('spent is 0.5')]]);
    expect([store.asked, ledger.waiting]).toEqual([0, 0]);
  });

  test('are given to the store before the end', async () => {
    store.state = 'fails';
    await ledger.settle(settlement(call('a'), 7));
    store.state = 'works';
    await ledger.close();
    expect([await inside(), store.closed]).toEqual([expect.objectContaining({ spent: 7 }), true]);
  });

  test('of a store that stays away end with a word', async () => {
    store.state = 'hangs';
    const settled = ledger.settle(settlement(call('a'), 7));
    await after(150, settled);
    const closed = ledger.close();
    await pass(3_000);
    await closed;
    expect(troubles.at(-1)).toEqual(['settlement-dropped', 'a spent 7 nano-USD: the gateway ends']);
    expect(store.closed).toBe(true);
  });
});

test('a reservation that cannot be counted is a mistake of ours, not of the store', async () => {
  await expect(reserve('a', [OPEN], { amount: 0.5 })).rejects.toThrow('amount is 0.5');
  expect([store.asked, troubles]).toEqual([0, []]);
});
