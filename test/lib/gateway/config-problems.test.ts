/** A configuration that fits its schema may still contradict itself: each contradiction is told with its place and its remedy. */
import fc from 'fast-check';
import { GatewayConfig, gatewayConfigSchema } from '../../../lib/contracts/gateway';
import { configProblems } from '../../../lib/gateway/config-problems';

const tier = (id: string, more: object = {}): object =>
  ({ id, provider: 'openai', model: 'm', endpoints: [{ url: 'http://127.0.0.1:1/v1' }], price: { usdPerMillionTokens: { input: 1, output: 1 }, source: 'a test' }, ...more });
const key = (id: string, more: object = {}): object => ({ id, tenant: 'north', secret: { env: 'KEY' }, ...more });
const SOUND = {
  version: 1, gatewayId: 'test', tiers: [tier('Small'), tier('Premium'), tier('Vectors', { kind: 'embedding' })],
  workflows: [{ id: 'DraftNote', tiers: ['Premium', 'Small'] }, { id: 'Search', tiers: ['Small', 'Vectors'] }],
  keys: [key('notes', { workflow: 'DraftNote' })],
};
const config = (changes: object = {}): GatewayConfig => gatewayConfigSchema.parse({ ...SOUND, ...changes });
const routeOf = (route: object): object => ({ workflows: [{ id: 'DraftNote', tiers: ['Premium', 'Small'], route }, SOUND.workflows[1]] });
const budget = (more: object): object => ({ budgets: [{ scope: 'workflow', period: 'month', usd: 1, onExhausted: 'block', ...more }] });

test.each([
  ['nothing more', {}],
  ['a budget of each scope', { budgets: (['global', 'workflow', 'tenant', 'key'] as const).map(scope => ({ scope, period: 'day', usd: 1, onExhausted: 'throttle' })) }],
  ['a budget that degrades where there is a second chat tier', budget({ of: 'DraftNote', onExhausted: 'degrade' })],
  ['two limits on one sum', { budgets: ['degrade', 'block'].map((onExhausted, i) => ({ scope: 'global', period: 'month', usd: i + 1, onExhausted })) }],
  ['two limits of one scope for different tiers', { budgets: ['Premium', 'Small'].map(of => ({ scope: 'tenant', period: 'month', usd: 1, onExhausted: 'degrade', tiers: [of] })) }],
  ['seats with the runs of a month', { workflows: [{ id: 'DraftNote', tiers: ['Small'], revenue: { seats: 5, usdPerSeatMonth: 40 }, runsPerMonth: 100 }] }],
])('sound: %s', (_, changes) => {
  expect(configProblems(config(changes))).toEqual([]);
});

