/** The gateway's configuration in the benchmark: everything on, and nothing that ever runs out. */
import { Budget, GatewayConfigInput } from '../../../lib/contracts/gateway';

/** 32 events: the role, 28 with text, the finish reason, the usage, [DONE]. */
const MODEL = 'mock-small?inputTokens=300&outputTokens=84&chunks=28';
/** A stream of it takes 3 s, so that all of them are open at once. */
export const SLOW_MODEL = `${MODEL}&chunkDelayMs=100`;
export const KEY = 'key-of-the-benchmark-only';

type BudgetInput = NonNullable<GatewayConfigInput['budgets']>[number];

export function benchConfig(upstream: string): GatewayConfigInput {
  const tier = (id: string, model: string): GatewayConfigInput['tiers'][number] => ({
    id, provider: 'openai', model, endpoints: [{ url: `${upstream}/v1` }],
    price: { usdPerMillionTokens: { input: 0.25, output: 1.25, cacheRead: 0.025 }, source: 'benchmark' },
  });
  const budget = (scope: Budget['scope'], period: Budget['period']): BudgetInput => ({ scope, period, usd: 1_000_000, onExhausted: 'block' });
  return {
    version: 1, gatewayId: 'bench',
    tiers: [tier('small', MODEL), tier('slow', SLOW_MODEL)],
    workflows: [
      { id: 'Ask', tiers: ['small'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2 },
      { id: 'OpenStreams', tiers: ['slow'] },
    ],
    keys: [{ id: 'bench', secret: { env: 'BENCH_KEY' }, workflow: 'Ask', tenant: 'bench', requestsPerMinute: 1_000_000_000, tokensPerMinute: 1_000_000_000_000 }],
    budgets: [budget('global', 'month'), budget('workflow', 'day'), budget('tenant', 'month'), budget('key', 'day')],
  };
}

const PROMPT = 'Summarise the visit below for the chart, in the words of the clinician, and leave nothing out that was said about doses. '.repeat(8);

export const bodyOf = (stream: boolean, model = MODEL): string => JSON.stringify({
  model, messages: [{ role: 'system', content: 'You write clinical notes.' }, { role: 'user', content: PROMPT }], max_tokens: 200,
  ...stream ? { stream, stream_options: { include_usage: true } } : {},
});
