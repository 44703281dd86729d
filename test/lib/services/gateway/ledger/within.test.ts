/** A deadline judges the store, not this process: who was busy or paused itself when it passed has to read and send first. */
import { DeadlineError, within } from '../../../../../lib/services/gateway/ledger/within';

/** As a garbage collection or a throttled CPU does. */
function pauseProcess(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('an answer in time is the answer, and so is a failure', async () => {
  await expect(within(1000, Promise.resolve(7))).resolves.toBe(7);
  await expect(within(1000, Promise.reject(new Error('the store says no')))).rejects.toThrow('the store says no');
});

test('no answer: an error that names the deadline', async () => {
  await expect(within(20, new Promise(() => undefined))).rejects.toThrow(new DeadlineError(20));
});

test('no answer is an error too where this process was paused: it is waited for once more, not for ever', async () => {
  const asked = within(20, new Promise(() => undefined));
  pauseProcess(100);
  await expect(asked).rejects.toBeInstanceOf(DeadlineError);
});

test('what could not be sent because this process was paused is sent, and its answer counts', async () => {
  const answer = new Promise(resolve => {
    setImmediate(() => setImmediate(() => setTimeout(() => { resolve('reserved'); }, 1)));
  });
  const asked = within(20, answer);
  pauseProcess(100);
  await expect(asked).resolves.toBe('reserved');
});
