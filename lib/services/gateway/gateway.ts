/** The gateway at work: the current configuration and what outlives it, the ledger, the records, the metrics; starts and stops as one. */
import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayConfig } from '../../contracts/gateway';
import { InputError } from '../../errors';
import { CallMetrics } from '../../gateway/call-metrics';
import { ResponseStore } from '../../gateway/cache/response-store';
import { Ledger } from '../../gateway/ledger';
import { CallRecord, RecordBook } from '../../gateway/records';
import { Refusal } from '../../gateway/refusal';
import { CallKind } from '../../gateway/request-body';
import { BodyRoom } from './body-room';
import { ResponseCache } from './cache/response-cache';
import { Call, Desk } from './call';
import { Deliverer } from './deliver';
import { Front } from './front';
import { GuardedLedger } from './ledger/guarded-ledger';
import { Lines } from './lines';
import { Log } from './log';
import { sendRefusal } from './replies';
import { Runtime } from './runtime';
import { Shadows } from './shadows';

export interface GatewayParts {
  readonly config: GatewayConfig;
  /** Told the gateway's id; the real one stays behind its guard. */
  readonly ledger: (gatewayId: string) => Ledger;
  /** Where answers are kept; its guard is ours, too. */
  readonly responses: (gatewayId: string) => ResponseStore;
  readonly secrets: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly processId: string;
  /** Takes lines for standard output, and calls back when they are written. */
  readonly write: (lines: string, written: () => void) => void;
}

/** A probe of a tier's connections is not made for each question. */
const READINESS_HOLDS_MS = 2_000;
const TIER_ANSWERS_WITHIN_MS = 1_000;
const UNREAD_FOR_MS = 1_000;
/** Of what was given up in the end. */
const SETTLED_WITHIN_MS = 1_000;

const stackOf = (error: unknown): string => error instanceof Error ? error.stack ?? error.message : String(error);

export class Gateway {
  private runtime: Runtime;
  private readonly desk: Desk;
  private readonly metrics: CallMetrics;
  private readonly lines: Lines;
  private readonly front: Front;
  private flushing: NodeJS.Timeout;
  private readonly calls = new Set<Promise<void>>();
  private stopped: Promise<void> | undefined;
  private readiness: { readonly until: number; readonly reasons: Promise<readonly string[]> } | undefined;

  /** Throws an InputError where the configuration names what is not there. */
  public constructor(private readonly parts: GatewayParts) {
    const { config, log } = parts;
    this.runtime = new Runtime(config, parts.secrets, log);
    this.metrics = new CallMetrics(config.gatewayId);
    this.lines = new Lines(parts.write);
    const records = new RecordBook(parts.processId, line => { this.lines.add(line); });
    const recorded = (then: () => void): void => { this.lines.afterwards(then); };
    const ledger = new GuardedLedger(parts.ledger(config.gatewayId), {
      onTrouble: (kind, detail) => {
        if (kind === 'store-failed') this.metrics.count('StoreFailures', 1);
        if (kind === 'settlement-dropped') this.metrics.count('UncountedCalls', 1);
        log[kind === 'store-back' ? 'info' : 'error']({ trouble: kind, detail }, 'the budget store');
      },
    });
    const record = (call: CallRecord): void => { this.metrics.add(records.add(call)); };
    this.desk = {
      ledger, log, recorded, record,
      cache: new ResponseCache(parts.responses(config.gatewayId), {
        onTrouble: (kind, detail) => { log[kind.endsWith('back') ? 'info' : 'error']({ trouble: kind, detail }, 'the cache of answers'); },
      }),
      deliverer: new Deliverer(recorded),
      shadows: new Shadows({ ledger, log, record }),
      room: new BodyRoom(() => this.runtime.config.maxBodyBytes),
    };
    this.front = new Front({
      call: (kind, id, request, response) => { this.call(kind, id, request, response); },
      models: authorization => this.models(authorization),
      unready: () => this.unready(),
    }, randomUUID, log);
    this.flushing = this.flushEvery(config.metricsSeconds);
  }

  public listen(host: string, port: number): Promise<number> {
    return this.front.listen(host, port);
  }

