/** Bounded, oldest first, and one that is never taken holds up no other. */
import { Settlement } from '../../../../../lib/gateway/ledger';
import { KEPT_AT_MOST, SettleQueue } from '../../../../../lib/services/gateway/ledger/settle-queue';
import { call, settlement } from '../../../gateway/ledger-histories';

const of = (id: string): Settlement => settlement(call(id), 1);
let taken: string[];
let dropped: string[];
let refuses: (id: string) => boolean;
let queue: SettleQueue;
beforeEach(() => {
  jest.useFakeTimers();
  taken = [];
  dropped = [];
  refuses = () => false;
  queue = new SettleQueue(
    async ({ id }) => {
      if (refuses(id)) throw new Error('no');
      taken.push(id);
    },
    ({ id }, why) => void dropped.push(`${id}: ${why}`),
  );
});
afterEach(() => jest.useRealTimers());

test('gives them in order', async () => {
  for (const id of ['a', 'b', 'c']) queue.add(of(id));
  await jest.advanceTimersByTimeAsync(100);
  expect([taken, queue.size, jest.getTimerCount()]).toEqual([['a', 'b', 'c'], 0, 0]);
});

test('one that is never taken is tried again and again; the others pass it', async () => {
  refuses = id => id === 'bad';
  for (const id of ['a', 'bad', 'b', 'c']) queue.add(of(id));
  await jest.advanceTimersByTimeAsync(1_000);
  expect([taken, queue.size]).toEqual([['a', 'b', 'c'], 1]);
  await jest.advanceTimersByTimeAsync(6 * 60_000);
  expect([dropped, queue.size]).toEqual([['bad: the store took it not for 5 minutes'], 0]);
});

test('more than it holds: the oldest goes, with a word', async () => {
  refuses = () => true;
  for (let n = 0; n <= KEPT_AT_MOST; n++) queue.add(of(String(n)));
  expect([dropped, queue.size]).toEqual([[`0: more than ${KEPT_AT_MOST} wait`], KEPT_AT_MOST]);
});

test('at the end it tries once more, and drops what is left', async () => {
  refuses = id => id === 'bad';
  for (const id of ['bad', 'a']) queue.add(of(id));
  const flushed = queue.flush(1_000);
  await jest.advanceTimersByTimeAsync(2_000);
  await flushed;
  expect([taken, dropped, jest.getTimerCount()]).toEqual([['a'], ['bad: the gateway ends'], 0]);
});
