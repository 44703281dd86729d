/** What is known of one call so far, whoever found it out: its usage record is written from it, however the call ends. */
import { CallRecord } from '../../gateway/records';
import { CallKind } from '../../gateway/request-body';
import { revenueOfCall } from '../../gateway/revenue';
import { RouteTrace, newTrace } from '../../gateway/route/trace';
import { NO_TOKENS } from '../../gateway/usage';
import { AskingNotes } from './asking';
import { Metered, totalUsd, usdOf } from './bill';
import { Caller } from './keys';
import { Log } from './log';
import { LiveTier, LiveWorkflow } from './runtime';

/** An answer of a model, given or not. */
export interface Made {
  readonly tier: LiveTier;
  readonly metered: Metered;
}

export interface Ending extends Pick<CallRecord, 'outcome' | 'status' | 'error'> {
  /** The answer that was given, where a model made it. */
  readonly made?: Made;
  readonly other?: Made & { readonly failedChecks: readonly string[] };
  /** The part of a run it counts for. */
  readonly runs?: number;
  readonly savedUsd?: string;
}

export class CallNotes implements AskingNotes {
  public readonly startedAt = new Date();
  public readonly trace: RouteTrace = newTrace();
  public caller: Caller | undefined;
  public workflow: LiveWorkflow | undefined;
  public run: string | null = null;
  public stream = false;
  public firstEventMs: number | null = null;
  public tier: LiveTier | undefined;
  public attempts = 0;
  public premiumCalls = 0;
  public degraded = false;
  public lost = 0;
  private readonly started = performance.now();

  /** Of the same call, asked of another tier to compare. */
  public static ofShadow(call: CallNotes, log: Log): CallNotes {
    const shadow = new CallNotes(`${call.id}.shadow`, call.kind, log, call.id);
    shadow.caller = call.caller;
    shadow.workflow = call.workflow;
    shadow.trace.class = call.trace.class;
    shadow.trace.trimmed = call.trace.trimmed;
    return shadow;
  }

  public constructor(public readonly id: string, private readonly kind: CallKind, private readonly log: Log, private readonly shadowOf: string | null = null) {}

  public failed({ config }: LiveTier, reason: string): void {
    this.log.warn({ request: this.id, tier: config.id, reason }, 'a tier did not answer');
  }

  public answering(): void {
    this.firstEventMs = this.elapsed();
  }

  /** Whose run nobody can look up is counted as if it named none: other processes do the same for the same run. */
  public runsOf(firstOfRun: boolean | null): number {
    if (this.run === null || firstOfRun === null) return 1 / this.workflow!.config.callsPerRun;
    return firstOfRun ? 1 : 0;
  }

  public record({ outcome, status, error, made, other, runs = 0, savedUsd = '0' }: Ending): CallRecord {
    const { caller, workflow, trace, lost } = this;
    const { answeredBy } = trace;
    const tier = made?.tier ?? (answeredBy === 'model' || answeredBy === null ? this.tier : undefined);
    return {
      request: this.id, at: this.startedAt.toISOString(), kind: this.kind,
      key: caller?.id ?? null, tenant: caller?.tenant ?? null, workflow: workflow?.config.id ?? null, run: this.run,
      outcome, status, error, stream: this.stream, tier: tier?.config.id ?? null, model: tier?.config.model ?? null, premium: tier?.config.premium ?? false,
      premiumCalls: this.premiumCalls, route: { ...trace }, otherAnswer: other === undefined ? null : otherAnswer(other), shadowOf: this.shadowOf,
      degraded: this.degraded, attempts: this.attempts, usage: made?.metered.usage ?? 'none', tokens: made?.metered.tokens ?? NO_TOKENS,
      ...totalUsd([made, other].flatMap(each => each?.metered ?? []), lost), lostUsd: usdOf(lost), savedUsd,
      revenueUsd: workflow === undefined ? '0' : revenueOfCall(workflow.config, runs), runs,
      latencyMs: this.elapsed(), firstEventMs: this.firstEventMs,
    };
  }

  private elapsed(): number {
    return Math.round((performance.now() - this.started) * 1000) / 1000;
  }
}

function otherAnswer({ tier, metered: { usage, tokens, cost }, failedChecks }: NonNullable<Ending['other']>): CallRecord['otherAnswer'] {
  return { tier: tier.config.id, failedChecks: [...failedChecks], usage, tokens, costUsd: 'unknown' in cost ? null : cost.usd };
}
