/** The seam between the gateway and a model: every endpoint, whatever its API, answers in the bytes of OpenAI's. */
import { EndpointConfig, TierConfig } from '../../../contracts/gateway';

/** A request body in OpenAI's shape; only what the gateway itself reads has a type. */
export interface OpenAiBody extends Record<string, unknown> {
  readonly model: string;
  readonly stream?: boolean;
}

export interface UpstreamRequest {
  /** The gateway's request id, sent on as x-request-id. */
  readonly id: string;
  readonly path: '/chat/completions' | '/embeddings';
  readonly body: OpenAiBody;
}

export interface UpstreamHead {
  readonly status: number;
  readonly contentType: string;
  /** Of a 429 or 503. */
  readonly retryAfterMs: number | undefined;
}

/** Called in order: head, data any number of times, then end or error exactly once; error may come first. */
export interface UpstreamEvents {
  head(head: UpstreamHead): void;
  data(chunk: Buffer): void;
  end(): void;
  error(error: UpstreamError): void;
}

export class UpstreamError extends Error {
  public override readonly name = 'UpstreamError';
  /** `connect`: no request reached it, so nobody bills for it. */
  public constructor(public readonly stage: 'connect' | 'reply', message: string) {
    super(message);
  }
}

export interface UpstreamCall {
  /** Asks for no more data for now; what is under way may still come. */
  pause(): void;
  resume(): void;
  /** Ends the call; no event follows. */
  abort(): void;
}

export interface Endpoint {
  /** For logs and records: never with a secret in it. */
  readonly name: string;
  call(request: UpstreamRequest, events: UpstreamEvents): UpstreamCall;
  /** Resolves when it accepts connections, rejects with the reason when it does not within the deadline. */
  reachable(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes the endpoint; throws an InputError that says what the provider needs. */
export type Provider = (tier: TierConfig, endpoint: EndpointConfig, apiKey: string | undefined) => Endpoint;
