/** A model's prices per million tokens, read off by pricing single calls: the list's tiers depend on the length of one call. */
import { Decimal, ZERO, decimal } from '../money';
import { CallTokens, TokenRates } from '../prices/tokens';

export interface TokenRateRow {
  readonly kind: 'input' | 'cache read' | 'cache write' | 'output' | 'request';
  /** Tokens of input above which this price holds; 0 for the price of a short call. */
  readonly above: number;
  /** Per million tokens; per request for a request. null where the list has no price of this kind. */
  readonly usd: Decimal | null;
}

const SHORT = 1000;
/** Longer than any context window today. */
const LONG = 16_000_000;

type Sample = (price: TokenRates, length: number) => Decimal | null;

/** Per million, from a call of `length` input tokens with 1,000 tokens of the kind (or all of the input). */
const SAMPLES: readonly (readonly [TokenRateRow['kind'], Sample])[] = [
  ['input', (price, length) => perMillion(price, { input: decimal(length) }, 'input', length)],
  ['cache read', (price, length) => perMillion(price, { input: decimal(length), cacheRead: decimal(length) }, 'cacheRead', length)],
  ['cache write', (price, length) => perMillion(price, { input: decimal(length), cacheWrite: decimal(length) }, 'cacheWrite', length)],
  ['output', (price, length) => perMillion(price, { input: decimal(length), output: decimal(1000) }, 'output', 1000)],
];

export function tokenRateRows(price: TokenRates): TokenRateRow[] {
  const rows = SAMPLES.flatMap(([kind, sample]) => [
    { kind, above: 0, usd: sample(price, SHORT) },
    ...steps(length => sample(price, length)).map(above => ({ kind, above, usd: sample(price, above + 1) })),
  ]);
  const request = cost(price, { input: decimal(SHORT) }, 'request');
  return request === null || request.isZero() ? rows : [...rows, { kind: 'request', above: 0, usd: request }];
}

/** The lengths after which the price is another one, found by halving. */
function steps(at: (length: number) => Decimal | null): number[] {
  const same = (a: number, b: number): boolean => String(at(a)) === String(at(b));
  const found: number[] = [];
  for (let from = SHORT; !same(from, LONG);) {
    let [low, high] = [from, LONG];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (same(from, middle)) low = middle;
      else high = middle;
    }
    found.push(low);
    from = high;
  }
  return found;
}

function perMillion(price: TokenRates, tokens: Partial<CallTokens>, part: keyof CallTokens, count: number): Decimal | null {
  return cost(price, tokens, part)?.div(count).times(1_000_000) ?? null;
}

function cost(price: TokenRates, tokens: Partial<CallTokens>, part: keyof CallTokens | 'request'): Decimal | null {
  const call = price.callCost({ input: ZERO, output: ZERO, cacheRead: ZERO, cacheWrite: ZERO, ...tokens });
  return 'unknown' in call ? null : call[part];
}
