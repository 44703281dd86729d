/**
 * Declared token prices: a discount on `provider/model`, or a commitment on `provider/model/input`, `/output`,
 * `/cacheRead` or `/cacheWrite` in USD per million tokens, also for a model the list does not know.
 */
import { PriceOverride } from '../contracts/declaration';
import { Decimal, ZERO, decimal } from '../money';
import { CallCost, CallTokens, ModelId, TokenPrice } from './tokens';

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
type Kind = typeof KINDS[number];

/** The item a model is known under in price overrides and on the command line. */
export const tokenItem = ({ provider, model, serviceTier = 'standard' }: ModelId): string =>
  `${provider}/${model}${serviceTier === 'standard' ? '' : `@${serviceTier}`}`;

export function withTokenOverrides(listed: TokenPrice, id: ModelId, overrides: readonly PriceOverride[]): TokenPrice {
  const item = tokenItem(id);
  const committed = new Map<Kind, Decimal>();
  for (const override of overrides) {
    const kind = KINDS.find(k => override.item === `${item}/${k}`);
    if (kind && override.kind === 'commitment') committed.set(kind, decimal(override.usd));
  }
  const discount = overrides.findLast(o => o.kind === 'discount' && (o.item === item || o.item === `${id.provider}/*`));
  if (committed.size === 0 && !discount) return listed;
  const applied = overrides.filter(o => o === discount || o.item.startsWith(`${item}/`));
  const factor = discount?.kind === 'discount' ? decimal(100).minus(discount.percentOff).div(100) : decimal(1);
  if (!listed.known && committed.size === 0) return listed;
  return {
    known: true,
    model: listed.known ? listed.model : id.model,
    source: `declared: ${applied.map(o => o.reason).join('; ')}`,
    asOf: applied.map(o => o.date).sort()[0]!,
    status: 'listed',
    callCost: tokens => overridden(listed, tokens, committed, factor, item),
  };
}

function overridden(
  listed: TokenPrice, tokens: CallTokens, committed: ReadonlyMap<Kind, Decimal>, factor: Decimal, item: string,
): CallCost | { unknown: string } {
  const counts: Record<Kind, Decimal> = {
    input: Decimal.max(tokens.input.minus(tokens.cacheRead).minus(tokens.cacheWrite), ZERO),
    output: tokens.output, cacheRead: tokens.cacheRead, cacheWrite: tokens.cacheWrite,
  };
  const open = KINDS.find(kind => !committed.has(kind) && !counts[kind].isZero());
  let list: CallCost | undefined;
  if (open !== undefined) {
    if (!listed.known) return { unknown: `no price for ${item}/${open}: declare it beside the others` };
    const cost = listed.callCost(tokens);
    if ('unknown' in cost) return cost;
    list = cost;
  }
  const part = (kind: Kind): Decimal => {
    const price = committed.get(kind);
    return price ? counts[kind].times(price).div(1_000_000) : (list?.[kind] ?? ZERO).times(factor);
  };
  const parts = { input: part('input'), output: part('output'), cacheRead: part('cacheRead'), cacheWrite: part('cacheWrite') };
  const request = (list?.request ?? ZERO).times(factor);
  const total = parts.input.plus(parts.output).plus(parts.cacheRead).plus(parts.cacheWrite).plus(request);
  return { ...parts, request, total };
}
