/**
 * A tier: one model at one or more endpoints. A call goes to the well endpoint with the least in flight, and what fails
 * before an answer began may be asked again, there or elsewhere, a few times and within the time of the one call.
 */
import { ExponentialBackoff, IBackoff } from 'cockatiel';
import { setTimeout as sleep } from 'node:timers/promises';
import { TierConfig } from '../../../contracts/gateway';
import { FailedAnswer, Outcome } from './answer';
import { Failure, failure } from './failure';
import { GuardedEndpoint } from './guarded-endpoint';
import { Endpoint, UpstreamRequest } from './upstream';

const MOST_ATTEMPTS = 3;
/** Who asks for more patience is not waited for. */
const LONGEST_WAIT_MS = 2_000;
/** With decorrelated jitter, so that calls that failed together do not come back together. */
const BACKOFF = new ExponentialBackoff({ initialDelay: 100, maxDelay: LONGEST_WAIT_MS });
/** No model answers in what is left then; and a timer may fire a moment early. */
const TOO_SHORT_MS = 5;
/** For what follows an answer until it is settled. */
const SETTLING_MS = 10_000;

export interface TierState {
  readonly tier: string;
  readonly endpoints: readonly { readonly name: string; readonly breaker: 'closed' | 'open' | 'half-open'; readonly inFlight: number }[];
}

export class Tier {
  /** No call takes longer, all attempts and waits included. */
  public readonly longestMs: number;
  private readonly endpoints: readonly GuardedEndpoint[];
  private readonly limits: { readonly firstEventMs: number; readonly idleMs: number; readonly totalMs: number };
  private turn = 0;

  public constructor(private readonly config: TierConfig, endpoints: readonly Endpoint[]) {
    const { firstEventSeconds, idleSeconds, totalSeconds } = config.timeouts;
    this.limits = { firstEventMs: firstEventSeconds * 1000, idleMs: idleSeconds * 1000, totalMs: totalSeconds * 1000 };
    this.longestMs = Math.ceil(this.limits.totalMs) + SETTLING_MS;
    this.endpoints = endpoints.map(endpoint => new GuardedEndpoint(endpoint));
  }

  public async ask(request: UpstreamRequest): Promise<Outcome> {
    const first = this.pick([], []);
    if (first === undefined) return failed(failure('connect', 'every endpoint of the tier has failed and rests'), 0, 0);
    const begun = performance.now();
    const outcome = await first.ask(request, 1, this.limits);
    return outcome.kind === 'failed' ? this.askAgain(request, first, outcome, begun) : { answer: outcome, lost: 0 };
  }

  /** Some endpoint may be asked. */
  public available(): boolean {
    return this.endpoints.some(endpoint => !endpoint.resting());
  }

  /** Resolves when one endpoint accepts connections; rejects with the reasons when none does within the deadline. */
  public async reachable(deadlineMs: number): Promise<void> {
    const reasons: string[] = [];
    await Promise.any(this.endpoints.map(({ endpoint }) => endpoint.reachable(deadlineMs).catch((error: Error) => {
      reasons.push(`${endpoint.name}: ${error.message}`);
      throw error;
    }))).catch(() => { throw new Error(`No endpoint of the tier ${this.config.id} can be reached: ${reasons.join('; ')}.`); });
  }

  public state(): TierState {
    return { tier: this.config.id, endpoints: this.endpoints.map(({ endpoint, state, inFlight }) => ({ name: endpoint.name, breaker: state, inFlight })) };
  }

  /** No call is taken any more; those under way end as they would. */
  public async close(): Promise<void> {
    await Promise.all(this.endpoints.map(({ endpoint }) => endpoint.close()));
  }

  private async askAgain(request: UpstreamRequest, first: GuardedEndpoint, why: Failure, begun: number): Promise<Outcome> {
    const tried = [first];
    const barred: GuardedEndpoint[] = [];
    let outcome = why;
    let last = first;
    let lost = 0;
    let backoff: IBackoff<unknown> = BACKOFF.next();
    for (let attempts = 1; ; attempts++) {
      if (outcome.verdict.mayBeBilled) lost++;
      if (outcome.verdict.again === 'never' || attempts === MOST_ATTEMPTS) return failed(outcome, attempts, lost);
      if (outcome.verdict.again === 'elsewhere' || (outcome.retryAfterMs ?? 0) > LONGEST_WAIT_MS) barred.push(last);
      const next = this.pick(tried, barred);
      if (next === undefined) return failed(outcome, attempts, lost);
      if (tried.includes(next)) {
        await sleep(Math.max(backoff.duration, outcome.retryAfterMs ?? 0));
        backoff = backoff.next(undefined);
        if (!next.usable()) return failed(outcome, attempts, lost);
      }
      const totalMs = this.limits.totalMs - (performance.now() - begun);
      if (totalMs < TOO_SHORT_MS) return failed(outcome, attempts, lost);
      const again = await next.ask(request, attempts + 1, { ...this.limits, totalMs });
      if (again.kind !== 'failed') return { answer: again, lost };
      outcome = again;
      tried.push(next);
      last = next;
    }
  }

  /** One not tried before one tried, one that has not asked for patience before one that has, then the least in flight. */
  private pick(tried: readonly GuardedEndpoint[], barred: readonly GuardedEndpoint[]): GuardedEndpoint | undefined {
    const { length } = this.endpoints;
    const now = performance.now();
    let best: GuardedEndpoint | undefined;
    let least = Infinity;
    this.turn = (this.turn + 1) % length;
    for (let i = 0; i < length; i++) {
      const endpoint = this.endpoints[(this.turn + i) % length]!;
      if (!endpoint.usable() || barred.includes(endpoint)) continue;
      const rank = (tried.includes(endpoint) ? 1e9 : 0) + (endpoint.busy(now) ? 1e6 : 0) + endpoint.inFlight;
      if (rank < least) [best, least] = [endpoint, rank];
    }
    return best;
  }
}

function failed({ verdict, reason, status, body, retryAfterMs }: Failure, attempts: number, lost: number): Outcome {
  const answer: FailedAnswer = { kind: 'failed', attempts, reason, blame: verdict.blame, status, body, retryAfterMs };
  return { answer, lost };
}