  /** Takes a new configuration whole, or keeps the old one: the error says what is wrong with the new one. */
  public reload(read: () => GatewayConfig): void {
    try {
      const config = read();
      if (config.gatewayId !== this.runtime.config.gatewayId) throw new InputError(`gatewayId is ${config.gatewayId}; it is ${this.runtime.config.gatewayId} until the process ends, because budgets are counted under it.`);
      const old = this.runtime;
      this.runtime = new Runtime(config, this.parts.secrets, this.parts.log, old);
      this.retire(old);
      clearInterval(this.flushing);
      this.flushing = this.flushEvery(config.metricsSeconds);
      this.readiness = undefined;
      this.parts.log.info('a new configuration holds');
    } catch (error) {
      // Whatever is wrong with it is no reason to end the process, which works.
      this.metrics.count('ConfigRefused', 1);
      this.parts.log.error({ reason: error instanceof InputError ? error.message : stackOf(error) }, 'the new configuration is refused; the old one holds');
    }
  }

  /** Streams under way come to their end, within the time, those without a client too; then the last metrics. */
  public stop(withinMs: number): Promise<void> {
    return this.stopped ??= this.end(withinMs);
  }

  private async end(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    this.desk.shadows.stop();
    const { cutOff } = await this.front.stop(withinMs);
    if (cutOff) this.parts.log.error({ withinMs }, 'calls were cut off, because they did not end in time');
    await this.callsOver(Math.max(0, until - performance.now()));
    this.desk.deliverer.abandon();
    // Written down and told to the ledger, save what still waits for a model's first word.
    await this.callsOver(SETTLED_WITHIN_MS);
    clearInterval(this.flushing);
    this.retire(this.runtime);
    await this.desk.ledger.close();
    await this.desk.cache.close();
    this.flush();
    this.lines.flush();
  }

  private async callsOver(withinMs: number): Promise<void> {
    if (this.calls.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(this.calls), new Promise(resolve => { timer = setTimeout(resolve, withinMs); })]);
    clearTimeout(timer);
  }

  private call(kind: CallKind, id: string, request: IncomingMessage, response: ServerResponse): void {
    const { runtime } = this;
    if (this.lines.behind) {
      const refusal = new Refusal('overloaded', 'Usage records cannot be written right now, so no call is made: try again soon.', UNREAD_FOR_MS);
      return sendRefusal(response, id, { status: refusal.status, body: refusal.body(), retryAfterSeconds: refusal.retryAfterSeconds });
    }
    runtime.enter();
    const call = new Call(id, kind, runtime, this.desk, request, response).handle().finally(() => {
      this.calls.delete(call);
      this.closed(runtime.leave());
    });
    this.calls.add(call);
  }

  private retire(runtime: Runtime): void {
    this.closed(runtime.retire());
  }

  private closed(closing: Promise<void>): void {
    closing.catch((error: unknown) => { this.parts.log.error({ error: stackOf(error) }, 'connections to models did not close'); });
  }

  private models(authorization: string | undefined): unknown {
    this.runtime.keys.caller(authorization, Date.now());
    return { object: 'list', data: this.runtime.config.tiers.map(({ id, provider }) => ({ id, object: 'model', created: 0, owned_by: provider })) };
  }

  private unready(): Promise<readonly string[]> {
    const now = performance.now();
    if (this.readiness !== undefined && now <= this.readiness.until) return this.readiness.reasons;
    const asked = { until: now + READINESS_HOLDS_MS, reasons: this.look() };
    this.readiness = asked;
    // What is not ready yet, as at the start, may be the next moment.
    void asked.reasons.then(reasons => { if (reasons.length > 0 && this.readiness === asked) this.readiness = undefined; });
    return asked.reasons;
  }

  private async look(): Promise<readonly string[]> {
    const reason = (error: unknown): string => error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
    const open = this.runtime.tiers.filter(tier => tier.upstream.available());
    const store = this.desk.ledger.ping().then(() => [], error => [`the budget store: ${reason(error)}`]);
    const tiers = open.length === 0 ? Promise.resolve(['every tier has failed and rests'])
      : Promise.any(open.map(tier => tier.upstream.reachable(TIER_ANSWERS_WITHIN_MS))).then(() => [], error => [`no tier: ${reason(error)}`]);
    return (await Promise.all([store, tiers])).flat();
  }

  private flushEvery(seconds: number): NodeJS.Timeout {
    return setInterval(() => { this.flush(); }, seconds * 1000);
  }

  private flush(): void {
    for (const line of this.metrics.flush(Date.now())) this.lines.add(line);
  }
}
