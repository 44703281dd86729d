import fc from 'fast-check';
import { Candidate, recommend } from '../../../lib/economics/compare/recommend';
import { Verdict } from '../../../lib/economics/margin';
import { decimal } from '../../../lib/money';

interface Named extends Candidate { readonly name: string }
const candidate = (name: string, usd: number, verdict: Verdict = 'ok', complete = verdict !== 'unknown'): Named =>
  ({ name, usdWithPeople: decimal(usd), complete, verdict });
const told = (...candidates: Named[]): unknown => {
  const result = recommend(candidates);
  return 'best' in result ? [result.best.name, result.meetsTarget] : result.undecidedFor.map(c => c.name);
};

test('the cheapest that meets the target, else the cheapest', () => {
  expect(told(candidate('a', 3), candidate('b', 2), candidate('c', 1, 'breaks'))).toEqual(['b', true]);
  expect(told(candidate('a', 3, 'breaks'), candidate('b', 2, 'breaks'))).toEqual(['b', false]);
  expect(told(candidate('first of equals', 2), candidate('b', 2))).toEqual(['first of equals', true]);
});

test('an unknown cost decides against nobody and in favour of nobody', () => {
  expect(told(candidate('a', 3), candidate('b', 2, 'unknown'))).toEqual(['b']);
  // Its floor is higher already, or it breaks already.
  expect(told(candidate('a', 3), candidate('b', 4, 'unknown'))).toEqual(['a', true]);
  expect(told(candidate('a', 3), candidate('b', 2, 'breaks', false))).toEqual(['a', true]);
  // Where none is known to meet the target, one that might is not passed over.
  expect(told(candidate('a', 3, 'breaks'), candidate('b', 4, 'unknown'))).toEqual(['b']);
  expect(told(candidate('a', 3, 'unknown'), candidate('b', 4, 'unknown'))).toEqual(['a', 'b']);
});

test('raising the floor of what is unknown never takes a recommendation back', () => {
  const some = fc.record({ usd: fc.integer({ min: 0, max: 20 }), verdict: fc.constantFrom<Verdict>('ok', 'breaks', 'unknown') });
  fc.assert(fc.property(fc.array(some, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 20 }), (list, more) => {
    const candidates = list.map(({ usd, verdict }, i) => candidate(String(i), usd, verdict));
    const before = recommend(candidates);
    const raised = candidates.map(c => c.complete ? c : candidate(c.name, c.usdWithPeople.toNumber() + more, 'unknown'));
    const after = recommend(raised);
    if ('best' in before) {
      expect(before.best.complete).toBe(true);
      expect('best' in after && after.best.name).toBe(before.best.name);
    }
  }));
});
