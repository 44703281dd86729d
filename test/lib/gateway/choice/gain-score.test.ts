/** The expected gain: the class decides, the text adds a little and never turns its sign. */
import fc from 'fast-check';
import { declaredGain } from '../../../../lib/gateway/choice/gain-score';

const gain = fc.double({ min: -1, max: 1, noNaN: true });
const TANGLED = 'If the first order and the second one that came later are more than the limit but less than twice of it, then which of them is sent when both are paid?';
const PLAIN = 'List the order numbers.';

test('no text makes a class gain that does not, and none adds more than a quarter', () => {
  fc.assert(fc.property(gain, fc.oneof(fc.string(), fc.constant(TANGLED), fc.constant('and '.repeat(5_000))), (declared, text) => {
    const score = declaredGain({ taskClass: { gain: declared }, text });
    expect(Math.sign(score)).toBe(Math.sign(declared));
    expect(Math.abs(score)).toBeGreaterThanOrEqual(Math.abs(declared));
    expect(Math.abs(score)).toBeLessThanOrEqual(1.25 * Math.abs(declared));
  }));
});

test('of one class, a text of many clauses goes first', () => {
  const taskClass = { gain: 0.3 };
  expect(declaredGain({ taskClass, text: TANGLED })).toBeGreaterThan(declaredGain({ taskClass, text: PLAIN }));
  expect(declaredGain({ taskClass, text: PLAIN })).toBe(0.3);
  expect(declaredGain({ taskClass, text: undefined })).toBe(0.3);
  expect(declaredGain({ taskClass, text: 'Sand, thatch, anything.' })).toBe(0.3);
});

test('only the beginning of a long text is read', () => {
  const taskClass = { gain: 0.3 };
  expect(declaredGain({ taskClass, text: `${'x'.repeat(2_000)} and then` })).toBe(0.3);
});

test('a call without a class may gain, after a class that gains more', () => {
  const unknown = declaredGain({ taskClass: undefined, text: TANGLED });
  expect(unknown).toBeGreaterThan(0);
  expect(unknown).toBeLessThan(declaredGain({ taskClass: { gain: 0.2 }, text: PLAIN }));
});
