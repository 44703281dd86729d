import fc from 'fast-check';
import { Advantage, CostCurve, advantageOf, cheaperFrom } from '../../../lib/economics/compare/advantage';
import { decimal } from '../../../lib/money';

const curve = (usd: (multiple: number) => number, unknown: (multiple: number) => string[] = () => []): CostCurve =>
  multiple => ({ usd: decimal(usd(multiple)), unknown: unknown(multiple) });
const known = (own: CostCurve, other: CostCurve): Advantage => {
  const advantage = advantageOf(own, other);
  if ('unknown' in advantage) throw new Error(advantage.unknown.join());
  return advantage;
};

test('a fixed cost against one per run: from where they meet', () => {
  const advantage = known(curve(() => 100), curve(m => 10 * m));
  expect(advantage).toMatchObject({ comparedUpTo: 100, limitedBy: [] });
  expect(cheaperFrom(advantage)!).toBeGreaterThan(10);
  expect(cheaperFrom(advantage)!).toBeLessThan(10.002);
});

test('always and never', () => {
  expect(cheaperFrom(known(curve(() => 1), curve(() => 2)))).toBeCloseTo(0.1);
  expect(known(curve(() => 2), curve(() => 1)).cheaper).toEqual([]);
  // Equal is not cheaper.
  expect(known(curve(() => 1), curve(() => 1)).cheaper).toEqual([]);
});

test('cheaper for a while is no volume from which on it pays', () => {
  const advantage = known(curve(m => m < 5 ? 20 : 1_000), curve(m => 10 * m));
  expect(advantage.cheaper.map(({ from, to }) => [from, to].map(x => Math.round(x * 100) / 100))).toEqual([[2, 5]]);
  expect(cheaperFrom(advantage)).toBeUndefined();
});

test('compared up to where a cost is unknown, and why it is', () => {
  const advantage = known(curve(() => 30, m => m > 7.5 ? ['too many calls'] : []), curve(m => 10 * m, m => m > 7.5 ? ['too many calls'] : []));
  expect(advantage.comparedUpTo).toBeGreaterThan(7.499);
  expect(advantage.comparedUpTo).toBeLessThanOrEqual(7.5);
  expect(advantage.limitedBy).toEqual(['too many calls']);
  expect(cheaperFrom(advantage)).toBeCloseTo(3, 2);
});

test('what is unknown already at the smallest volume cannot be compared', () => {
  expect(advantageOf(curve(() => 1), curve(() => 2, () => ['no price']))).toEqual({ unknown: ['no price'] });
});

test('on any staircase every volume that was looked at is in a range exactly where own hosting costs less', () => {
  const staircase = fc.record({
    fixed: fc.double({ min: 0, max: 500, noNaN: true }), step: fc.double({ min: 1, max: 300, noNaN: true }), size: fc.double({ min: 0.2, max: 30, noNaN: true }),
    perRun: fc.double({ min: 0.1, max: 100, noNaN: true }),
  });
  fc.assert(fc.property(staircase, ({ fixed, step, size, perRun }) => {
    const looked = new Set<number>();
    const own = (m: number): number => fixed + step * Math.ceil(m / size);
    const { cheaper, comparedUpTo } = known(curve(m => { looked.add(m); return own(m); }), curve(m => perRun * m));
    expect(comparedUpTo).toBe(100);
    const wrong = [...looked].filter(m => own(m) < perRun * m !== cheaper.some(({ from, to }) => from <= m && m <= to));
    expect(wrong).toEqual([]);
    expect(cheaper.every(({ from, to }, i) => from <= to && (i === 0 || cheaper[i - 1]!.to < from))).toBe(true);
  }));
});
