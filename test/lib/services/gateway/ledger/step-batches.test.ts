/** Steps go together without waiting for a crowd, in order, each answered once; and a store that is silent holds up nobody for long. */
import * as fc from 'fast-check';
import { HELD_UP_AT_MOST_MS, STEPS_AT_MOST, StepBatches } from '../../../../../lib/services/gateway/ledger/step-batches';

interface Sent {
  readonly steps: readonly number[];
  readonly resolve: (answers: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

const answerTo = (step: number): string => `answer to ${step}`;
let sent: Sent[];
let told: string[];
let batches: StepBatches<number, string>;
beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  told = [];
  batches = new StepBatches(steps => new Promise((resolve, reject) => void sent.push({ steps, resolve, reject })));
});
afterEach(() => jest.useRealTimers());

const turn = (): Promise<void> => jest.advanceTimersByTimeAsync(0);
const take = (...steps: number[]): void => steps.forEach(step => void batches.take(step).then(answer => told.push(answer), error => told.push(`${step}: ${(error as Error).message}`)));
const answer = async (batch: number): Promise<void> => {
  sent[batch]!.resolve(sent[batch]!.steps.map(answerTo));
  await turn();
};
const sizes = (): number[] => sent.map(({ steps }) => steps.length);

test('alone it is sent at once, and leaves no timer', async () => {
  take(1);
  await turn();
  expect([sent.map(({ steps }) => steps), jest.getTimerCount()]).toEqual([[[1]], 0]);
  await answer(0);
  expect([told, jest.getTimerCount()]).toEqual([[answerTo(1)], 0]);
});

test('what one turn of the event loop brings goes together', async () => {
  take(1, 2, 3);
  await turn();
  expect(sent.map(({ steps }) => steps)).toEqual([[1, 2, 3]]);
});

test('what comes while some are under way waits, and goes when they are answered', async () => {
  take(1);
  await turn();
  take(2);
  await turn();
  take(3, 4);
  await turn();
  expect(sizes()).toEqual([1]);
  await answer(0);
  expect(sent.map(({ steps }) => steps)).toEqual([[1], [2, 3, 4]]);
  await answer(1);
  expect([told, jest.getTimerCount()]).toEqual([[1, 2, 3, 4].map(answerTo), 0]);
});

test('no answer: those behind go all the same, and what comes late is still heard', async () => {
  take(1);
  await turn();
  take(2);
  await jest.advanceTimersByTimeAsync(HELD_UP_AT_MOST_MS - 1);
  take(3);
  expect(sizes()).toEqual([1]);
  await jest.advanceTimersByTimeAsync(1);
  expect(sent.map(({ steps }) => steps)).toEqual([[1], [2, 3]]);

  // The first no longer speaks for those under way.
  take(4);
  await answer(0);
  expect([sizes(), told]).toEqual([[1, 2], [answerTo(1)]]);
  await answer(1);
  expect(sizes()).toEqual([1, 2, 1]);
});

test('a batch that fails: each of it hears why, and those behind are not concerned', async () => {
  take(1, 2);
  await turn();
  take(3);
  sent[0]!.reject(new Error('the connection is gone'));
  await turn();
  await answer(1);
  expect(told).toEqual(['1: the connection is gone', '2: the connection is gone', answerTo(3)]);
});

test('a sender that throws fails the batch too', async () => {
  batches = new StepBatches(() => { throw new Error('no client'); });
  take(1, 2);
  await turn();
  expect(told).toEqual(['1: no client', '2: no client']);
});

test('answers that are not one for each step are nobody\'s', async () => {
  take(1, 2);
  await turn();
  sent[0]!.resolve([answerTo(1)]);
  await turn();
  const why = 'The store gave 1 answers to 2 steps.';
  expect(told).toEqual([`1: ${why}`, `2: ${why}`]);
});

test('more than a batch may hold go at once in several, and the next when the last of them is answered', async () => {
  take(...Array.from({ length: 2 * STEPS_AT_MOST + 1 }, (_, n) => n));
  await turn();
  expect(sizes()).toEqual([STEPS_AT_MOST, STEPS_AT_MOST, 1]);
  take(1_000);
  await answer(0);
  await answer(1);
  expect(sizes()).toHaveLength(3);
  await answer(2);
  expect(sizes()).toHaveLength(4);
});

test('flushed: what waits is sent, and its answer is waited for, even if it is a failure', async () => {
  take(1);
  await turn();
  take(2);
  let flushed = false;
  void batches.flush().then(() => { flushed = true; });
  await turn();
  expect([sizes(), flushed]).toEqual([[1, 1], false]);
  sent[1]!.reject(new Error('no'));
  await turn();
  expect([told, flushed, jest.getTimerCount()]).toEqual([['2: no'], true, 0]);
});

const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), many: fc.integer({ min: 1, max: 2 * STEPS_AT_MOST }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'fail' as const), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(2 * HELD_UP_AT_MOST_MS) }) },
);

test('whatever comes when: each step is sent once, in order, and answered once by its own answer; none waits for longer than it may', () => fc.assert(
  fc.asyncProperty(fc.array(event, { maxLength: 30 }), async events => {
    const open: Sent[] = [];
    const order: number[] = [];
    let largest = 0;
    let longest = 0;
    const answers: string[][] = [];
    const takenAt: number[] = [];
    const all = new StepBatches<number, string>(steps => new Promise((resolve, reject) => {
      open.push({ steps, resolve, reject });
      order.push(...steps);
      largest = Math.max(largest, steps.length);
      longest = Math.max(longest, ...steps.map(step => Date.now() - takenAt[step]!));
    }));
    const settle = async (batch: Sent | undefined, fails: boolean): Promise<void> => {
      if (fails) batch?.reject(new Error('failed'));
      else batch?.resolve(batch.steps.map(answerTo));
      await turn();
    };
    for (const each of events) {
      if (each.do === 'pass') await jest.advanceTimersByTimeAsync(each.ms);
      else if (each.do !== 'take') await settle(open.splice(each.which, 1)[0], each.do === 'fail');
      else {
        for (let n = 0; n < each.many; n++) {
          const step = takenAt.push(Date.now()) - 1;
          const heard: string[] = answers[step] = [];
          void all.take(step).then(text => heard.push(text), () => heard.push('failed'));
        }
      }
    }
    const flushed = all.flush();
    for (const batch of open.splice(0)) await settle(batch, false);
    await flushed;
    expect(order).toEqual([...takenAt.keys()]);
    for (const [step, heard] of answers.entries()) expect([['failed'], [answerTo(step)]]).toContainEqual(heard);
    expect(largest).toBeLessThanOrEqual(STEPS_AT_MOST);
    expect(longest).toBeLessThanOrEqual(HELD_UP_AT_MOST_MS);
    expect(jest.getTimerCount()).toBe(0);
  }),
));
