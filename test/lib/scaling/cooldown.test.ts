/** The pause after a failed launch: longer while it fails again, the same however often and in whatever order it is told. */
import * as fc from 'fast-check';
import { Cooldown, coolDown } from '../../../lib/scaling/cooldown';
import { LaunchFailure } from '../../../lib/scaling/seen';
import { MINUTE, NOON } from './policies';

const failure = (minute: number, quota = false): LaunchFailure => ({ kind: 'launchFailure', group: 'spot', id: `a${minute}`, quota, at: NOON + minute * MINUTE });
const minutes = (cooldown: Cooldown | undefined): number | undefined => cooldown && (cooldown.until - NOON) / MINUTE;
const after = (...failures: LaunchFailure[]): number | undefined => minutes(coolDown(undefined, failures, NOON + 1000 * MINUTE));

test('5 minutes, doubling to 40 while each try fails again', () => {
  expect(after()).toBeUndefined();
  expect(after(failure(0))).toBe(5);
  expect(after(failure(0), failure(6))).toBe(16);
  expect(after(failure(0), failure(6), failure(17))).toBe(37);
  expect(after(failure(0), failure(6), failure(17), failure(38))).toBe(78);
  expect(after(failure(0), failure(6), failure(17), failure(38), failure(79))).toBe(119);
});

test('the many failures of one launch are one', () => {
  expect(after(failure(0), failure(1), failure(4.9))).toBe(5);
});

test('starts anew after a quarter of an hour without a failure', () => {
  expect(after(failure(0), failure(6), failure(31))).toBe(36);
});

test('30 minutes for a quota, also within a cool-down', () => {
  expect(after(failure(0, true))).toBe(30);
  expect(after(failure(0), failure(2, true))).toBe(32);
});

test('a failure from the future counts from now, and no cool-down lasts longer than the longest', () => {
  expect(minutes(coolDown(undefined, [failure(500)], NOON))).toBe(5);
  expect(minutes(coolDown({ until: NOON + 9_999 * MINUTE, length: MINUTE }, [], NOON))).toBe(40);
});

test('told twice or in any order, it is the same', () => {
  const failures = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { maxLength: 8 }).map(all => all.map(minute => failure(minute, minute % 7 === 0)));
  fc.assert(fc.property(failures, all => {
    const now = NOON + 100 * MINUTE;
    const told = coolDown(undefined, all, now);
    expect(coolDown(undefined, all.toReversed(), now)).toEqual(told);
    expect(coolDown(undefined, [...all, ...all], now)).toEqual(told);
    for (const one of all.filter(({ quota }) => !quota)) expect(coolDown(told, [one], now)).toEqual(told);
  }));
});
