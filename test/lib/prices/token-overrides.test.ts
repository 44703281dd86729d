import { PriceOverride } from '../../../lib/contracts/declaration';
import { decimal } from '../../../lib/money';
import { withTokenOverrides } from '../../../lib/prices/token-overrides';
import { ModelId, tokenPrice } from '../../../lib/prices/tokens';

const base = { reason: 'quoted by sales', date: '2026-10-01' };
const HAIKU = { provider: 'aws', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0' };
const MINE = { provider: 'mine', model: 'llama' };
const commit = (item: string, usd: number): PriceOverride => ({ kind: 'commitment', item, usd, unit: 'million tokens', ...base });

function cost(id: ModelId, overrides: PriceOverride[], cacheRead = 0): string {
  const price = withTokenOverrides(tokenPrice(id), id, overrides);
  if (!price.known) return price.reason;
  const result = price.callCost({ input: decimal(1000), output: decimal(200), cacheRead: decimal(cacheRead), cacheWrite: decimal(0) });
  return 'unknown' in result ? result.unknown : result.total.toFixed();
}

test('a discount takes a percentage off every kind of token', () => {
  expect(cost(HAIKU, [{ kind: 'discount', item: 'aws/us.anthropic.claude-haiku-4-5-20251001-v1:0', percentOff: 50, ...base }])).toBe('0.0011');
  expect(cost(HAIKU, [{ kind: 'discount', item: 'aws/*', percentOff: 50, ...base }])).toBe('0.0011');
});

test('a commitment replaces one kind and leaves the others at their list price', () => {
  expect(cost(HAIKU, [commit('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0/output', 1)])).toBe('0.0013');
});

test('a model the list does not know is priced when every kind in use is', () => {
  expect(cost(MINE, [])).toContain('no token price for mine llama');
  expect(cost(MINE, [commit('mine/llama/input', 2)])).toContain('no price for mine/llama/output');
  expect(cost(MINE, [commit('mine/llama/input', 2), commit('mine/llama/output', 5)])).toBe('0.003');
  expect(cost(MINE, [commit('mine/llama/input', 2), commit('mine/llama/output', 5)], 10)).toContain('no price for mine/llama/cacheRead');
});

test('a discount may name one kind of token, or a prefix', () => {
  const off = (item: string): PriceOverride => ({ kind: 'discount', item, percentOff: 50, ...base });
  expect(cost(HAIKU, [off('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0/output')])).toBe('0.00165');
  expect(cost(HAIKU, [off('aws/us.anthropic*')])).toBe('0.0011');
});

test('the override that names the model goes before a prefix, whatever their order', () => {
  const off = (item: string, percentOff: number): PriceOverride => ({ kind: 'discount', item, percentOff, ...base });
  const both = [off('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0', 20), off('aws/*', 50)];
  expect([cost(HAIKU, both), cost(HAIKU, both.toReversed())]).toEqual(['0.00176', '0.00176']);
});

test('a commitment says for which tokens, and per million', () => {
  expect(() => cost(HAIKU, [commit('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0', 1)])).toThrow(/must say for which tokens: .*\/input/);
  expect(() => cost(MINE, [{ ...commit('mine/llama/input', 2), unit: '1K tokens' } as PriceOverride])).toThrow(/USD per "1K tokens"; token prices are in USD per "million tokens"/);
});

test('a batch price is one of its own', () => {
  const batch = { ...HAIKU, serviceTier: 'batch' };
  expect(cost(batch, [commit('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0/input', 1)])).toContain('no batch prices');
  const item = 'aws/us.anthropic.claude-haiku-4-5-20251001-v1:0@batch';
  expect(cost(batch, [commit(`${item}/input`, 0.55), commit(`${item}/output`, 2.75)])).toBe('0.0011');
});

test('a discount on an unknown model leaves it unknown', () => {
  expect(cost(MINE, [{ kind: 'discount', item: 'mine/*', percentOff: 50, ...base }])).toContain('no token price for mine llama');
});
