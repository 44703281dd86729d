/**
 * Some of the answered calls are asked of the other kind of tier, too, premium or not, after their client has its answer: what
 * both came to is in the records. A shadow pays as every call does, by budget and premium share, and is left out where it cannot.
 */
import { hash } from 'node:crypto';
import { CallRecord } from '../../gateway/records';
import { Refusal } from '../../gateway/refusal';
import { wholeAnswerOf } from '../../gateway/request-body';
import { check } from '../../gateway/route/check';
import { Permit } from '../../gateway/route/order';
import { RoutedCall } from '../../gateway/route/pipeline';
import { FromModel } from '../../gateway/route/ports';
import { Asking, PassedOn, Served } from './asking';
import { Bill } from './bill';
import { CallNotes, Ending } from './call-notes';
import { Log } from './log';
import { Payer } from './reserving';
import { LiveTier } from './runtime';
import { GuardedLedger } from './ledger/guarded-ledger';

/** Clients come first; more of them are left out. */
const MOST_AT_ONCE = 16;
const FREE: Permit = { giveBack: () => undefined };

export interface ShadowDesk {
  readonly ledger: GuardedLedger;
  readonly log: Log;
  record(call: CallRecord): void;
}

export class Shadows {
  private underWay = 0;
  private stopped = false;

  public constructor(private readonly desk: ShadowDesk) {}

  /** None begins any more. */
  public stop(): void {
    this.stopped = true;
  }

  /** Never rejects. Resolves when the shadow's record is written, if there is one, and the ledger knows. */
  public async ask({ answer, other: rejected, prompt }: FromModel<Served>, call: RoutedCall<LiveTier>, payer: Payer, notes: CallNotes): Promise<void> {
    const route = notes.workflow!.route;
    // An escalation has asked both.
    if (this.stopped || rejected !== undefined || payer.kind !== 'chat' || !isSampled(call.request, route.config.shadowPercent) || this.underWay >= MOST_AT_ONCE) return;
    const other = call.tiers.find(({ premium }) => premium !== answer.tier.premium);
    const permit = other?.premium === true ? route.chooser.takeForShadow() : FREE;
    if (other === undefined || permit === undefined) return;
    this.underWay++;
    let admitted = false;
    const shadow = CallNotes.ofShadow(notes, this.desk.log);
    const bill = new Bill(this.desk.ledger, payer.kind);
    // It is no request of its key's, and no call of the run.
    const caller = { ...payer.caller, requestsPerMinute: undefined, tokensPerMinute: undefined };
    const asking = new Asking({ ...payer, request: shadow.id, caller, run: null }, this.desk.ledger, shadow, () => false);
    try {
      const sent = wholeAnswerOf(prompt);
      const admit = (): Permit => {
        admitted = true;
        return permit;
      };
      const served = await asking.ask(sent, { tiers: [other], spare: true, flexible: false, admit, reached: () => undefined });
      shadow.answering();
      if (served.answer.kind !== 'whole') throw new Error('A shadow was answered by a stream.');
      shadow.trace.answeredBy = 'model';
      shadow.trace.failedChecks = check(served, sent, route, { failedChecks: () => undefined }).failed?.map(({ kind }) => kind) ?? null;
      this.desk.record(shadow.record({ outcome: 'answered', status: 200, error: null, made: { tier: other, metered: bill.ofWhole(served, served.answer) } }));
    } catch (error) {
      this.desk.record(shadow.record(endingBy(error)));
      if (!(error instanceof Refusal || error instanceof PassedOn)) this.desk.log.error({ request: shadow.id, error: error instanceof Error ? error.stack : String(error) }, 'a shadow failed');
    } finally {
      if (!admitted) permit.giveBack();
      this.underWay--;
    }
    await bill.settled();
  }
}

function endingBy(error: unknown): Ending {
  if (error instanceof PassedOn) return { outcome: 'refused', status: error.status, error: 'invalid_request' };
  if (!(error instanceof Refusal)) return { outcome: 'upstream-failed', status: 500, error: 'internal_error' };
  return { outcome: error.code === 'upstream_failed' ? 'upstream-failed' : 'refused', status: error.status, error: error.code };
}

/** The same calls for the same percentage, whatever the process. */
const isSampled = (request: string, percent: number): boolean => percent > 0 && hash('sha256', request, 'buffer').readUInt32BE(0) < (percent / 100) * 2 ** 32;
