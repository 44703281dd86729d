/** Whether an answer is kept for the same call again. Where it is not, those who wait for it are told as soon as that is known. */
import { EndedChoice, mayCacheAnswer } from '../../gateway/cache/cacheable';
import { StreamRecording } from '../../gateway/cache/stream-recording';
import { choicesOf } from '../../gateway/completion';
import { CallRecord } from '../../gateway/records';
import { CallBody } from '../../gateway/request-body';
import { FromModel, Lead } from '../../gateway/route/ports';
import { Document } from './deliver';

type Made = Pick<FromModel<{ readonly tier: { readonly id: string } }>, 'answer' | 'intended' | 'lead'>;
type Known = Pick<CallRecord, 'kind' | 'costUsd'> & { readonly route: Pick<CallRecord['route'], 'failedChecks'> };

export class Keeping {
  private lead: Lead | undefined;
  private readonly tier: string;
  /** Of a call whose answer is not kept nothing is held. */
  private recording: StreamRecording | undefined;

  /** `trimmed`: the prompt was shortened, which is never answered without saying so. */
  public constructor(made: Made, trimmed: boolean, private readonly body: CallBody, private readonly ttlSeconds: number | undefined) {
    this.lead = made.lead;
    this.tier = made.answer.tier.id;
    if (made.lead !== undefined) this.recording = new StreamRecording();
    // The tier that was due may have room, or work, again.
    if (trimmed || !made.intended) this.giveUp();
  }

  /** Of a stream, as it was passed to the client. */
  public event(event: Buffer): void {
    if (this.recording?.add(event) === false) this.giveUp();
  }

  /** `complete`: the model itself said that it was all. */
  public stream(complete: boolean, record: Known): void {
    const { recording } = this;
    if (complete && recording !== undefined) this.keep(recording.choices, { contentType: 'text/event-stream', bytes: recording.content() }, record);
    else this.giveUp();
  }

  public whole(completion: Readonly<Record<string, unknown>>, document: Document, record: Known): void {
    // Vectors have no end that could be missing.
    this.keep(record.kind === 'embedding' ? [VECTORS] : choicesOf(completion), document, record);
  }

  private keep(choices: readonly EndedChoice[], document: Document, { costUsd, route: { failedChecks } }: Known): void {
    if (this.ttlSeconds === undefined || !mayCacheAnswer({ choices, failedChecks, size: document.bytes.length }, this.body)) this.giveUp();
    else this.lead?.keep({ ...document, tier: this.tier, costUsd, at: Date.now() }, this.ttlSeconds * 1000);
  }

  private giveUp(): void {
    this.lead?.release();
    this.lead = undefined;
    this.recording = undefined;
  }
}

const VECTORS: EndedChoice = { finishReason: 'stop', refusal: null, toolCalls: [] };
