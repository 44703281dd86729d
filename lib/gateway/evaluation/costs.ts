/** What recorded answers cost at the tiers' own prices. The data has texts and no usage, so their tokens are counted here. */
import { PriceOverride } from '../../contracts/declaration';
import { TierConfig } from '../../contracts/gateway';
import { InputError } from '../../errors';
import { NanoUsd } from '../ledger';
import { PromptTokens } from '../prompt/prompt-tokens';
import { TokenCounter } from '../prompt/token-counter';
import { TierRates, tierRates } from '../tier-price';
import { RecordedAnswer, Side } from './recorded';
import { Pair, Played, bodyOf } from './replay';

export type Price = Pick<TierRates, 'source' | 'cost'> | Unknown;
export type Prices = Readonly<Record<Side, Price>>;
export type Amount = NanoUsd | Unknown;

interface Unknown {
  readonly unknown: string;
}

/** Of a call: of each model's answer to it, and of those that the route asks for. */
export type Costs = Readonly<Record<Side | 'route', Amount>>;

export const isKnown = (amount: Amount): amount is NanoUsd => typeof amount === 'number';

export const pricesOf = ({ weak, strong }: Pair, overrides: readonly PriceOverride[]): Prices => ({ weak: priceOf(weak, overrides), strong: priceOf(strong, overrides) });

/** The gateway refuses a tier without a known price; what an evaluation says of quality needs none. */
function priceOf(tier: TierConfig, overrides: readonly PriceOverride[]): Price {
  try {
    return tierRates(tier, overrides);
  } catch (error) {
    if (error instanceof InputError) return { unknown: error.message };
    throw error;
  }
}

export function costsOf({ record, asked }: Pick<Played, 'record' | 'asked'>, prices: Prices, count: TokenCounter): Costs {
  const input = new PromptTokens(count).ofBody(bodyOf(record.prompt));
  const [weak, strong] = [costOf(record.weak, input, prices.weak, count), costOf(record.strong, input, prices.strong, count)];
  return { weak, strong, route: total(asked.map(side => side === 'weak' ? weak : strong)) };
}

export const total = (amounts: readonly Amount[]): Amount => {
  const unknown = amounts.find(amount => !isKnown(amount));
  return unknown ?? amounts.filter(isKnown).reduce((sum, amount) => sum + amount, 0);
};

function costOf({ response }: RecordedAnswer, input: number, price: Price, count: TokenCounter): Amount {
  if ('unknown' in price) return price;
  const cost = price.cost({ input, output: count(response), cacheRead: 0, cacheWrite: 0, reasoning: 0 });
  return 'unknown' in cost ? cost : cost.nano;
}
