/** Which counters a call counts in, and which of their limits speaks. */
import fc from 'fast-check';
import { Budget, budgetSchema } from '../../../lib/contracts/gateway';
import { Payer, ScopedCounter, countersOf, enforced, exhaustedBy, limitOf, nano } from '../../../lib/gateway/budget-scopes';

const budget = (scope: Budget['scope'], usd: number, more: Partial<Budget> = {}): Budget => budgetSchema.parse({ scope, period: 'month', usd, onExhausted: 'block', ...more });
const payer: Payer = { workflow: 'DraftNote', tenant: 'north', key: 'notes' };
const NAMES = ['DraftNote', 'north', 'notes', 'other'];

const anyBudget: fc.Arbitrary<Budget> = fc.record({
  scope: fc.constantFrom('global', 'workflow', 'tenant', 'key'), of: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  period: fc.constantFrom('day', 'month'), usd: fc.integer({ min: 1, max: 9_000_000_000 }).map(milli => milli / 1000), onExhausted: fc.constantFrom('degrade', 'throttle', 'block'),
}).map(({ scope, of, ...more }) => budgetSchema.parse({ scope, ...scope === 'global' ? {} : { of }, ...more }));
const anyBudgets = fc.array(anyBudget, { maxLength: 10 });

const appliesTo = ({ scope, of }: Budget): boolean => scope === 'global' || of === undefined || of === payer[scope];

test('a call counts once in each scope and period that has a budget about it, whatever the number of budgets', () => {
  const budgets = [
    budget('global', 100), budget('workflow', 12_000), budget('workflow', 9_000, { of: 'DraftNote', onExhausted: 'degrade' }), budget('workflow', 5, { of: 'Summary' }),
    budget('tenant', 50, { of: 'south' }), budget('key', 1, { period: 'day' }),
  ];
  expect(countersOf(budgets, payer).map(({ name, period, budgets: of }) => [name, period, of.map(({ usd }) => usd)])).toEqual([
    ['global', 'month', [100]], ['workflow:DraftNote', 'month', [9_000, 12_000]], ['key:notes', 'day', [1]],
  ]);
  expect(countersOf([], payer)).toEqual([]);
});

test('every budget about the call is in exactly one counter, of its period, lowest first', () => {
  fc.assert(fc.property(anyBudgets, budgets => {
    const counters = countersOf(budgets, payer);
    const held = counters.flatMap(counter => counter.budgets);
    expect(new Set(held)).toEqual(new Set(budgets.filter(appliesTo)));
    expect(held).toHaveLength(budgets.filter(appliesTo).length);
    expect(new Set(counters.map(({ name, period }) => `${name} ${period}`)).size).toBe(counters.length);
    for (const { name, period, budgets: of } of counters) {
      expect(of.every(each => each.period === period && (each.scope === 'global' ? name === 'global' : name === `${each.scope}:${payer[each.scope]}`))).toBe(true);
      expect(of.map(({ usd }) => usd)).toEqual(of.map(({ usd }) => usd).sort((a, b) => a - b));
    }
  }));
});

test('a tenant, a workflow and a key of the same name do not share a counter', () => {
  const same: Payer = { workflow: 'a', tenant: 'a', key: 'a' };
  expect(countersOf([budget('workflow', 1), budget('tenant', 1), budget('key', 1), budget('global', 1)], same).map(({ name }) => name)).toEqual(['workflow:a', 'tenant:a', 'key:a', 'global']);
});

test('the limit is the lowest that holds; at the cheapest tier those that degrade do not', () => {
  const counter: ScopedCounter = { name: 'global', period: 'month', budgets: [budget('global', 9, { onExhausted: 'degrade' }), budget('global', 12)] };
  expect(limitOf(enforced(counter, { tier: 'Premium', cheapest: false }))).toBe(9e9);
  expect(limitOf(enforced(counter, { tier: 'Small', cheapest: true }))).toBe(12e9);
  expect(limitOf(enforced({ ...counter, budgets: [counter.budgets[0]!] }, { tier: 'Small', cheapest: true }))).toBeNull();
});

test('what is refused is refused by a limit that it exceeds, and a throttle never softens a block', () => {
  fc.assert(fc.property(fc.array(anyBudget, { minLength: 1 }), fc.nat(1_000_000_000), (budgets, beyond) => {
    const sorted = [...budgets].sort((a, b) => a.usd - b.usd);
    const wanted = limitOf(sorted)! + 1 + beyond;
    const speaks = exhaustedBy(sorted, wanted);
    expect(wanted).toBeGreaterThan(nano(speaks.usd));
    if (sorted[0]!.onExhausted === 'degrade') expect(speaks).toBe(sorted[0]);
    else if (speaks.onExhausted === 'throttle') expect(sorted.some(each => each.onExhausted === 'block' && wanted > nano(each.usd))).toBe(false);
    else expect(speaks.onExhausted).toBe('block');
  }));
});

test('dollars are whole billionths, exact to $9 million', () => {
  expect(nano(0.1 + 0.2)).toBe(300_000_000);
  expect(nano(9_000_000)).toBe(9e15);
  expect(Number.isSafeInteger(nano(9_000_000))).toBe(true);
});
