/** The gateway's configuration in the replay, its steps switched on in turn; and the rules that say what it should make of a call. */
import { GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { ORDER, LISTED, RESET } from './questions';
import { TENANTS } from './traffic';
import { MODELS } from './upstream';

/** Each with those before it. */
export const STEPS = ['all premium', 'bypass', 'exact cache', 'tier choice', 'checks and escalation', 'trimming'] as const;
export type Step = (typeof STEPS)[number];

/** Dollars per million tokens: made up, in the proportion that real list prices have. */
export const PRICES = { cheap: { input: 0.2, output: 0.6 }, premium: { input: 3, output: 15 } } as const;
export const MAX_PREMIUM_SHARE_PERCENT = 25;
export const MAX_INPUT = 1_500;

type Workflow = NonNullable<GatewayConfigInput['workflows']>[number];
type Route = NonNullable<Workflow['route']>;
type Classes = NonNullable<Route['classes']>;

/** By text alone, in the words that each kind of question has. */
export const CLASSES: Classes = [
  { id: 'classify', tier: 'Cheap', gain: 0.01, patterns: ['^Classify this ticket'] },
  { id: 'math', gain: 0.3, patterns: ['behind ####'] },
  { id: 'code', gain: 0.2, patterns: ['```', '^Write a \\w+ function'] },
  { id: 'rag', gain: 0.1, patterns: ['^Context:'] },
  { id: 'draft', gain: 0, patterns: ['^Draft '] },
];
const EXTRACT_CLASSES: Classes = [{ id: 'extract', gain: 0.1, patterns: ['as JSON'] }];

const INVOICE = {
  type: 'object',
  properties: { account: { type: 'string' }, vendor: { type: 'string' }, invoice: { type: 'string' }, total: { type: 'number' }, currency: { enum: ['EUR', 'USD'] }, due: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } },
  required: ['account', 'vendor', 'invoice', 'total', 'currency', 'due'],
};

/** Of a tenant who tries the product: its calls go to the cheap tier when so much is spent. */
export const TRIAL_BUDGET: NonNullable<GatewayConfigInput['budgets']> = [{ scope: 'tenant', of: 'trial', tiers: ['Premium'], period: 'month', usd: 0.4, onExhausted: 'degrade' }];

export function configAt(step: Step, url: string, budgets: GatewayConfigInput['budgets'] = []): GatewayConfigInput {
  const on = (other: Step): boolean => STEPS.indexOf(step) >= STEPS.indexOf(other);
  const tier = (id: string, strength: keyof typeof MODELS): GatewayConfigInput['tiers'][number] => ({
    id, provider: 'openai', model: MODELS[strength], endpoints: [{ url }], premium: strength === 'premium',
    price: { usdPerMillionTokens: PRICES[strength], source: 'made up for the replay' },
  });
  const shared: Route = {
    ...on('exact cache') ? { cache: { ttlSeconds: 3600 } } : {},
    ...on('tier choice') ? { maxPremiumSharePercent: MAX_PREMIUM_SHARE_PERCENT } : {},
    ...on('trimming') ? { tokenLimits: { maxInput: MAX_INPUT } } : {},
  };
  const checks = (...more: NonNullable<Route['checks']>): Route => on('checks and escalation') ? { checks: [{ kind: 'finish-reason' }, { kind: 'refusal' }, ...more] } : {};
  const assist: Route = {
    ...shared, ...checks({ kind: 'numeric-recompute' }, { kind: 'citations' }),
    classes: withTiers(on('tier choice'), CLASSES),
    ...on('bypass') ? {
      bypass: [
        { kind: 'lookup', id: 'listed', answers: LISTED },
        { kind: 'template', id: 'reset', ...RESET },
        { kind: 'regex', id: 'order', flags: 'i', ...ORDER },
      ],
    } : {},
  };
  const extract: Route = { ...shared, ...checks({ kind: 'json-schema', schema: INVOICE }), classes: withTiers(on('tier choice'), EXTRACT_CLASSES) };
  const tiers = ['Premium', 'Cheap'];
  return {
    version: 1, gatewayId: 'replay', metricsSeconds: 3600, tiers: [tier('Premium', 'premium'), tier('Cheap', 'cheap')],
    workflows: [{ id: 'Assist', tiers, route: assist }, { id: 'Extract', tiers, route: extract }],
    keys: TENANTS.map(({ id, keySha256 }) => ({ id, tenant: id, secret: { sha256: keySha256 }, workflow: 'Assist' })),
    budgets,
  };
}

/** A class's tier is a choice, too. */
const withTiers = (chosen: boolean, classes: Classes): Classes => chosen ? classes : classes.map(each => ({ ...each, tier: undefined }));
