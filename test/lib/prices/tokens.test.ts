import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import pinned from '../../../package.json';
import { decimal } from '../../../lib/money';
import { CallTokens, TOKEN_PRICES_SOURCE, sameModel, tokenPrice } from '../../../lib/prices/tokens';

const tokens = (input: number, output: number, cacheRead = 0, cacheWrite = 0): CallTokens =>
  ({ input: decimal(input), output: decimal(output), cacheRead: decimal(cacheRead), cacheWrite: decimal(cacheWrite) });

function cost(provider: string, model: string, call: CallTokens): string {
  const price = tokenPrice({ provider, model });
  if (!price.known) throw new Error(price.reason);
  const cost = price.callCost(call);
  if ('unknown' in cost) throw new Error(cost.unknown);
  return cost.total.toFixed();
}

describe('token prices', () => {
  test('a Bedrock call by hand: 3,200 x 3.30 and 700 x 16.50 per million', () => {
    expect(cost('aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', tokens(3200, 700))).toBe('0.02211');
  });

  test('global is a tenth cheaper than regional', () => {
    expect(cost('aws', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', tokens(3200, 700))).toBe('0.0201');
  });

  test('trap: the long-context tier is chosen by one call, never by a monthly sum', () => {
    expect(cost('anthropic', 'claude-sonnet-4-5', tokens(200_000, 0))).toBe('0.6');
    expect(cost('anthropic', 'claude-sonnet-4-5', tokens(200_001, 0))).toBe('1.200006');
    // A hundred calls of 3,000 tokens stay at the base price although their sum is 300,000.
    expect(decimal(cost('anthropic', 'claude-sonnet-4-5', tokens(3000, 0))).times(100).toFixed()).toBe('0.9');
  });

  test('trap: a fuzzy match of another version is refused', () => {
    expect(calcPrice({ input_tokens: 1 }, 'amazon.titan-embed-text-v2:0', { providerId: 'aws' })?.model.id).toBe('amazon.titan-embed-text-v1');
    expect(tokenPrice({ provider: 'aws', model: 'amazon.titan-embed-text-v2:0' })).toEqual({
      known: false, reason: expect.stringContaining('amazon.titan-embed-text-v1, another model'),
    });
  });

  test('trap: what the list does not know stays unknown', () => {
    for (const model of ['meta.llama3-1-405b-instruct-v1:0', 'no-such-model']) {
      expect(tokenPrice({ provider: 'aws', model })).toEqual({ known: false, reason: expect.stringContaining(model) });
    }
    expect(tokenPrice({ provider: 'nobody', model: 'gpt-5' }).known).toBe(false);
  });

  test('trap: batch, flex and priority have no price in the list', () => {
    for (const serviceTier of ['batch', 'flex', 'priority']) {
      expect(tokenPrice({ provider: 'openai', model: 'gpt-5-mini', serviceTier })).toEqual({ known: false, reason: expect.stringContaining(serviceTier) });
    }
  });

  test('trap: cached tokens are part of the input, are charged once, and never make the list throw', () => {
    // 2,200 uncached at 1.10, 1,000 read at .11, 700 out at 5.50
    expect(cost('aws', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', tokens(3200, 700, 1000))).toBe('0.00638');
    expect(() => cost('aws', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', tokens(10, 0, 1000))).not.toThrow();
  });

  test('trap: a price the list lacks for a kind of token is unknown, not free', () => {
    const llama = tokenPrice({ provider: 'aws', model: 'meta.llama3-1-8b-instruct-v1:0' });
    expect(llama.known && llama.callCost(tokens(100, 10, 50))).toEqual({ unknown: expect.stringContaining('cacheRead') });
  });

  test('trap: sums are exact decimals where the list gives floats', () => {
    expect(calcPrice({ input_tokens: 3200, output_tokens: 700 }, 'openai.gpt-oss-20b-1:0', { providerId: 'aws' })?.total_price).not.toBe(0.000434);
    expect(cost('aws', 'openai.gpt-oss-20b-1:0', tokens(3200, 700))).toBe('0.000434');
  });

  test('Bedrock outside the US is inferred, and says so; GovCloud is unknown', () => {
    expect(tokenPrice({ provider: 'aws', model: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0', region: 'eu-west-1' }))
      .toMatchObject({ status: 'inferred', note: expect.stringContaining('eu-west-1') });
    expect(tokenPrice({ provider: 'aws', model: 'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0' }).known).toBe(false);
  });

  test('the source names the pinned version', () => {
    expect(TOKEN_PRICES_SOURCE).toBe(`@pydantic/genai-prices ${pinned.dependencies['@pydantic/genai-prices']}`);
  });

  test.each([
    ['us.anthropic.claude-sonnet-4-6', 'regional.anthropic.claude-sonnet-4-6-v1:0', true],
    ['gpt-5-mini-2025-08-07', 'gpt-5-mini', true],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5', true],
    ['gpt-5-mini', 'gpt-5', false],
    ['amazon.titan-embed-text-v2:0', 'amazon.titan-embed-text-v1', false],
    ['gpt-5-minimal', 'gpt-5-mini', false],
  ])('sameModel(%s, %s) is %s', (asked, answered, same) => {
    expect(sameModel(asked, answered)).toBe(same);
  });

  test('agrees with the list itself for any single call', () => {
    fc.assert(fc.property(
      fc.constantFrom('claude-sonnet-4-5', 'claude-haiku-4-5'),
      fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 50_000 }), fc.double({ min: 0, max: 1, noNaN: true }),
      (model, input, output, cached) => {
        const cacheRead = Math.floor(input * cached);
        const theirs = calcPrice({ input_tokens: input, output_tokens: output, cache_read_tokens: cacheRead }, model, { providerId: 'anthropic', timestamp: new Date('2026-09-23T12:00:00Z') })!.total_price;
        expect(Number(cost('anthropic', model, tokens(input, output, cacheRead)))).toBeCloseTo(theirs, 9);
      },
    ));
  });
});
