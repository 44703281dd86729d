/**
 * What a tier's tokens cost. Rates are resolved once, per length of the input where a provider charges long calls more, and kept
 * as whole numbers of a tiny unit: a call is then priced by a few exact multiplications.
 */
import { PriceOverride } from '../contracts/declaration';
import { TierConfig, TierPrice } from '../contracts/gateway';
import { Tokens } from '../contracts/usage-record';
import { InputError } from '../errors';
import { Decimal, ZERO, decimal } from '../money';
import { tokenItem, withTokenOverrides } from '../prices/token-overrides';
import { CallCost, TokenRates, tokenPrice } from '../prices/tokens';
import { NanoUsd } from './ledger';

/** Rates are in units of 1e-30 dollars: list prices per million tokens, less a percentage, are whole numbers of it. */
const UNITS_PER_USD = decimal(10).pow(30);
const UNITS_PER_NANO = 10n ** 21n;
/** Records tell dollars to 12 places. */
const UNITS_PER_PICO = 10n ** 18n;

export type Cost = { readonly nano: NanoUsd; readonly usd: string } | { readonly unknown: string };

export interface TierRates {
  /** Where the figures are from. */
  readonly source: string;
  /** What a call cost; `nano` rounded up. */
  cost(tokens: Tokens): Cost;
  /** The most that a call of so many tokens can cost, however its input is split between the caches. */
  reserve(inputTokens: number, outputTokens: number): NanoUsd;
}

type Kind = 'input' | 'output' | 'cacheRead' | 'cacheWrite';
const KINDS: readonly Kind[] = ['input', 'output', 'cacheRead', 'cacheWrite'];

/** Units per token; null where the price is unknown. */
type Rates = Readonly<Record<Kind, bigint | null>>;

/** The rates of calls whose input is longer than `above`. */
interface Band {
  readonly above: number;
  readonly rates: Rates;
  /** Per call, whatever its length. */
  readonly request: bigint;
  /** Dearest rates of this band and the shorter ones: a call may turn out shorter than it was estimated. */
  readonly dearest: { readonly input: bigint; readonly output: bigint; readonly request: bigint };
}

/** Throws an InputError where the price of a tier's input or output is unknown. */
export function tierRates(tier: TierConfig, overrides: readonly PriceOverride[]): TierRates {
  if ('usdPerMillionTokens' in tier.price) {
    return ratesOf(tier, tier.price.source, [declaredBand(tier.price.usdPerMillionTokens)]);
  }
  const price = withTokenOverrides(tokenPrice(tier.price), tier.price, overrides);
  if (!price.known) throw noPrice(tier, price.reason);
  const bands = [0, ...price.lengthSteps].map(above => listedBand(price, above));
  const needed: readonly Kind[] = tier.kind === 'embedding' ? ['input'] : ['input', 'output'];
  for (const kind of needed) {
    if (bands.some(band => band.rates[kind] === null)) throw noPrice(tier, `the price of ${kind} tokens of ${tokenItem(tier.price)} is unknown`);
  }
  return ratesOf(tier, price.source, bands);
}

const noPrice = ({ id, price }: TierConfig, reason: string): InputError => new InputError(
  `The tier ${id} has no known price: ${reason}. Give it usdPerMillionTokens with its source${'model' in price ? `, or add priceOverrides for ${tokenItem(price)}/input and /output` : ''}.`);

type BandRates = Pick<Band, 'above' | 'rates' | 'request'>;

function declaredBand({ input, output, cacheRead = input, cacheWrite = input }: Extract<TierPrice, { source: string }>['usdPerMillionTokens']): BandRates {
  const rate = (usdPerMillion: number): bigint => units(decimal(usdPerMillion).div(1_000_000));
  return { above: 0, rates: { input: rate(input), output: rate(output), cacheRead: rate(cacheRead), cacheWrite: rate(cacheWrite) }, request: 0n };
}

