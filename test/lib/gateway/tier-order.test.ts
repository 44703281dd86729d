/** The order in which tiers are tried: whatever fails or is exhausted, none is tried twice and an end comes. */
import fc from 'fast-check';
import { Candidate, TierOrder } from '../../../lib/gateway/tier-order';

const candidates: fc.Arbitrary<Candidate[]> = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }).map(prices => prices.map((price, i) => ({ id: `t${i}`, price })));
/** Of each turn: the tier fails, or its budget degrades. */
const turns = fc.array(fc.constantFrom('failed', 'degraded'), { minLength: 9, maxLength: 9 });

test('no tier is tried twice, the end comes, and a degraded call always gets a cheaper one', () => {
  fc.assert(fc.property(candidates, turns, (given, fates) => {
    const order = new TierOrder(given);
    const tried: Candidate[] = [];
    let now = order.next();
    for (const fate of fates) {
      if (now === undefined) break;
      tried.push(now);
      const next = fate === 'failed' ? order.next() : order.cheaperThan(now);
      if (fate === 'degraded' && next !== undefined) expect(next.price).toBeLessThan(now.price);
      now = next;
    }
    expect(now).toBeUndefined();
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried[0]).toBe(given[0]);
  }));
});

test('with failures only, every tier is tried in the workflow\'s order', () => {
  fc.assert(fc.property(candidates, given => {
    const order = new TierOrder(given);
    expect(given.map(() => order.next())).toEqual(given);
    expect(order.next()).toBeUndefined();
  }));
});

test('with exhausted budgets only, it steps down by the dearest of the cheaper ones to the cheapest, which is the last', () => {
  fc.assert(fc.property(candidates, given => {
    const order = new TierOrder(given);
    let now = order.next()!;
    for (let next = order.cheaperThan(now); next !== undefined; next = order.cheaperThan(now)) {
      const between = given.filter(({ price }) => price > next!.price && price < now.price);
      expect(between).toEqual([]);
      now = next;
    }
    expect(order.isCheapest(now)).toBe(true);
    expect(now.price).toBe(Math.min(...given.map(({ price }) => price)));
  }));
});

test('a dearer tier after an exhausted one is not what it degrades to, but still serves when the cheaper one fails', () => {
  const [mid, dear, cheap] = [{ id: 'mid', price: 10 }, { id: 'dear', price: 100 }, { id: 'cheap', price: 1 }];
  const order = new TierOrder([mid, dear, cheap]);
  expect(order.next()).toBe(mid);
  expect(order.cheaperThan(mid)).toBe(cheap);
  expect(order.next()).toBe(dear);
  expect(order.cheaperThan(dear)).toBeUndefined();
});

test('of two tiers of the same price neither is cheaper, and both are the cheapest', () => {
  const [a, b] = [{ id: 'a', price: 1 }, { id: 'b', price: 1 }];
  const order = new TierOrder([a, b]);
  expect(order.next()).toBe(a);
  expect(order.cheaperThan(a)).toBeUndefined();
  expect([order.isCheapest(a), order.isCheapest(b)]).toEqual([true, true]);
});
