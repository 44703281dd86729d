/**
 * One call to one endpoint until it is known good, in time: a whole reply is read to its end, a stream to its first good
 * event. Until then nobody else has seen anything of it, so that another endpoint can still be asked.
 */
import { WholeAnswer, StreamAnswer } from './answer';
import { Failure, brokenFailure, failure } from './failure';
import { Reply } from './reply';
import { StreamHost, StreamReply } from './stream-reply';
import { Endpoint, UpstreamCall, UpstreamError, UpstreamEvents, UpstreamHead, UpstreamRequest } from './upstream';
import { WholeHost, WholeReply } from './whole-reply';

export type Outcome = WholeAnswer | StreamAnswer | Failure;

export interface AttemptLimits {
  readonly firstEventMs: number;
  readonly idleMs: number;
  /** What is left of the time for the whole call. */
  readonly totalMs: number;
}

/** `attempts`: calls made, this one included. `over` is called once, when nothing more will come of it. */
export function attempt(endpoint: Endpoint, request: UpstreamRequest, attempts: number, limits: AttemptLimits, over: () => void): Promise<Outcome> {
  return new Promise(resolve => { new Attempt(request, attempts, limits, resolve, over).begin(endpoint); });
}

class Attempt implements UpstreamEvents, WholeHost, StreamHost, UpstreamCall {
  private call: UpstreamCall | undefined;
  private reply: Reply | undefined;
  private flowing: StreamReply | undefined;
  private known = false;
  private closed = false;
  private readonly first: NodeJS.Timeout;
  private readonly total: NodeJS.Timeout | undefined;

  public constructor(
    private readonly request: UpstreamRequest, private readonly attempts: number, private readonly limits: AttemptLimits,
    private readonly resolve: (outcome: Outcome) => void, private readonly over: () => void,
  ) {
    const streams = request.body.stream === true;
    // What comes whole comes when all of it is generated.
    this.first = setTimeout(() => { this.tooSlow(); }, streams ? Math.min(limits.firstEventMs, limits.totalMs) : limits.totalMs);
    if (streams) this.total = setTimeout(() => { this.flowing?.cut('the whole reply took too long'); }, limits.totalMs);
  }

  public begin(endpoint: Endpoint): void {
    this.call = endpoint.call(this.request, this);
    if (this.closed) this.call.abort();
  }

  public head(head: UpstreamHead): void {
    if (this.closed) return;
    const streamAsked = this.request.body.stream === true;
    this.reply = streamAsked && head.status === 200 && head.contentType.startsWith('text/event-stream')
      ? new StreamReply(this.attempts, this.limits.idleMs, this, this)
      : new WholeReply(head, streamAsked, this);
  }

  public data(chunk: Buffer): void {
    if (!this.closed) this.reply?.data(chunk);
  }

  public end(): void {
    this.reply?.end();
  }

  public error(error: UpstreamError): void {
    if (this.reply !== undefined) this.reply.broken(error);
    else this.bad(brokenFailure(error, false));
  }

  public whole(body: Buffer, parsed: Record<string, unknown>): void {
    this.settle({ kind: 'whole', attempts: this.attempts, body, parsed });
    this.ended();
  }

  public stream(answer: StreamReply): void {
    this.flowing = answer;
    this.settle(answer);
  }

  public bad(why: Failure): void {
    if (this.known) return;
    this.settle(why);
    this.ended();
    this.abort();
  }

  public ended(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.total);
    this.over();
  }

  public pause(): void {
    this.call?.pause();
  }

  public resume(): void {
    this.call?.resume();
  }

  public abort(): void {
    this.call?.abort();
  }

  private tooSlow(): void {
    const { firstEventMs, totalMs } = this.limits;
    const reason = this.request.body.stream === true ? `no event came within ${firstEventMs / 1000} s` : `no whole reply came within ${totalMs / 1000} s`;
    this.bad(this.reply?.tooSlow(reason) ?? failure('timeout', reason));
  }

  private settle(outcome: Outcome): void {
    if (this.known) return;
    this.known = true;
    clearTimeout(this.first);
    this.resolve(outcome);
  }
}
