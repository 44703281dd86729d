/** The gateway's configuration in the benchmark: everything on, and nothing that ever runs out. */
import { Budget, GatewayConfigInput } from '../../../lib/contracts/gateway';

/** 32 events: the role, 28 with text, the finish reason, the usage, [DONE]. */
const MODEL = 'mock-small?inputTokens=300&outputTokens=84&chunks=28';
/** A stream of it takes 3 s, so that all of them are open at once. */
export const SLOW_MODEL = `${MODEL}&chunkDelayMs=100`;
export const KEY = 'key-of-the-benchmark-only';

type BudgetInput = NonNullable<GatewayConfigInput['budgets']>[number];

type Route = NonNullable<GatewayConfigInput['workflows'][number]['route']>;

/** Every step on, and none of them the last one: rules that do not match, a cache that misses or hits as the calls are, a class of no gain. */
const ROUTE: Route = {
  bypass: [
    { kind: 'lookup', id: 'hours', answers: { 'When are you open?': 'From 9 to 5.' } },
    { kind: 'template', id: 'order', text: 'Where is order {number}?', answer: '/orders/{number}' },
    { kind: 'regex', id: 'thanks', pattern: '(?:thanks|thank you)[.!]?', flags: 'i', answer: 'You are welcome.' },
  ],
  cache: { ttlSeconds: 3600, sampled: true },
  classes: [{ id: 'coding', gain: 0.3, patterns: ['```', 'ICD-10'] }, { id: 'summary', gain: 0, patterns: ['^Summari[sz]e'] }],
  maxPremiumSharePercent: 25,
  tokenLimits: { maxInput: 8_000, maxOutput: 1_500 },
};
const CHECKS: Route['checks'] = [{ kind: 'finish-reason' }, { kind: 'refusal' }, { kind: 'length', min: 10 }, { kind: 'numeric-recompute' }];

export function benchConfig(upstream: string): GatewayConfigInput {
  const tier = (id: string, model: string): GatewayConfigInput['tiers'][number] => ({
    id, provider: 'openai', model, endpoints: [{ url: `${upstream}/v1` }],
    price: { usdPerMillionTokens: { input: 0.25, output: 1.25, cacheRead: 0.025 }, source: 'benchmark' },
  });
  const budget = (scope: Budget['scope'], period: Budget['period']): BudgetInput => ({ scope, period, usd: 1_000_000, onExhausted: 'block' });
  return {
    version: 1, gatewayId: 'bench',
    tiers: [tier('small', MODEL), { ...tier('large', MODEL), premium: true }, tier('slow', SLOW_MODEL)],
    workflows: [
      { id: 'Ask', tiers: ['small'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2 },
      { id: 'Routed', tiers: ['small', 'large'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2, route: { ...ROUTE, checks: CHECKS } },
      // What is checked is held until it is whole, which is no stream to measure.
      { id: 'RoutedStreams', tiers: ['small', 'large'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2, route: ROUTE },
      { id: 'OpenStreams', tiers: ['slow'] },
    ],
    keys: [{ id: 'bench', secret: { env: 'BENCH_KEY' }, workflow: 'Ask', tenant: 'bench', requestsPerMinute: 1_000_000_000, tokensPerMinute: 1_000_000_000_000 }],
    budgets: [budget('global', 'month'), budget('workflow', 'day'), budget('tenant', 'month'), budget('key', 'day')],
  };
}

const PROMPT = 'Summarise the visit below for the chart, in the words of the clinician, and leave nothing out that was said about doses. '.repeat(8);

/** Stands in a body for a number that no other call has. */
export const UNIQUE = '"UNIQUE"';

export const bodyOf = (stream: boolean, { model = MODEL, unique = false } = {}): string => JSON.stringify({
  model, messages: [{ role: 'system', content: 'You write clinical notes.' }, { role: 'user', content: PROMPT }], max_tokens: 200,
  ...unique ? { seed: 'UNIQUE' } : {},
  ...stream ? { stream, stream_options: { include_usage: true } } : {},
});
