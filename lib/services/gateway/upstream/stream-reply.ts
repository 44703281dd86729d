/**
 * A stream of events: held back until its first one proves good, then passed on whole event by whole event. What comes
 * before anybody consumes is kept, so that nothing is lost between the proof and the reader.
 */
import { codeOf, errorIn } from '../../../gateway/failures';
import { EventSplitter, eventData, eventName, isDone } from '../../../gateway/sse';
import { StreamAnswer, StreamConsumer } from './answer';
import { Failure, brokenFailure, errorFailure, failure, parseObject } from './failure';
import { Reply } from './reply';
import { UpstreamCall, UpstreamError } from './upstream';

/** An endless stream ends here. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;
/** More than this waits in the connection for its consumer. */
const MOST_HELD_BYTES = 64 * 1024;
const ERROR_KEY = Buffer.from('"error"');
const LETTER_D = 0x64;
const COLON = 0x3a;

/** Whom a stream tells what became of it. */
export interface StreamHost {
  /** Its first event is good. */
  stream(answer: StreamReply): void;
  /** No good event came; the call is to be ended. */
  bad(failure: Failure): void;
  /** No event follows. */
  ended(): void;
}

export class StreamReply implements Reply, StreamAnswer {
  public readonly kind = 'stream';
  private readonly splitter = new EventSplitter();
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private bytes = 0;
  private good = false;
  private over = false;
  private paused = false;
  private consumer: StreamConsumer | undefined;
  /** Told when the consumer has come: how it ended. */
  private ending: { readonly cut: string | undefined } | undefined;
  private idle: NodeJS.Timeout | undefined;

  public constructor(
    public readonly attempts: number, private readonly idleMs: number, private readonly upstream: UpstreamCall, private readonly host: StreamHost,
  ) {}

  public data(chunk: Buffer): void {
    if (this.over) return;
    this.bytes += chunk.length;
    if (this.bytes > MAX_STREAM_BYTES) return this.fail('bad-reply', `the stream is longer than ${MAX_STREAM_BYTES / 1024 / 1024} MB`);
    let events: readonly Buffer[];
    try {
      events = this.splitter.push(chunk);
    } catch (error) {
      return this.fail('bad-reply', `the stream holds ${(error as Error).message}`);
    }
    for (const event of events) {
      if (this.over) return;
      if (this.good) this.next(event);
      else this.first(event);
    }
    if (!this.over && !events.every(isComment)) this.idle?.refresh();
  }

  public end(): void {
    if (this.over) return this.quiet();
    // Some end it without the last blank line.
    if (this.good && isDone(this.splitter.rest())) {
      this.finish();
      return this.quiet();
    }
    this.fail('bad-reply', this.good ? 'the stream ended without [DONE]' : 'the stream ended before its first event');
  }

  public broken(error: UpstreamError): void {
    if (this.over) return this.quiet();
    if (this.good) this.cut(`the upstream broke off: ${error.message}`);
    else this.host.bad(brokenFailure(error, true));
  }

  public tooSlow(reason: string): Failure {
    return failure('timeout', reason);
  }

  public consume(consumer: StreamConsumer): void {
    const heldBack = this.paused;
    this.paused = false;
    // From here on only the consumer pauses; what it lets in meanwhile lines up behind what was held.
    this.heldBytes = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.held.length; i++) consumer.event(this.held[i]!);
    this.held.length = 0;
    this.consumer = consumer;
    if (this.ending !== undefined) return this.tell(this.ending.cut);
    if (!heldBack || this.paused || this.over) return;
    this.idle?.refresh();
    this.upstream.resume();
  }

  public pause(): void {
    if (this.paused || this.over) return;
    this.paused = true;
    this.upstream.pause();
  }

  public resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.idle?.refresh();
    this.upstream.resume();
  }

  public abort(): void {
    this.ending = undefined;
    this.held.length = 0;
    if (this.over) return;
    this.stop();
    this.upstream.abort();
  }

  /** Ends it where it is; the whole call has taken too long. */
  public cut(reason: string): void {
    if (this.over) return;
    this.stop();
    this.upstream.abort();
    this.conclude(reason);
  }

  private first(event: Buffer): void {
    const data = eventData(event);
    if (data === undefined) return;
    if (isDone(event)) return this.fail('bad-reply', 'the stream ended before its first event');
    const error = errorOf(event);
    if (error !== undefined) return this.giveUp(errorFailure(error));
    if (parseObject(data) === undefined) return this.fail('bad-reply', 'the first event of the stream is not JSON');
    this.good = true;
    this.idle = setTimeout(() => { this.idleFor(); }, this.idleMs);
    this.next(event);
    this.host.stream(this);
  }

  private next(event: Buffer): void {
    if (isDone(event)) return this.finish();
    const error = errorOf(event);
    if (error !== undefined) return this.cut(`the upstream reported an error${codeOf(error)}`);
    if (this.consumer !== undefined) return this.consumer.event(event);
    this.held.push(event);
    this.heldBytes += event.length;
    if (this.heldBytes > MOST_HELD_BYTES) this.pause();
  }

  /** The idle time-out stays as a bound on how long the connection may linger. */
  private finish(): void {
    this.over = true;
    this.resume();
    this.host.ended();
    this.conclude(undefined);
  }

  private fail(cause: 'bad-reply', reason: string): void {
    if (this.good) this.cut(reason);
    else this.giveUp(failure(cause, reason));
  }

  private giveUp(why: Failure): void {
    this.over = true;
    this.host.bad(why);
  }

  private idleFor(): void {
    if (this.over) return this.upstream.abort();
    // The consumer is slow, not the upstream; the time runs anew when it goes on.
    if (!this.paused) this.cut(`no event came for ${this.idleMs / 1000} s`);
  }

  private stop(): void {
    this.over = true;
    this.quiet();
    this.host.ended();
  }

  private quiet(): void {
    clearTimeout(this.idle);
  }

  private conclude(cut: string | undefined): void {
    if (this.consumer === undefined) this.ending = { cut };
    else this.tell(cut);
  }

  private tell(cut: string | undefined): void {
    if (cut === undefined) this.consumer?.end();
    else this.consumer?.cut(cut);
  }
}

/** It says that the upstream is there, not that the model is at work. */
const isComment = (event: Buffer): boolean => event[0] === COLON && eventData(event) === undefined;

/** Only an event that may hold an error is parsed. */
function errorOf(event: Buffer): unknown {
  const named = event[0] !== LETTER_D && eventName(event) === 'error';
  if (!named && !event.includes(ERROR_KEY)) return undefined;
  const document = parseObject(eventData(event) ?? '');
  return (document && errorIn(document)) ?? (named ? document ?? 'error' : undefined);
}