/** The rates as they show in the cost of calls that are just long enough. */
function listedBand(price: TokenRates, above: number): BandRates {
  const length = decimal(above + 1);
  const ofKind = (kind: Kind): CallCost | undefined => {
    const tokens = { input: length, output: ZERO, cacheRead: ZERO, cacheWrite: ZERO };
    const cost = price.callCost(kind === 'input' ? tokens : { ...tokens, [kind]: kind === 'output' ? decimal(1) : length });
    return 'unknown' in cost ? undefined : cost;
  };
  const rate = (kind: Kind): bigint | null => {
    const cost = ofKind(kind);
    return cost === undefined ? null : units(kind === 'output' ? cost.output : cost[kind].div(length));
  };
  return { above, rates: { input: rate('input'), output: rate('output'), cacheRead: rate('cacheRead'), cacheWrite: rate('cacheWrite') }, request: units(ofKind('input')?.request ?? ZERO) };
}

const units = (usd: Decimal): bigint => BigInt(usd.times(UNITS_PER_USD).toFixed(0, Decimal.ROUND_UP));

function ratesOf({ id }: TierConfig, source: string, found: readonly BandRates[]): TierRates {
  const bands = found.map((band, i): Band => ({ ...band, dearest: dearestOf(found.slice(0, i + 1)) }));
  const bandOf = (inputTokens: number): Band => bands.findLast(band => inputTokens > band.above) ?? bands[0]!;
  return {
    source,
    cost: tokens => {
      const { rates, request } = bandOf(tokens.input);
      const uncached = Math.max(tokens.input - tokens.cacheRead - tokens.cacheWrite, 0);
      const counts: Readonly<Record<Kind, number>> = { input: uncached, output: tokens.output, cacheRead: tokens.cacheRead, cacheWrite: tokens.cacheWrite };
      let total = request;
      for (const kind of KINDS) {
        if (counts[kind] === 0) continue;
        const rate = rates[kind];
        if (rate === null) return { unknown: `no price for ${kind} tokens of tier ${id}` };
        total += rate * BigInt(counts[kind]);
      }
      return { nano: nanoOf(total), usd: usdOf(total) };
    },
    reserve: (inputTokens, outputTokens) => {
      const { input, output, request } = bandOf(inputTokens).dearest;
      return nanoOf(request + input * BigInt(inputTokens) + output * BigInt(outputTokens));
    },
  };
}

function dearestOf(bands: readonly BandRates[]): Band['dearest'] {
  const rates = (...kinds: Kind[]): bigint[] => bands.flatMap(band => kinds.map(kind => band.rates[kind] ?? 0n));
  return { input: most(rates('input', 'cacheRead', 'cacheWrite')), output: most(rates('output')), request: most(bands.map(band => band.request)) };
}

const most = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a > b ? a : b, 0n);

const nanoOf = (amount: bigint): NanoUsd => Number((amount + UNITS_PER_NANO - 1n) / UNITS_PER_NANO);

/** Dollars to 12 places, rounded half up, without trailing zeros. */
function usdOf(amount: bigint): string {
  const digits = ((amount + UNITS_PER_PICO / 2n) / UNITS_PER_PICO).toString().padStart(13, '0');
  const fraction = digits.slice(-12).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -12) : `${digits.slice(0, -12)}.${fraction}`;
}

const STANDARD = ['default', 'auto', 'standard', 'on_demand'];

/**
 * Why a reply was not sold at the tier's price: the provider served it faster and dearer, or slower and cheaper, than what the
 * price is of. undefined where it was. A declared price is taken to be that of whatever the tier's calls ask for.
 */
export function soldAs({ id, price }: Pick<TierConfig, 'id' | 'price'>, replyServiceTier: unknown): string | undefined {
  if (typeof replyServiceTier !== 'string' || 'usdPerMillionTokens' in price) return undefined;
  const sold = STANDARD.includes(replyServiceTier) ? 'standard' : replyServiceTier;
  return sold === price.serviceTier ? undefined : `sold as ${sold.slice(0, 40)}; the price of tier ${id} is of ${price.serviceTier}`;
}
