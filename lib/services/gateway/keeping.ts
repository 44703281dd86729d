/** Whether an answer that was given is kept for the same call again: decided when all of it is known, and said either way. */
import { EndedChoice, answerCacheable } from '../../gateway/cache/cacheable';
import { StreamRecording } from '../../gateway/cache/stream-recording';
import { choicesOf } from '../../gateway/completion';
import { CallRecord } from '../../gateway/records';
import { CallBody } from '../../gateway/request-body';
import { FromModel, Lead } from '../../gateway/route/ports';
import { Served } from './asking';
import { Document } from './deliver';

export class Keeping {
  private readonly lead: Lead | undefined;
  /** Of a call whose answers are not kept nothing is recorded. */
  private readonly recording: StreamRecording | undefined;

  public constructor({ lead }: Pick<FromModel<Served>, 'lead'>, private readonly body: CallBody, private readonly ttlSeconds: number | undefined) {
    this.lead = lead;
    this.recording = lead === undefined ? undefined : new StreamRecording();
  }

  /** Of a stream, as it was passed to the client. */
  public event(event: Buffer): void {
    this.recording?.add(event);
  }

  public stream(complete: boolean, record: CallRecord): void {
    const { lead, recording } = this;
    if (lead === undefined || recording === undefined) return;
    if (complete) this.keep(lead, recording.choices, { contentType: 'text/event-stream', bytes: recording.content() }, recording.size, record);
    else lead.release();
  }

  public whole(completion: Readonly<Record<string, unknown>>, document: Document, record: CallRecord): void {
    // Vectors have no end that could be missing.
    const choices = record.kind === 'embedding' ? [VECTORS] : choicesOf(completion);
    if (this.lead !== undefined) this.keep(this.lead, choices, document, document.bytes.length, record);
  }

  private keep(lead: Lead, choices: readonly EndedChoice[], document: Document, size: number, { route, degraded, tier, model, tokens, costUsd, at }: CallRecord): void {
    const unsuited = answerCacheable({ choices, failedChecks: route.failedChecks, degraded, trimmed: route.trimmed !== null, size }, this.body);
    if (unsuited !== undefined || this.ttlSeconds === undefined) return lead.release();
    lead.keep({ ...document, tier: tier ?? '', model: model ?? '', tokens, costUsd, at: Date.parse(at) }, this.ttlSeconds * 1000);
  }
}

const VECTORS: EndedChoice = { finishReason: 'stop', refusal: null, toolCalls: [] };
