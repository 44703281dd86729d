/** A lower value counts only after it has lasted. */
import * as fc from 'fast-check';
import { Window, advance, peak } from '../../../lib/scaling/window';

const HOLD = 600;
const told = (...values: [at: number, value: number][]): Window =>
  values.reduce<Window>((window, [at, value]) => advance(window, { now: at * 1000, holdSeconds: HOLD, value }), []);

test('a higher value counts at once, a lower one exactly after the hold', () => {
  expect(peak(told([0, 2], [60, 5]))).toBe(5);
  expect(peak(told([0, 5], [60, 2], [659, 2]))).toBe(5);
  expect(peak(told([0, 5], [60, 2], [660, 2]))).toBe(2);
  expect(peak(told([0, 5], [60, 3], [120, 2], [660, 2]))).toBe(3);
});

test('what nobody watched is not taken for lower', () => {
  expect(peak(told([0, 5], [86_400, 0]))).toBe(5);
  expect(peak(told([0, 5], [86_400, 0], [87_000, 0]))).toBe(0);
});

test('a state from the future ages from now on', () => {
  expect(peak(told([86_400, 5], [0, 1], [600, 1]))).toBe(1);
  expect(peak(told([86_400, 5], [0, 1], [599, 1]))).toBe(5);
  expect(peak(told([86_400, 5], [86_460, 3], [0, 1], [600, 1]))).toBe(1);
});

test('equals the maximum over the plain history, tells the same twice, and keeps no more than can still be a maximum', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(9)), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(steps, history => {
    let window: Window = [];
    const plain: { from: number; to: number; value: number }[] = [];
    let now = 0;
    for (const [pause, value] of history) {
      now += pause;
      if (plain.length > 0) plain.at(-1)!.to = now;
      plain.push({ from: now, to: now, value });
      window = advance(window, { now: now * 1000, holdSeconds: HOLD, value });
      const lasting = plain.filter(({ from, to }) => to > now - HOLD || from === now);
      expect(peak(window)).toBe(Math.max(...lasting.map(entry => entry.value)));
      expect(advance(window, { now: now * 1000, holdSeconds: HOLD, value })).toEqual(window);
      expect(window.length).toBeLessThanOrEqual(10);
    }
  }));
});
