/** The price of a call at its tier: the price book's to the last digit, and never more than what was reserved for it. */
import fc from 'fast-check';
import { PriceOverride } from '../../../lib/contracts/declaration';
import { TierConfig, tierSchema } from '../../../lib/contracts/gateway';
import { Tokens } from '../../../lib/contracts/usage-record';
import { InputError } from '../../../lib/errors';
import { TierRates, soldAs, tierRates } from '../../../lib/gateway/tier-price';
import { Decimal, decimal, plain } from '../../../lib/money';
import { withTokenOverrides } from '../../../lib/prices/token-overrides';
import { tokenPrice } from '../../../lib/prices/tokens';

const tier = (price: object, kind: TierConfig['kind'] = 'chat'): TierConfig =>
  tierSchema.parse({ id: 'Small', kind, provider: 'openai', model: 'm', endpoints: [{ url: 'http://127.0.0.1:1' }], price });
const declared = (usd: object): TierConfig => tier({ usdPerMillionTokens: usd, source: 'contract' });
const used = (tokens: Partial<Tokens>): Tokens => ({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, ...tokens });
const known = (rates: TierRates, tokens: Tokens): { nano: number; usd: string } => {
  const cost = rates.cost(tokens);
  if ('unknown' in cost) throw new Error(cost.unknown);
  return cost;
};

