/** One metered call from its first byte to its record: who and what for, served by a tier, delivered, written down, settled. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { decimal, plain } from '../../money';
import { NANO_PER_USD } from '../../gateway/budget-scopes';
import { CallRecord } from '../../gateway/records';
import { Refusal } from '../../gateway/refusal';
import { CallKind, parseBody, wantsUsage } from '../../gateway/request-body';
import { revenueOfCall } from '../../gateway/revenue';
import { StreamMeter, StreamUsage } from '../../gateway/stream-meter';
import { Cost, soldAs } from '../../gateway/tier-price';
import { NO_TOKENS } from '../../gateway/usage';
import { usageOfWhole } from '../../gateway/whole-usage';
import { BodyRoom } from './body-room';
import { Deliverer, Delivery, Headers } from './deliver';
import { Caller } from './keys';
import { Log } from './log';
import { readBody } from './read-body';
import { REQUEST_ID, sendRefusal } from './replies';
import { LiveWorkflow, Runtime } from './runtime';
import { Asked, Held, PassedOn, Served, ServingNotes, serve } from './serving';
import { GuardedLedger } from './ledger/guarded-ledger';
import { tiersFor } from './tiers-for';

/** What all calls share. */
export interface Desk {
  readonly ledger: GuardedLedger;
  readonly deliverer: Deliverer;
  readonly room: BodyRoom;
  readonly log: Log;
  /** Writes the usage record and counts it in the metrics. */
  record(call: CallRecord): void;
  /** Calls back when the records so far are written. */
  recorded(then: () => void): void;
}

const TIER = 'x-ai-margin-tier';
const COST = 'x-ai-margin-cost-usd';
const UPSTREAM_FAILED: readonly string[] = ['upstream_failed', 'internal_error'];
const RUN_ID = /^[\x21-\x7e]{1,200}$/;

export class Call {
  private readonly startedAt = new Date();
  private readonly started = performance.now();
  private readonly notes: ServingNotes = {
    tier: undefined, attempts: 0, degraded: false, lost: 0,
    failed: ({ config }, reason) => { this.desk.log.warn({ request: this.id, tier: config.id, reason }, 'a tier did not answer'); },
  };
  private caller: Caller | undefined;
  private workflow: LiveWorkflow | undefined;
  private run: string | null = null;
  private stream = false;
  private firstEventMs: number | null = null;
  private settled: Promise<void> | undefined;
  private room = 0;

  public constructor(
    private readonly id: string, private readonly kind: CallKind, private readonly runtime: Runtime, private readonly desk: Desk,
    private readonly request: IncomingMessage, private readonly response: ServerResponse,
  ) {}

  /** Resolves when the call is over, its client served or gone, and the ledger has been told. */
  public async handle(): Promise<void> {
    try {
      const asked = await this.read();
      const served = await serve(asked, this.desk.ledger, this.notes, () => this.response.destroyed);
      this.firstEventMs = this.elapsed();
      await this.deliver(asked, served);
    } catch (error) {
      this.refuse(error);
    }
    this.desk.room.giveBack(this.room);
    await this.settled;
  }

  private async read(): Promise<Asked> {
    const { headers } = this.request;
    this.caller = this.runtime.keys.caller(headers.authorization, this.startedAt.getTime());
    const workflow = this.runtime.workflow(one(headers['x-workflow']) ?? this.caller.workflow);
    this.workflow = workflow;
    const run = one(headers['x-workflow-run']);
    if (run !== undefined && !RUN_ID.test(run)) throw new Refusal('invalid_request', 'The header x-workflow-run must be 1 to 200 visible ASCII characters.');
    this.run = run ?? null;
    const bytes = await readBody(this.request, this.runtime.config.maxBodyBytes, this.desk.room, bytes => { this.room += bytes; });
    const body = parseBody(bytes, this.kind);
    this.stream = body.stream === true;
    return {
      request: this.id, kind: this.kind, body, bytes: bytes.length, caller: this.caller,
      counters: this.runtime.countersFor(workflow.config.id, this.caller),
      tiers: tiersFor(this.kind, body.model, workflow),
      run: this.run === null ? null : `${workflow.config.id} ${this.caller.tenant} ${this.run}`,
    };
  }

  private deliver(asked: Asked, served: Served): Promise<void> | void {
    const { answer } = served;
    const headers = { [REQUEST_ID]: this.id, [TIER]: served.tier.config.id };
    if (answer.kind === 'whole') {
      const usage = usageOfWhole(answer, served.held.inputTokens, this.kind);
      return this.desk.deliverer.whole(this.response, answer, delivery => ({ ...headers, ...this.finish(asked, served, usage, delivery) }));
    }
    const meter = new StreamMeter(wantsUsage(asked.body));
    return new Promise(resolve => {
      this.desk.deliverer.stream(this.response, answer, headers, COST, {
        event: event => meter.event(event),
        finish: delivery => {
          resolve();
          return this.finish(asked, served, meter.result(served.held.inputTokens), delivery);
        },
      });
    });
  }

