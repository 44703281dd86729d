/** An endpoint with its circuit breaker: left alone when it is ill, tried with a single call when its rest is over. */
import { BrokenCircuitError, CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, DelegateBackoff, circuitBreaker, handleWhenResult } from 'cockatiel';
import { AttemptLimits, Outcome, attempt } from './attempt';
import { failure } from './failure';
import { Endpoint, UpstreamRequest } from './upstream';

/** In a row. A share of calls would open the breaker of an endpoint that, with retries, still serves. */
const MOST_FAILURES = 5;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;
/** An endpoint that asks for patience and does not say how much. */
const PATIENCE_MS = 1_000;

const isIll = (outcome: Outcome): boolean => outcome.kind === 'failed' && outcome.verdict.ill;

export class GuardedEndpoint {
  public inFlight = 0;
  private restsUntil = 0;
  private busyUntil = 0;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly left = (): void => { this.inFlight--; };

  public constructor(public readonly endpoint: Endpoint) {
    let restMs = 0;
    this.breaker = circuitBreaker(handleWhenResult(outcome => isIll(outcome as Outcome)), {
      breaker: new ConsecutiveBreaker(MOST_FAILURES),
      halfOpenAfter: new DelegateBackoff(({ attempt: rests }) => restMs = Math.min(FIRST_REST_MS * 2 ** (rests - 1), LONGEST_REST_MS)),
    });
    this.breaker.onBreak(() => { this.restsUntil = Date.now() + restMs; });
  }

  /** A call may go there now. While one call tries whether it is well again, no other does: it would have to wait for that one. */
  public usable(): boolean {
    return this.breaker.state === CircuitState.Closed || (this.breaker.state === CircuitState.Open && !this.resting());
  }

  public resting(): boolean {
    return this.breaker.state === CircuitState.Open && Date.now() < this.restsUntil;
  }

  /** It has asked for patience; only one that is needed is asked before that is over. */
  public busy(now: number): boolean {
    return now < this.busyUntil;
  }

  public get state(): 'closed' | 'open' | 'half-open' {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** A stream that breaks off later does not count: what broke it shows in the next call. */
  public async ask(request: UpstreamRequest, attempts: number, limits: AttemptLimits): Promise<Outcome> {
    try {
      const outcome = await this.breaker.execute(() => {
        this.inFlight++;
        return attempt(this.endpoint, request, attempts, limits, this.left);
      });
      if (outcome.kind === 'failed' && (outcome.retryAfterMs !== undefined || outcome.status === 429)) {
        this.busyUntil = performance.now() + Math.min(outcome.retryAfterMs ?? PATIENCE_MS, LONGEST_REST_MS);
      }
      return outcome;
    } catch (error) {
      // Only a clock that was set back makes it rest longer than was known here.
      if (error instanceof BrokenCircuitError) return failure('connect', 'the endpoint has failed and rests');
      throw error;
    }
  }
}
