/**
 * Declared token prices: a discount on `provider/model` (or a prefix of it), or a commitment on `provider/model/input`,
 * `/output`, `/cacheRead` or `/cacheWrite` in USD per million tokens, also for a model the list does not know.
 */
import { PriceOverride } from '../contracts/declaration';
import { InputError } from '../errors';
import { Decimal, ZERO, decimal } from '../money';
import { overrideFor } from './overrides';
import { CallCost, CallTokens, ModelId, TokenPrice } from './tokens';

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
type Kind = typeof KINDS[number];
const UNIT = 'million tokens';

/** The item a model is known under in price overrides and on the command line. */
export const tokenItem = ({ provider, model, serviceTier = 'standard' }: ModelId): string =>
  `${provider}/${model}${serviceTier === 'standard' ? '' : `@${serviceTier}`}`;

export function withTokenOverrides(listed: TokenPrice, id: ModelId, overrides: readonly PriceOverride[]): TokenPrice {
  const item = tokenItem(id);
  const byKind = new Map(KINDS.flatMap(kind => {
    const override = overrideFor([`${item}/${kind}`, item], overrides);
    if (override?.kind === 'commitment' && override.item !== `${item}/${kind}`) {
      throw new InputError(`The price override for ${override.item} must say for which tokens: ${KINDS.map(k => `${item}/${k}`).join(', ')}.`);
    }
    return override ? [[kind, override] as const] : [];
  }));
  const applied = [...new Set(byKind.values())];
  if (applied.length === 0) return listed;
  for (const override of applied) {
    if (override.kind === 'commitment' && override.unit !== UNIT) {
      throw new InputError(`The price override for ${override.item} is in USD per "${override.unit}"; token prices are in USD per "${UNIT}".`);
    }
  }
  if (!listed.known && applied.every(override => override.kind === 'discount')) return listed;
  return {
    known: true,
    model: listed.known ? listed.model : id.model,
    source: `declared: ${applied.map(o => o.reason).join('; ')}`,
    asOf: applied.map(o => o.date).sort()[0]!,
    status: 'listed',
    lengthSteps: listed.known ? listed.lengthSteps : [],
    callCost: tokens => overridden(listed, tokens, byKind, item),
  };
}

function overridden(listed: TokenPrice, tokens: CallTokens, byKind: ReadonlyMap<Kind, PriceOverride>, item: string): CallCost | { unknown: string } {
  const counts: Record<Kind, Decimal> = {
    input: Decimal.max(tokens.input.minus(tokens.cacheRead).minus(tokens.cacheWrite), ZERO),
    output: tokens.output, cacheRead: tokens.cacheRead, cacheWrite: tokens.cacheWrite,
  };
  const open = KINDS.find(kind => byKind.get(kind)?.kind !== 'commitment' && !counts[kind].isZero());
  if (open !== undefined && !listed.known) return { unknown: `no price for ${item}/${open}: declare it beside the others` };
  const list = open === undefined || !listed.known ? undefined : listed.callCost(tokens);
  if (list && 'unknown' in list) return list;
  const part = (kind: Kind): Decimal => {
    const override = byKind.get(kind);
    if (override?.kind === 'commitment') return counts[kind].times(override.usd).div(1_000_000);
    return (list?.[kind] ?? ZERO).times(decimal(100).minus(override?.percentOff ?? 0)).div(100);
  };
  const parts = { input: part('input'), output: part('output'), cacheRead: part('cacheRead'), cacheWrite: part('cacheWrite') };
  const request = list?.request ?? ZERO;
  const total = parts.input.plus(parts.output).plus(parts.cacheRead).plus(parts.cacheWrite).plus(request);
  return { ...parts, request, total };
}