const DISCOUNT: PriceOverride = { item: 'anthropic/*', kind: 'discount', percentOff: 12.5, reason: 'contract', date: '2026-01-01' };
/** Of the book: flat, long calls dearer, with a discount, and a rate of 17 digits. */
const LISTED: readonly { provider: string; model: string; overrides: readonly PriceOverride[] }[] = [
  { provider: 'openai', model: 'gpt-4o-mini', overrides: [] },
  { provider: 'anthropic', model: 'claude-sonnet-4-5', overrides: [] },
  { provider: 'anthropic', model: 'claude-sonnet-4-5', overrides: [DISCOUNT] },
  { provider: 'google', model: 'gemini-2.5-pro', overrides: [] },
  { provider: 'google', model: 'gemini-2.5-flash', overrides: [] },
  { provider: 'aws', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', overrides: [] },
];

/** Calls of every length, those next to where long calls begin among them. */
const count = fc.oneof(fc.nat(2000), fc.nat(1_000_000), fc.constantFrom(128_000, 128_001, 199_999, 200_000, 200_001, 272_000));
const tokensWithin = (input: number, output: number): fc.Arbitrary<Tokens> => fc.tuple(fc.nat(input), fc.nat(output), fc.nat(1000), fc.nat(1000)).map(([i, o, r, w]) => {
  const cacheRead = Math.floor(i * r / 1000);
  return { input: i, cacheRead, cacheWrite: Math.floor((i - cacheRead) * w / 1000), output: o, reasoning: 0 };
});

describe.each(LISTED)('$provider $model $overrides.length', ({ provider, model, overrides }) => {
  const id = { provider, model };
  const book = withTokenOverrides(tokenPrice(id), id, overrides);
  if (!book.known) throw new Error(book.reason);
  const rates = tierRates(tier(id), overrides);
  const dear = (tokens: Tokens): Decimal | null => {
    const cost = book.callCost({ input: decimal(tokens.input), output: decimal(tokens.output), cacheRead: decimal(tokens.cacheRead), cacheWrite: decimal(tokens.cacheWrite) });
    return 'unknown' in cost ? null : cost.total;
  };

  test('costs what the book says, to the last digit', () => {
    fc.assert(fc.property(fc.tuple(count, count).chain(([i, o]) => tokensWithin(i, o)), tokens => {
      const cost = rates.cost(tokens);
      const total = dear(tokens);
      if (total === null) expect(cost).toEqual({ unknown: expect.stringContaining('tier Small') });
      else expect(cost).toEqual({ nano: total.times(1e9).ceil().toNumber(), usd: plain(total) });
    }));
  });

  test('no split of the tokens costs more than what is reserved', () => {
    fc.assert(fc.property(fc.tuple(count, count).chain(([i, o]) => fc.tuple(fc.constant(i), fc.constant(o), tokensWithin(i, o))), ([input, output, tokens]) => {
      const cost = rates.cost(tokens);
      if (!('unknown' in cost)) expect(cost.nano).toBeLessThanOrEqual(rates.reserve(input, output));
    }));
  });

  test('more output or more uncached input never costs less', () => {
    fc.assert(fc.property(count, count, fc.nat(1000), (input, output, more) => {
      expect(known(rates, used({ input, output: output + more })).nano).toBeGreaterThanOrEqual(known(rates, used({ input, output })).nano);
      expect(known(rates, used({ input: input + more, output })).nano).toBeGreaterThanOrEqual(known(rates, used({ input, output })).nano);
    }));
  });
});

test('a long call is dearer as a whole: Gemini 2.5 Pro beyond 200,000', () => {
  const rates = tierRates(tier({ provider: 'google', model: 'gemini-2.5-pro' }), []);
  expect(rates.cost(used({ input: 200_000, output: 1000 }))).toEqual({ nano: 260_000_000, usd: '0.26' });
  expect(rates.cost(used({ input: 200_001, output: 1000 }))).toEqual({ nano: 515_002_500, usd: '0.5150025' });
});

test('a hand-made bill: cached tokens are charged once, at their own rates', () => {
  const rates = tierRates(declared({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }), []);
  // 1,000 x 3 + 5,000 x 0.3 + 2,000 x 3.75 + 400 x 15, per million; reasoning is part of the output.
  expect(rates.cost(used({ input: 8000, cacheRead: 5000, cacheWrite: 2000, output: 400, reasoning: 300 }))).toEqual({ nano: 18_000_000, usd: '0.018' });
  expect(rates.source).toBe('contract');
  expect(rates.reserve(8000, 400)).toBe(36_000_000);
});

test('declared rates: cache tokens cost as input unless said, nothing costs nothing, and part of a nano-dollar is one', () => {
  const rates = tierRates(declared({ input: 1, output: 2 }), []);
  expect(rates.cost(used({ input: 10, cacheRead: 4, cacheWrite: 3 }))).toEqual({ nano: 10_000, usd: '0.00001' });
  expect(rates.cost(used({}))).toEqual({ nano: 0, usd: '0' });
  expect(tierRates(declared({ input: 0.0001, output: 0 }), []).cost(used({ input: 1 }))).toEqual({ nano: 1, usd: '0.0000000001' });
});

test('the ledger\'s sum is never below the exact sum, and above it by less than a nano-dollar per call', () => {
  const rates = tierRates(declared({ input: 0.0735, output: 1.1111, cacheRead: 0.0123 }), []);
  fc.assert(fc.property(fc.array(tokensWithin(5000, 2000), { minLength: 1, maxLength: 50 }), calls => {
    const exact = calls.reduce((sum, t) => sum.plus(decimal(t.input - t.cacheRead).times('0.0735').plus(decimal(t.cacheRead).times('0.0123')).plus(decimal(t.output).times('1.1111')).times(1000)), decimal(0));
    const ledger = calls.reduce((sum, t) => sum + known(rates, t).nano, 0);
    expect(exact.lte(ledger)).toBe(true);
    expect(exact.plus(calls.length).gt(ledger)).toBe(true);
  }));
});

test('an embedding model needs no output price', () => {
  const price = { provider: 'openai', model: 'text-embedding-3-small' };
  expect(tierRates(tier(price, 'embedding'), []).cost(used({ input: 1_000_000 }))).toEqual({ nano: 20_000_000, usd: '0.02' });
  expect(() => tierRates(tier(price, 'chat'), [])).toThrow(InputError);
  expect(() => tierRates(tier(price, 'chat'), [])).toThrow(/tier Small has no known price: the price of output tokens of openai\/text-embedding-3-small is unknown.*openai\/text-embedding-3-small\/input/);
});

test('a tier without a known price is refused with the remedy', () => {
  const unknown = (price: object, overrides: readonly PriceOverride[] = []): void => { tierRates(tier(price), overrides); };
  expect(() => unknown({ provider: 'openai', model: 'no-such-model' })).toThrow(/tier Small has no known price: .*usdPerMillionTokens.*priceOverrides for openai\/no-such-model\/input/);
  expect(() => unknown({ provider: 'openai', model: 'gpt-4o-mini', serviceTier: 'flex' })).toThrow(/gpt-4o-mini@flex\/input/);
  const input: PriceOverride = { item: 'openai/no-such-model/input', kind: 'commitment', usd: 1, unit: 'million tokens', reason: 'quote', date: '2026-01-01' };
  expect(() => unknown({ provider: 'openai', model: 'no-such-model' }, [input])).toThrow('the price of output tokens of openai/no-such-model is unknown');
});

test('tokens of a kind without a price have an unknown cost, not $0', () => {
  const commitments = (['input', 'output'] as const).map((kind): PriceOverride => ({ item: `openai/own/${kind}`, kind: 'commitment', usd: 1, unit: 'million tokens', reason: 'quote', date: '2026-01-01' }));
  const rates = tierRates(tier({ provider: 'openai', model: 'own' }), commitments);
  expect(known(rates, used({ input: 5, output: 5 })).nano).toBe(10_000);
  expect(rates.cost(used({ input: 5, cacheRead: 1 }))).toEqual({ unknown: 'no price for cacheRead tokens of tier Small' });
});

describe('the service tier of a reply', () => {
  const standard = tier({ provider: 'openai', model: 'gpt-4o-mini' });
  const flex = tier({ provider: 'openai', model: 'gpt-4o-mini', serviceTier: 'flex' });

  test.each([undefined, null, 'default', 'auto', 'standard', 'on_demand', 7])('%p is the standard one', reply => {
    expect(soldAs(standard, reply)).toBeUndefined();
  });

  test('another one has another price', () => {
    expect(soldAs(standard, 'flex')).toBe('sold as flex; the price of tier Small is of standard');
    expect(soldAs(standard, 'priority')).toContain('sold as priority');
    expect(soldAs(flex, 'flex')).toBeUndefined();
    expect(soldAs(flex, 'default')).toBe('sold as standard; the price of tier Small is of flex');
    expect(soldAs(declared({ input: 1, output: 1 }), 'flex')).toBeUndefined();
  });
});