test.each([
  ['a class that is pinned to a tier of another workflow', routeOf({ classes: [{ id: 'hard', tier: 'Vectors' }] }), 'workflows.0.route.classes.0.tier is Vectors; the workflow\'s chat tiers are Small, Premium'],
  ['two classes of one name', routeOf({ classes: [{ id: 'hard' }, { id: 'hard' }] }), 'workflows.0.route.classes has hard twice: leave one out, or tell them apart'],
  ['a share without a premium tier', routeOf({ maxPremiumSharePercent: 25 }),
    'workflows.0.route.maxPremiumSharePercent is about premium tiers and others, and the workflow has not both among its chat tiers: add one, mark one with premium, or leave it out'],
  ['a budget of a tier that is not there', budget({ tiers: ['Large'] }), 'budgets.0.tiers.0 is Large; known are Small, Premium, Vectors'],
  ['two tiers of one name', { tiers: [...SOUND.tiers, tier('Small')] }, 'tiers has Small twice: leave one out, or tell them apart'],
  ['two workflows of one name', { workflows: [...SOUND.workflows, SOUND.workflows[0]] }, 'workflows has DraftNote twice: leave one out, or tell them apart'],
  ['two keys of one name', { keys: [key('notes'), key('notes')] }, 'keys has notes twice: leave one out, or tell them apart'],
  ['the same budget twice', { budgets: [1, 2].map(usd => ({ scope: 'global', period: 'day', usd, onExhausted: 'block' })) }, 'budgets has global * day block twice: leave one out, or tell them apart'],
  ['a tier that is not there', { workflows: [{ id: 'DraftNote', tiers: ['Small', 'Large'] }] }, 'workflows.0.tiers.1 is Large; known are Small, Premium, Vectors'],
  ['a tier twice in a workflow', { workflows: [{ id: 'DraftNote', tiers: ['Small', 'Small'] }] }, 'workflows.0.tiers has Small twice: leave one out, or tell them apart'],
  ['a key for a workflow that is not there', { keys: [key('notes', { workflow: 'Draft' })] }, 'keys.0.workflow is Draft; known are DraftNote, Search'],
  ['seats without the runs of a month', { workflows: [{ id: 'DraftNote', tiers: ['Small'], revenue: { seats: 5, usdPerSeatMonth: 40 } }] },
    'workflows.0 (DraftNote) earns per seat: give runsPerMonth, over which a month\'s revenue is spread'],
  ['a global budget of something', budget({ scope: 'global', of: 'notes' }), 'budgets.0.of is notes: a global budget is of everything, so leave it out'],
  ['a budget of a workflow that is not there', budget({ of: 'Draft' }), 'budgets.0.of is Draft; known are DraftNote, Search'],
  ['a budget of a tenant that has no key', budget({ scope: 'tenant', of: 'south' }), 'budgets.0.of is south; known are north'],
  ['a budget of a key that is not there', budget({ scope: 'key', of: 'note' }), 'budgets.0.of is note; known are notes'],
  ['a budget that degrades to nothing', budget({ of: 'Search', onExhausted: 'degrade' }),
    'budgets.0 degrades, but no workflow it is about has a second chat tier to degrade to: add one, or throttle or block'],
])('%s', (_, changes, problem) => {
  expect(configProblems(config(changes))).toEqual([problem]);
});

test('all problems are told at once, each beginning with its place', () => {
  const id = fc.constantFrom('Small', 'Premium', 'Nothing', 'DraftNote');
  const anyConfig = fc.record({
    workflows: fc.array(fc.record({ id, tiers: fc.array(id, { minLength: 1, maxLength: 3 }) }), { minLength: 1, maxLength: 3 }),
    keys: fc.array(fc.record({ id, workflow: id }).map(({ id: name, workflow }) => key(name, { workflow })), { minLength: 1, maxLength: 3 }),
    budgets: fc.array(fc.record({ of: id, onExhausted: fc.constantFrom('degrade', 'block') }).map(more => ({ scope: 'workflow', period: 'day', usd: 1, ...more })), { maxLength: 3 }),
  });
  fc.assert(fc.property(anyConfig, changes => {
    const parsed = config(changes);
    const problems = configProblems(parsed);
    expect(problems.every(problem => /^(tiers|workflows|keys|budgets)[. ]/.test(problem))).toBe(true);
    const unknownTiers = parsed.workflows.flatMap(({ tiers }) => tiers).filter(name => !['Small', 'Premium'].includes(name));
    expect(problems.filter(problem => /^workflows\.\d\.tiers\.\d is /.test(problem))).toHaveLength(unknownTiers.length);
  }));
});

test.each([
  ['a pattern that is none', { checks: [{ kind: 'regex', pattern: '(' }] }, /workflows\.0\.route\.checks\.0.*regular expression/],
  ['a pattern that may take for ever', { classes: [{ id: 'hard', patterns: ['(a+)+$'] }] }, /workflows\.0\.route\.classes\.0\.patterns\.0.*exponential/],
  ['a rule that answers nothing', { bypass: [{ kind: 'lookup', id: 'hours', answers: {} }] }, /workflows\.0\.route\.bypass\.0 \(hours\)\.answers is empty/],
  ['a shadow without a second kind of tier', { shadowPercent: 5 }, /workflows\.0\.route\.shadowPercent/],
])('a route with %s', (_, route, problem) => {
  expect(configProblems(config(routeOf(route)))).toEqual([expect.stringMatching(problem)]);
});
