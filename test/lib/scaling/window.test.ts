/** A lower value counts only after it has lasted. */
import * as fc from 'fast-check';
import { Window, advance, hold, peak } from '../../../lib/scaling/window';

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

test('while the value is unknown nothing ages, and it may rise', () => {
  const before = told([0, 5], [60, 2]);
  const later = hold(before, { now: 86_400_000, atLeast: 3 });
  expect(peak(later)).toBe(5);
  // 600 s after its end, of which none passed while nobody knew.
  expect(peak(advance(later, { now: 86_400_000 + 599_000, holdSeconds: HOLD, value: 0 }))).toBe(5);
  expect(peak(advance(later, { now: 86_400_000 + 600_000, holdSeconds: HOLD, value: 0 }))).toBe(3);
  expect(peak(hold(before, { now: 86_400_000, atLeast: 9 }))).toBe(9);
  expect(hold([], { now: 1, atLeast: 4 })).toEqual([{ value: 4, at: 1 }]);
});

test('a history with unknown stretches is that history with the stretches cut out', () => {
  const steps = fc.array(fc.record({ pause: fc.integer({ min: 1, max: 400 }), value: fc.nat(9), unknown: fc.boolean() }), { minLength: 2, maxLength: 40 });
  fc.assert(fc.property(steps, history => {
    let [whole, cut]: [Window, Window] = [[], []];
    let [now, shorter, last] = [0, 0, 0];
    for (const { pause, value, unknown } of history) {
      now += pause * 1000;
      if (unknown) {
        whole = hold(whole, { now, atLeast: 0 });
        if (cut.length === 0) cut = [{ value: last, at: shorter }];
      } else {
        shorter += pause * 1000;
        last = value;
        whole = advance(whole, { now, holdSeconds: HOLD, value });
        cut = advance(cut, { now: shorter, holdSeconds: HOLD, value });
      }
      expect(peak(whole)).toBe(peak(cut));
    }
  }));
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
