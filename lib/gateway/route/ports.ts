/** What the steps of a route ask of the world around them: models, the cache. The gateway has real ones, a replay what it read. */
import { ChoosableTier } from '../choice/choose';
import { CacheEntry } from '../cache/entry';
import { FailedCheck } from '../checks/checks';
import { TokenCalibration } from '../estimate';
import { CallBody } from '../request-body';
import { Order } from './order';

export interface RouteTier extends ChoosableTier {
  readonly calibration: TokenCalibration;
}

export interface Prompt {
  readonly body: CallBody;
  /** Of the body as JSON. */
  readonly bytes: number;
}

export interface ModelAnswer<T> {
  readonly tier: T;
  /** undefined: a stream that has begun, which nobody can judge before its end. */
  readonly completion: Readonly<Record<string, unknown>> | undefined;
}

/** Who met a miss makes the answer, and others with the same call wait for it: one of the two is called, once. */
export interface Lead {
  keep(entry: CacheEntry, ttlMs: number): void;
  /** It is not to be cached, or nothing came. */
  release(): void;
}

export type Looked = { readonly kind: 'hit' | 'shared'; readonly entry: CacheEntry } | { readonly kind: 'miss' | 'failed'; readonly lead: Lead };

export interface RoutePorts<T, A extends ModelAnswer<T>> {
  /** The first of the tiers that answers. Throws a Refusal where none does. */
  ask(prompt: Prompt, order: Order<T>): Promise<A>;
  /** Why an answer is not good enough, without a word of it. */
  failedChecks(answer: A, failed: readonly FailedCheck[]): void;
  /** A better answer was not to be had; the one there is is given. */
  notEscalated(error: unknown): void;
  look(key: string): Promise<Looked>;
}

export interface FromModel<A> {
  readonly by: 'model';
  readonly answer: A;
  /** By the tier that was due, not by one that stands in for it: it failed, its budget is spent or its share used up. */
  readonly intended: boolean;
  /** The other one, where two were made. */
  readonly other: { readonly answer: A; readonly failed: readonly string[] } | undefined;
  /** As it was sent, the whole of the answer at once. */
  readonly prompt: Prompt;
  /** Where the answer may go into the cache. */
  readonly lead: Lead | undefined;
}

export type Routed<A> =
  | { readonly by: 'bypass'; readonly completion: Readonly<Record<string, unknown>> }
  | { readonly by: 'cache'; readonly entry: CacheEntry }
  | FromModel<A>;
