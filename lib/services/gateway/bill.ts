/** What the answers of one call used and cost: each is metered once, and the ledger told. */
import { decimal, plain, sum } from '../../money';
import { NANO_PER_USD } from '../../gateway/budget-scopes';
import { CallKind } from '../../gateway/request-body';
import { StreamUsage } from '../../gateway/stream-meter';
import { Cost, soldAs } from '../../gateway/tier-price';
import { NO_TOKENS } from '../../gateway/usage';
import { usageOfWhole } from '../../gateway/whole-usage';
import { Served } from './asking';
import { GuardedLedger } from './ledger/guarded-ledger';
import { Held } from './reserving';
import { WholeAnswer } from './upstream/answer';

export interface Metered extends Pick<StreamUsage, 'usage' | 'tokens'> {
  readonly cost: Cost;
}

export class Bill {
  private readonly metered = new Map<Served, Metered>();
  private readonly settling: Promise<void>[] = [];

  public constructor(private readonly ledger: GuardedLedger, private readonly kind: CallKind) {}

  /** Of a whole answer, which is settled now, if it was not before. */
  public ofWhole(served: Served, answer: WholeAnswer): Metered {
    return this.metered.get(served) ?? this.settle(served, usageOfWhole(answer, served.held.inputTokens, this.kind), {});
  }

  /** unread: the model may have made more than was seen. failed: the run begins with the next call. */
  public settle(served: Served, seen: StreamUsage, { unread = false, failed = false }: { readonly unread?: boolean; readonly failed?: boolean }): Metered {
    const { tier, held, lost, promptBytes } = served;
    const { tokens, usage, serviceTier } = unread ? asReserved(seen, held) : seen;
    const otherPrice = usage === 'none' ? undefined : soldAs(tier.config, serviceTier);
    const cost: Cost = otherPrice === undefined ? tier.rates.cost(tokens) : { unknown: otherPrice };
    if (usage === 'provider') tier.calibration.observe(promptBytes, tokens.input);
    const metered = { usage, tokens, cost };
    this.metered.set(served, metered);
    this.settling.push(this.ledger.settle({
      ...held.settlement,
      // What has no known price has cost what was reserved for it, until somebody knows better.
      spent: ('unknown' in cost ? held.settlement.reserved : cost.nano) + lost * held.settlement.reserved,
      tokensUsed: tokens.input + tokens.output + lost * held.settlement.tokensReserved,
      releaseRun: failed && held.firstOfRun === true ? held.run : null,
    }));
    return metered;
  }

  /** Resolves when the ledger has been told of all of it. */
  public async settled(): Promise<void> {
    await Promise.all(this.settling);
  }
}

/** As much as it may have come to, unless the provider said. */
const asReserved = (seen: StreamUsage, { inputTokens, outputTokens }: Held): StreamUsage =>
  seen.usage === 'provider' ? seen : { ...seen, usage: 'estimated', tokens: { ...NO_TOKENS, input: inputTokens, output: outputTokens } };

/** Dollars as a decimal string. */
export const usdOf = (nanoUsd: number): string => nanoUsd === 0 ? '0' : plain(decimal(nanoUsd).div(NANO_PER_USD));

/** Of answers and of what came to nothing, in nano-USD; null where one of them is unknown. */
export function totalUsd(answers: readonly Metered[], lost: number): { readonly costUsd: string | null; readonly unknownCost: string | null } {
  const known: string[] = lost === 0 ? [] : [usdOf(lost)];
  for (const { cost } of answers) {
    if ('unknown' in cost) return { costUsd: null, unknownCost: cost.unknown };
    known.push(cost.usd);
  }
  // Nearly always one.
  return { costUsd: known.length === 1 ? known[0]! : plain(sum(known.map(decimal))), unknownCost: null };
}
