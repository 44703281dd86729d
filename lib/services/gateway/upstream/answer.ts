/** What came of asking a tier: a whole reply, a stream whose first event is good, or a failure before either. */
export type Answer = WholeAnswer | StreamAnswer | FailedAnswer;

interface Common {
  /** Calls made to endpoints, the last included. */
  readonly attempts: number;
}

/** An answer, and how many of the attempts before or within it may be billed although nothing came of them. */
export interface Outcome {
  readonly answer: Answer;
  readonly lost: number;
}

/** Status 200 and a whole JSON body. */
export interface WholeAnswer extends Common {
  readonly kind: 'whole';
  readonly body: Buffer;
  /** The same, as it was read to see that it is whole. */
  readonly parsed: Readonly<Record<string, unknown>>;
}

/** Whole server-sent events, each with its blank line, the first one held until it proved good. */
export interface StreamAnswer extends Common {
  readonly kind: 'stream';
  /** Begins the flow with the first event held; to be called once. */
  consume(consumer: StreamConsumer): void;
  pause(): void;
  resume(): void;
  /** Ends the call; nothing follows. */
  abort(): void;
}

export interface StreamConsumer {
  /** Never [DONE]; a comment, which keeps a connection alive, comes as an event without data. */
  event(event: Buffer): void;
  /** The upstream said [DONE]. */
  end(): void;
  /** It ended without [DONE], broke off, sent an error, was too slow or too long. */
  cut(reason: string): void;
}

export interface FailedAnswer extends Common {
  readonly kind: 'failed';
  /** Fit for the client: no address, no secret, no words of a prompt. */
  readonly reason: string;
  /** client: the request itself is at fault, so no other tier is tried and the upstream's status and error go to the client. */
  readonly blame: 'client' | 'upstream';
  /** HTTP status of the upstream, if it gave one. */
  readonly status: number | undefined;
  /** A body that tells the error in OpenAI's shape, when blame is the client's. */
  readonly body: Buffer | undefined;
  readonly retryAfterMs: number | undefined;
}
