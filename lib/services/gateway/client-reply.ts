/** How the answer of a route reaches its client: written, kept or made, as the kind of reply that was asked for; and its record. */
import { ServerResponse } from 'node:http';
import { completionEvents } from '../../gateway/completion';
import { CacheEntry } from '../../gateway/cache/entry';
import { CallRecord } from '../../gateway/records';
import { COST, Way, replyHeaders } from '../../gateway/reply-headers';
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

type Made = Pick<Way, 'tier' | 'age' | 'escalated'>;

export class ClientReply {
  public constructor(
    private readonly call: RoutedCall<LiveTier>, private readonly payer: Payer, private readonly desk: Desk, private readonly notes: CallNotes,
    private readonly bill: Bill, private readonly response: ServerResponse,
  ) {}

  /** Resolves when the record is written and nothing more will be. */
  public give(routed: Routed<Served>): Promise<void> | void {
    if (routed.by === 'bypass') return this.free(this.documentOf(routed.completion), '0');
    if (routed.by === 'cache') return this.free(routed.entry, routed.entry.costUsd ?? '0', routed.entry);
    const { answer } = routed.answer;
    return answer.kind === 'stream' ? this.stream(routed, answer) : this.whole(routed, answer);
  }

  /** No model was asked. */
  private async free(document: Document, savedUsd: string, kept?: CacheEntry): Promise<void> {
    const { firstOfRun } = await countOnly(this.payer, this.desk.ledger);
    const headers = { ...this.headers(kept === undefined ? {} : { tier: kept.tier, age: ageOf(kept) }), [COST]: '0' };
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
      return { ...this.headers(wayOf(routed)), ...costOf(record) };
    });
  }

  private stream(routed: FromModel<Served>, answer: StreamAnswer): Promise<void> {
    const { held } = routed.answer;
    const meter = new StreamMeter(wantsUsage(this.call.body));
    const keeping = this.keeping(routed);
    return new Promise(resolve => {
      this.desk.deliverer.stream(this.response, answer, this.headers(wayOf(routed)), COST, {
        event: event => {
          const way = meter.event(event);
          if (way === 'pass') keeping.event(event);
          return way;
        },
        finish: ({ outcome, unread, complete, ...cut }) => {
          resolve();
          const failed = outcome === 'cut-short';
          const metered = this.bill.settle(routed.answer, meter.result(held.inputTokens), { unread, failed });
          const ending = this.endingOf(routed, metered);
          if (failed) this.desk.log.warn({ request: this.notes.id, tier: routed.answer.tier.id, ...cut }, 'a stream broke off');
          const record = this.record({ ...ending, outcome, ...failed ? { error: 'upstream_failed', runs: 0 } : {} });
          keeping.stream(complete === true, record);
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
    const { trace, workflow } = this.notes;
    return new Keeping(routed, trace.trimmed !== null, this.call.body, workflow?.config.route.cache?.ttlSeconds);
  }

  private headers(made: Made): Headers {
    const { id, trace, degraded } = this.notes;
    return { [REQUEST_ID]: id, ...replyHeaders({ trace, degraded, ...made }) };
  }

  private record(ending: Ending): CallRecord {
    const record = this.notes.record(ending);
    this.desk.record(record);
    return record;
  }
}

const costOf = ({ costUsd }: CallRecord): Headers => costUsd === null ? {} : { [COST]: costUsd };

/** By another process's clock, which may be ahead. */
const ageOf = ({ at }: CacheEntry): number => Math.max(0, Math.floor((Date.now() - at) / 1000));

/** The premium tier is always the second of two. */
function wayOf({ answer: { tier: given }, other: set }: FromModel<Served>): Made {
  if (set === undefined) return { tier: given.id };
  const other = set.answer.tier;
  return { tier: given.id, escalated: given.premium ? { from: other.id, to: given.id } : { from: given.id, to: other.id } };
}
