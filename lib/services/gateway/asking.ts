/**
 * One call's way through the tiers it may be asked of: reserve what it may cost, ask, and on a failure or an exhausted budget go
 * to the next. Each ask ends with an answer and its reservation, or with a refusal and nothing reserved.
 */
import { estimateTokens, outputBound } from '../../gateway/estimate';
import { NanoUsd } from '../../gateway/ledger';
import { Refusal } from '../../gateway/refusal';
import { CallKind, assertSoldAt, bodyForTier } from '../../gateway/request-body';
import { Order } from '../../gateway/route/order';
import { ModelAnswer, Prompt } from '../../gateway/route/ports';
import { TierOrder } from '../../gateway/tier-order';
import { GuardedLedger } from './ledger/guarded-ledger';
import { Held, Payer, budgetRefusal, giveBack, reserve } from './reserving';
import { LiveTier } from './runtime';
import { FailedAnswer, Outcome, StreamAnswer, WholeAnswer } from './upstream/answer';

export interface Served extends ModelAnswer<LiveTier> {
  readonly answer: WholeAnswer | StreamAnswer;
  readonly promptBytes: number;
  readonly held: Held;
  /** Attempts at this tier that may be billed although nothing came of them. */
  readonly lost: number;
}

/** Told as it happens, for the usage record. */
export interface AskingNotes {
  tier: LiveTier | undefined;
  attempts: number;
  /** Premium models asked. */
  premiumCalls: number;
  degraded: boolean;
  /** What attempts that came to nothing may be billed, at the tiers so far. */
  lost: NanoUsd;
  /** A tier did not answer. */
  failed(tier: LiveTier, reason: string): void;
}

/** The client's own error as an upstream found it: passed on as it is. */
export class PassedOn extends Error {
  public constructor(public readonly status: number, public readonly body: Buffer) {
    super(`the upstream refused the request with status ${status}`);
  }
}

interface PricedTier {
  readonly id: string;
  readonly price: NanoUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tier: LiveTier;
}

export class Asking {
  private asks = 0;
  /** A call counts as one request of its key, however many tiers it takes. */
  private counted: boolean;

  /** `gone`: the client has left, so no further tier is worth its money. */
  public constructor(private readonly payer: Payer, private readonly ledger: GuardedLedger, private readonly notes: AskingNotes, private readonly gone: () => boolean) {
    this.counted = payer.counted;
  }

  public async ask(prompt: Prompt, { tiers, spare, flexible, admit, reached }: Order<LiveTier>): Promise<Served> {
    const order = new TierOrder(candidatesOf(tiers, prompt, this.payer.kind, flexible));
    // Who asks for more than a cheaper tier allows has none to degrade to; that does not make a dearer one the cheapest.
    const cheapestMayServe = !spare && order.size === tiers.length;
    let failure: FailedAnswer | undefined;
    let shareFull = false;
    for (let candidate = order.next(); candidate !== undefined && !this.gone();) {
      const permit = admit(candidate.tier);
      if (permit === undefined) {
        shareFull = true;
        candidate = order.next();
        continue;
      }
      this.notes.tier = candidate.tier;
      const held = await this.reserve(candidate, cheapestMayServe && order.isCheapest(candidate)).catch((error: unknown) => {
        permit.giveBack();
        throw error;
      });
      if ('exhausted' in held) {
        permit.giveBack();
        const cheaper = held.exhausted.onExhausted === 'degrade' ? order.cheaperThan(candidate) : undefined;
        if (cheaper === undefined) throw failure === undefined ? budgetRefusal(held) : notAnswered(failure, shareFull);
        this.notes.degraded = true;
        candidate = cheaper;
        continue;
      }
      reached();
      const { answer, lost } = await this.askTier(candidate.tier, prompt, held);
      if (answer.kind !== 'failed') return { tier: candidate.tier, answer, completion: answer.kind === 'whole' ? answer.parsed : undefined, promptBytes: prompt.bytes, held, lost };
      // What nobody bills is no use of a premium model.
      if (lost === 0) permit.giveBack();
      // After a failure, that another tier cannot take this request does not make it the client's fault: it is to try again.
      if (answer.blame === 'client' && failure === undefined) throw new PassedOn(answer.status ?? 400, answer.body ?? Buffer.alloc(0));
      this.notes.failed(candidate.tier, answer.reason);
      if (answer.blame === 'upstream') failure = answer;
      candidate = order.next();
    }
    throw notAnswered(failure, shareFull);
  }

  private async reserve({ tier, price, inputTokens, outputTokens }: PricedTier, cheapest: boolean): ReturnType<typeof reserve> {
    const { payer, counted } = this;
    const ask = { id: `${payer.request}.${this.asks++}`, tier: tier.config.id, cheapest, price, inputTokens, outputTokens, expiresInMs: tier.upstream.longestMs, counted };
    const held = await reserve(payer, ask, this.ledger);
    if (!('exhausted' in held)) this.counted = true;
    return held;
  }

  private async askTier({ config, priority, upstream }: LiveTier, { body }: Prompt, held: Held): Promise<Outcome> {
    const { payer: { request, kind }, notes } = this;
    const outcome = await upstream.ask({ id: request, path: kind === 'chat' ? '/chat/completions' : '/embeddings', body: bodyForTier(body, config, priority) });
    const { answer, lost } = outcome;
    notes.attempts += answer.attempts;
    notes.lost += lost * held.settlement.reserved;
    if (config.premium && (answer.kind !== 'failed' || lost > 0)) notes.premiumCalls++;
    if (answer.kind === 'failed') await giveBack(held, lost, this.ledger);
    return outcome;
  }
}

/** Those that can take the call; where the first one cannot, that is the client's fault, unless others may stand in for it. */
function candidatesOf(tiers: readonly LiveTier[], prompt: Prompt, kind: CallKind, flexible: boolean): PricedTier[] {
  let first: unknown;
  const candidates = tiers.flatMap((tier, i) => {
    try {
      return [priced(tier, prompt, kind)];
    } catch (error) {
      if (!(error instanceof Refusal) || (i === 0 && !flexible)) throw error;
      first ??= error;
      return [];
    }
  });
  if (candidates.length === 0) throw first;
  return candidates;
}

function priced(tier: LiveTier, { body, bytes }: Prompt, kind: CallKind): PricedTier {
  assertSoldAt(body, tier.config);
  const inputTokens = estimateTokens(bytes, body, tier.calibration);
  const outputTokens = kind === 'chat' ? outputBound(body, tier.config) : 0;
  return { id: tier.config.id, price: tier.rates.reserve(inputTokens, outputTokens), inputTokens, outputTokens, tier };
}

function notAnswered(failure: FailedAnswer | undefined, shareFull: boolean): Refusal {
  const share = shareFull ? ' The premium tier was not asked, because its share of the calls is used up: raise maxPremiumSharePercent, or leave it out.' : '';
  if (failure !== undefined) return new Refusal('upstream_failed', `No model of this workflow answered; the last one: ${failure.reason}. Try again.${share}`, failure.retryAfterMs);
  return new Refusal('upstream_failed', shareFull ? `No model of this workflow could be asked.${share} Try again.` : 'The client left before a model answered.');
}