  /** Before the last byte: the record. After it: the settlement, which nobody has to wait for. */
  private finish({ bytes }: Asked, { tier, held, lost }: Served, seen: StreamUsage, delivery: Delivery): Headers {
    const { tokens, usage, serviceTier } = delivery.unread === true ? unread(seen, held) : seen;
    const otherPrice = usage === 'none' ? undefined : soldAs(tier.config, serviceTier);
    const cost: Cost = otherPrice === undefined ? tier.rates.cost(tokens) : { unknown: otherPrice };
    const unknown = 'unknown' in cost;
    const failed = delivery.outcome === 'cut-short';
    const runs = this.runsOf(held.firstOfRun);
    if (usage === 'provider') tier.calibration.observe(bytes, tokens.input);
    this.record({
      outcome: delivery.outcome, status: 200, error: failed ? 'upstream_failed' : null,
      usage, tokens, costUsd: unknown ? null : cost.usd, unknownCost: unknown ? cost.unknown : null,
      runs: failed ? 0 : runs,
    });
    if (failed) this.desk.log.warn({ request: this.id, tier: tier.config.id, reason: delivery.reason }, 'a stream broke off');
    this.settled = this.desk.ledger.settle({
      ...held.settlement,
      // What has no known price has cost what was reserved for it, until somebody knows better.
      spent: (unknown ? held.settlement.reserved : cost.nano) + lost * held.settlement.reserved,
      tokensUsed: tokens.input + tokens.output + lost * held.settlement.tokensReserved,
      releaseRun: failed && held.firstOfRun === true ? held.run : null,
    });
    return unknown ? {} : { [COST]: this.withLost(cost.usd) };
  }

  /** Whose run nobody can look up is counted as if it named none: other processes do the same for the same run. */
  private runsOf(firstOfRun: boolean | null): number {
    if (this.run === null || firstOfRun === null) return 1 / this.workflow!.config.callsPerRun;
    return firstOfRun ? 1 : 0;
  }

  private refuse(error: unknown): void {
    const gone = this.response.destroyed;
    if (error instanceof PassedOn) {
      this.record({ outcome: 'refused', status: error.status, error: 'invalid_request' });
      this.desk.recorded(() => { sendRefusal(this.response, this.id, { status: error.status, body: error.body }); });
      return;
    }
    const refusal = error instanceof Refusal ? error : new Refusal('internal_error', 'The gateway failed; its log has the request id.');
    if (refusal !== error) this.desk.log.error({ request: this.id, error: error instanceof Error ? error.stack : String(error) }, 'a call failed');
    this.record({
      outcome: gone ? 'client-gone' : UPSTREAM_FAILED.includes(refusal.code) ? 'upstream-failed' : 'refused', status: refusal.status, error: refusal.code,
    });
    this.desk.recorded(() => { sendRefusal(this.response, this.id, { status: refusal.status, body: refusal.body(), retryAfterSeconds: refusal.retryAfterSeconds }); });
  }

  private record(known: Pick<CallRecord, 'outcome' | 'status' | 'error'> & Partial<CallRecord>): void {
    const { caller, workflow, notes: { tier, attempts, degraded, lost } } = this;
    const runs = known.runs ?? 0;
    const costUsd = known.costUsd ?? '0';
    this.desk.record({
      request: this.id, at: this.startedAt.toISOString(), kind: this.kind,
      key: caller?.id ?? null, tenant: caller?.tenant ?? null, workflow: workflow?.config.id ?? null, run: this.run,
      stream: this.stream, tier: tier?.config.id ?? null, model: tier?.config.model ?? null, premium: tier?.config.premium ?? false, degraded, attempts,
      usage: 'none', tokens: NO_TOKENS, lostUsd: lost === 0 ? '0' : plain(decimal(lost).div(NANO_PER_USD)), unknownCost: null,
      revenueUsd: workflow === undefined ? '0' : revenueOfCall(workflow.config, runs), runs,
      latencyMs: this.elapsed(), firstEventMs: this.firstEventMs,
      ...known,
      costUsd: known.costUsd === null ? null : this.withLost(costUsd),
    });
  }

  /** With what attempts may be billed that came to nothing. */
  private withLost(usd: string): string {
    const { lost } = this.notes;
    return lost === 0 ? usd : plain(decimal(lost).div(NANO_PER_USD).plus(usd));
  }

  private elapsed(): number {
    return Math.round((performance.now() - this.started) * 1000) / 1000;
  }
}

/** Of a stream that was not read to its end: as much as it may have come to, unless the provider said. */
const unread = (seen: StreamUsage, { inputTokens, outputTokens }: Held): StreamUsage =>
  seen.usage === 'provider' ? seen : { ...seen, usage: 'estimated', tokens: { ...NO_TOKENS, input: inputTokens, output: outputTokens } };

/** Of a header that should come once. */
const one = (header: string | string[] | undefined): string | undefined => Array.isArray(header) ? header[0] : header || undefined;
