/**
 * Token prices from @pydantic/genai-prices, resolved to rates once per model and kept honest: its fuzzy match is
 * checked, its null stays unknown, its clock is pinned, and its floats become decimals before anything is multiplied.
 */
import { calcPrice } from '@pydantic/genai-prices';
import { Decimal, ZERO, decimal } from '../money';

/** The day @pydantic/genai-prices 0.1.8 was published. A test holds this to the pinned version. */
export const TOKEN_PRICES_AS_OF = '2026-09-23';
export const TOKEN_PRICES_SOURCE = '@pydantic/genai-prices 0.1.8';

/** Dated prices resolve at this moment; noon UTC is outside every provider's off-peak discount. */
const PINNED = new Date(`${TOKEN_PRICES_AS_OF}T12:00:00Z`);
const MILLION = 1_000_000;

/** Tokens of one call. `input` includes what is read from and written to the provider's prompt cache. */
export interface CallTokens {
  readonly input: Decimal;
  readonly output: Decimal;
  readonly cacheRead: Decimal;
  readonly cacheWrite: Decimal;
}

export interface CallCost {
  readonly input: Decimal;
  readonly cacheRead: Decimal;
  readonly cacheWrite: Decimal;
  readonly output: Decimal;
  /** Charged per request whatever its length. */
  readonly request: Decimal;
  readonly total: Decimal;
}

export interface TokenRates {
  readonly known: true;
  readonly model: string;
  readonly source: string;
  readonly asOf: string;
  readonly status: 'listed' | 'inferred';
  readonly note?: string;
  /** Lengths of a call's input above which its rates change, ascending. */
  readonly lengthSteps: readonly number[];
  /** Prices one call: the provider's long-context tier depends on the length of the single call, never on a sum. */
  callCost(tokens: CallTokens): CallCost | { readonly unknown: string };
}
export type TokenPrice = TokenRates | { readonly known: false; readonly reason: string };

/** A rate as the list gives it: dollars per million, flat or by length of the call's input. */
type Rate = number | { base: number; tiers: { start: number; price: number }[] } | undefined;

export interface ModelId {
  readonly provider: string;
  readonly model: string;
  readonly serviceTier?: string;
  /** Region the call is made from; Bedrock's list does not tell regions apart. */
  readonly region?: string;
}

export function tokenPrice({ provider, model, serviceTier = 'standard', region }: ModelId): TokenPrice {
  const unknown = (why: string): TokenPrice => ({ known: false, reason: `no token price for ${provider} ${model}: ${why}` });
  if (serviceTier !== 'standard') return unknown(`the list has no ${serviceTier} prices; declare price overrides for ${provider}/${model}@${serviceTier}/input and /output`);
  const found = calcPrice({ input_tokens: 1 }, model, { providerId: provider, timestamp: PINNED });
  if (!found) return unknown(`the list does not know this model of ${provider}; check the id, or declare a price override`);
  if (found.provider.id !== provider) return unknown(`the list answered with the price of ${found.provider.id}`);
  if (!sameModel(model, found.model.id)) return unknown(`the list answered with ${found.model.id}, another model`);
  if (/^us-gov\./.test(model)) return unknown('GovCloud prices are not in the list');
  const rates = found.model_price as Record<string, Rate>;
  const otherRegion = provider === 'aws' && region !== undefined && !region.startsWith('us-');
  return {
    known: true,
    model: found.model.id,
    source: TOKEN_PRICES_SOURCE,
    asOf: TOKEN_PRICES_AS_OF,
    status: otherRegion ? 'inferred' : 'listed',
    note: otherRegion ? `the list does not tell ${region} from the US regions` : undefined,
    lengthSteps: [...new Set(Object.values(rates).flatMap(rate => typeof rate === 'object' ? rate.tiers.map(tier => tier.start) : []))].sort((a, b) => a - b),
    callCost: tokens => callCost(rates, tokens, found.model.id),
  };
}

function callCost(rates: Record<string, Rate>, tokens: CallTokens, model: string): CallCost | { unknown: string } {
  const price = (key: string, count: Decimal): Decimal | null => {
    if (count.isZero()) return ZERO;
    const rate = rates[key];
    if (rate === undefined) return null;
    return count.times(rateAt(rate, tokens.input)).div(MILLION);
  };
  const uncached = Decimal.max(tokens.input.minus(tokens.cacheRead).minus(tokens.cacheWrite), ZERO);
  const parts = {
    input: price('input_mtok', uncached),
    cacheRead: price('cache_read_mtok', tokens.cacheRead),
    cacheWrite: price('cache_write_mtok', tokens.cacheWrite),
    output: price('output_mtok', tokens.output),
  };
  for (const [part, cost] of Object.entries(parts)) {
    if (cost === null) return { unknown: `the list has no ${part} price for ${model}` };
  }
  const perThousand = rates.requests_kcount;
  const request = perThousand === undefined ? ZERO : rateAt(perThousand, tokens.input).div(1000);
  const known = parts as Record<keyof typeof parts, Decimal>;
  const total = known.input.plus(known.cacheRead).plus(known.cacheWrite).plus(known.output).plus(request);
  return { ...known, request, total };
}

function rateAt(rate: Exclude<Rate, undefined>, inputTokens: Decimal): Decimal {
  if (typeof rate === 'number') return decimal(rate);
  // The whole call is priced at the highest tier its input exceeds.
  const tier = rate.tiers.filter(t => inputTokens.gt(t.start)).at(-1);
  return decimal(tier ? tier.price : rate.base);
}

/** Is the answer the model that was asked for? Geography prefixes and dates may differ, a version may not. */
export function sameModel(asked: string, answered: string): boolean {
  const [a, b] = [bare(asked), bare(answered)];
  if (a === b || a === `${b}-v1` || b === `${a}-v1`) return true;
  const suffix = a.startsWith(`${b}-`) ? a.slice(b.length + 1) : '';
  return /^(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/.test(suffix);
}

const bare = (id: string): string =>
  id.replace(/^(us-gov|us|eu|apac|jp|au|ca|global|regional)\./, '').replace(/:\d+$/, '');
