/** How the answer of a route reaches its client: written, kept or made, as the kind of reply that was asked for; and its record. */
import { ServerResponse } from 'node:http';
import { completionEvents } from '../../gateway/completion';
import { CallRecord } from '../../gateway/records';
import { COST, replyHeaders } from '../../gateway/reply-headers';
import { wantsUsage } from '../../gateway/request-body';
import { RoutedCall } from '../../gateway/route/pipeline';
import { FromModel, Routed } from '../../gateway/route/ports';
import { StreamMeter } from '../../gateway/stream-meter';
import { Served } from './asking';
import { Bill, Metered } from './bill';
import { CallNotes, Ending } from './call-notes';
import type { Desk } from './call';
import { Document, Headers } from './deliver';
import { Keeping } from './keeping';
import { REQUEST_ID } from './replies';
import { Payer, countOnly } from './reserving';
import { LiveTier } from './runtime';
import { StreamAnswer, WholeAnswer } from './upstream/answer';

export class ClientReply {
  public constructor(
    private readonly call: RoutedCall<LiveTier>, private readonly payer: Payer, private readonly desk: Desk, private readonly notes: CallNotes,
    private readonly bill: Bill, private readonly response: ServerResponse,
  ) {}

  /** Resolves when the record is written and nothing more will be. */
  public give(routed: Routed<Served>): Promise<void> | void {
    if (routed.by === 'bypass') return this.free(this.documentOf(routed.completion), '0');
    if (routed.by === 'cache') return this.free(routed.entry, routed.entry.costUsd ?? '0');
    const { answer } = routed.answer;
    return answer.kind === 'stream' ? this.stream(routed, answer) : this.whole(routed, answer);
  }

  /** No model was asked. */
  private async free(document: Document, savedUsd: string): Promise<void> {
    const { firstOfRun } = await countOnly(this.payer, this.desk.ledger);
    const headers = { ...this.headers(), [COST]: '0' };
    this.desk.deliverer.whole(this.response, document, ({ outcome }) => {
      this.record({ outcome, status: 200, error: null, runs: this.notes.runsOf(firstOfRun), savedUsd });
      return headers;
    });
  }

  private whole(routed: FromModel<Served>, answer: WholeAnswer): void {
    const { body } = this.call;
    const document: Document = body.stream === true ? this.documentOf(answer.parsed) : { contentType: 'application/json', bytes: answer.body };
    const ending = this.endingOf(routed, this.bill.ofWhole(routed.answer, answer));
    this.desk.deliverer.whole(this.response, document, ({ outcome }) => {
      const record = this.record({ ...ending, outcome });
      this.keeping(routed).whole(answer.parsed, document, record);
      return { ...this.headers(routed), ...costOf(record) };
    });
  }

  private stream(routed: FromModel<Served>, answer: StreamAnswer): Promise<void> {
    const { held } = routed.answer;
    const meter = new StreamMeter(wantsUsage(this.call.body));
    const keeping = this.keeping(routed);
    return new Promise(resolve => {
      this.desk.deliverer.stream(this.response, answer, this.headers(routed), COST, {
        event: event => {
          const way = meter.event(event);
          if (way === 'pass') keeping.event(event);
          return way;
        },
        finish: ({ outcome, unread, ...cut }) => {
          resolve();
          const failed = outcome === 'cut-short';
          const metered = this.bill.settle(routed.answer, meter.result(held.inputTokens), { unread, failed });
          const ending = this.endingOf(routed, metered);
          if (failed) this.desk.log.warn({ request: this.notes.id, tier: routed.answer.tier.id, ...cut }, 'a stream broke off');
          const record = this.record({ ...ending, outcome, ...failed ? { error: 'upstream_failed', runs: 0 } : {} });
          keeping.stream(outcome !== 'cut-short' && unread !== true, record);
          return costOf(record);
        },
      });
    });
  }

  /** As a stream, where that was asked for. */
  private documentOf(completion: Readonly<Record<string, unknown>>): Document {
    const { body } = this.call;
    return body.stream === true ? { contentType: 'text/event-stream', bytes: Buffer.concat(completionEvents(completion, wantsUsage(body))) }
      : { contentType: 'application/json', bytes: Buffer.from(JSON.stringify(completion)) };
  }

  private endingOf({ answer, other }: FromModel<Served>, metered: Metered): Ending {
    // The first of two asks has entered the run, the second has met it there.
    const firstOfRun = other === undefined || answer.held.firstOfRun !== false ? answer.held.firstOfRun : other.answer.held.firstOfRun;
    return {
      outcome: 'answered', status: 200, error: null, made: { tier: answer.tier, metered }, runs: this.notes.runsOf(firstOfRun),
      other: other === undefined ? undefined : { tier: other.answer.tier, metered: this.meteredOf(other.answer), failedChecks: other.failed },
    };
  }

  private meteredOf(served: Served): Metered {
    // What is given beside another answer was checked, so it came whole.
    if (served.answer.kind !== 'whole') throw new Error(`An answer of ${served.tier.id} was set aside as a stream.`);
    return this.bill.ofWhole(served, served.answer);
  }

  private keeping(routed: FromModel<Served>): Keeping {
    return new Keeping(routed, this.call.body, this.notes.workflow?.config.route.cache?.ttlSeconds);
  }

  private headers(routed?: FromModel<Served>): Headers {
    const { trace, degraded } = this.notes;
    return { [REQUEST_ID]: this.notes.id, ...replyHeaders({ trace, tier: routed?.answer.tier.id, degraded, escalated: escalationOf(routed) }) };
  }

  private record(ending: Ending): CallRecord {
    const record = this.notes.record(ending);
    this.desk.record(record);
    return record;
  }
}

const costOf = ({ costUsd }: CallRecord): Headers => costUsd === null ? {} : { [COST]: costUsd };

/** The premium tier is always the second. */
function escalationOf(routed: FromModel<Served> | undefined): { readonly from: string; readonly to: string } | undefined {
  if (routed?.other === undefined) return undefined;
  const [given, other] = [routed.answer.tier, routed.other.answer.tier];
  return given.premium ? { from: other.id, to: given.id } : { from: given.id, to: other.id };
}
