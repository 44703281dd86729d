/** One metered call from its first byte to its record: who and what for, routed, delivered, written down, settled. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { CallRecord } from '../../gateway/records';
import { Refusal } from '../../gateway/refusal';
import { CallKind, parseBody } from '../../gateway/request-body';
import { RoutedCall, pipeline } from '../../gateway/route/pipeline';
import { Asking, PassedOn } from './asking';
import { Bill } from './bill';
import { BodyRoom } from './body-room';
import { ResponseCache } from './cache/response-cache';
import { CallNotes, Ending } from './call-notes';
import { Deliverer } from './deliver';
import { ClientReply } from './client-reply';
import { Log } from './log';
import { readBody } from './read-body';
import { sendRefusal } from './replies';
import { Payer, countOnly } from './reserving';
import { LiveTier, Runtime } from './runtime';
import { Shadows } from './shadows';
import { GuardedLedger } from './ledger/guarded-ledger';
import { tiersFor } from './tiers-for';

/** What all calls share. */
export interface Desk {
  readonly ledger: GuardedLedger;
  readonly cache: ResponseCache;
  readonly deliverer: Deliverer;
  readonly shadows: Shadows;
  readonly room: BodyRoom;
  readonly log: Log;
  /** Writes the usage record and counts it in the metrics. */
  record(call: CallRecord): void;
  /** Calls back when the records so far are written. */
  recorded(then: () => void): void;
}

const UPSTREAM_FAILED: readonly string[] = ['upstream_failed', 'internal_error'];
const RUN_ID = /^[\x21-\x7e]{1,200}$/;

export class Call {
  private readonly notes: CallNotes;
  private readonly bill: Bill;
  private room = 0;

  public constructor(
    id: string, private readonly kind: CallKind, private readonly runtime: Runtime, private readonly desk: Desk,
    private readonly request: IncomingMessage, private readonly response: ServerResponse,
  ) {
    this.notes = new CallNotes(id, kind, desk.log);
    this.bill = new Bill(desk.ledger, kind);
  }

  /** Resolves when the call is over, its client served or gone, its shadow asked, and the ledger has been told. */
  public async handle(): Promise<void> {
    try {
      await this.answer();
    } catch (error) {
      this.refuse(error);
    }
    this.desk.room.giveBack(this.room);
    await this.bill.settled();
  }

  private async answer(): Promise<void> {
    const { desk, notes, bill, kind } = this;
    const { call, payer: known } = await this.read();
    const workflow = notes.workflow!;
    // A function is asked only by who may ask.
    const counted = kind === 'chat' && workflow.config.route.bypass.some(rule => rule.kind === 'function');
    if (counted) await countOnly({ ...known, run: null }, desk.ledger);
    const payer = { ...known, counted };
    const asking = new Asking(payer, desk.ledger, notes, () => this.response.destroyed);
    const routed = await pipeline(call, kind === 'chat' ? workflow.route : workflow.vectorRoute, {
      ask: async (prompt, order) => {
        const served = await asking.ask(prompt, order);
        // Whatever becomes of it, it is paid.
        if (served.answer.kind === 'whole') bill.ofWhole(served, served.answer);
        return served;
      },
      failedChecks: ({ tier }, failed) => {
        desk.log.info({ request: notes.id, tier: tier.id, failed: failed.map(({ kind, reason }) => `${kind}: ${reason}`) }, 'an answer fails a check');
      },
      notEscalated: error => {
        desk.log.warn({ request: notes.id, reason: reasonOf(error) }, 'an answer that fails a check is given, because no better one was to be had');
      },
      look: key => desk.cache.look(key, this.gone()),
    }, notes.trace);
    notes.answering();
    try {
      await new ClientReply(call, payer, desk, notes, bill, this.response).give(routed);
    } finally {
      // Others must not wait for what will not come; what was kept stays.
      if (routed.by === 'model') routed.lead?.release();
    }
    desk.room.giveBack(this.room);
    this.room = 0;
    if (routed.by === 'model' && !this.left) await desk.shadows.ask(routed, call, payer, notes);
  }

  /** Told when the client leaves, or has left: then nobody waits for another's answer. */
  private gone(): AbortSignal {
    const gone = new AbortController();
    if (this.response.destroyed) gone.abort();
    else this.response.once('close', () => { gone.abort(); });
    return gone.signal;
  }

  /** The client went without its answer. */
  private get left(): boolean {
    return this.response.destroyed && !this.response.writableFinished;
  }

  private async read(): Promise<{ readonly call: RoutedCall<LiveTier>; readonly payer: Payer }> {
    const { notes, runtime, kind } = this;
    const { headers } = this.request;
    const caller = notes.caller = runtime.keys.caller(headers.authorization, notes.startedAt.getTime());
    const workflow = notes.workflow = runtime.workflow(one(headers['x-workflow']) ?? caller.workflow);
    const run = one(headers['x-workflow-run']);
    if (run !== undefined && !RUN_ID.test(run)) throw new Refusal('invalid_request', 'The header x-workflow-run must be 1 to 200 visible ASCII characters.');
    notes.run = run ?? null;
    const sent = await readBody(this.request, runtime.config.maxBodyBytes, this.desk.room, bytes => { this.room += bytes; });
    const body = parseBody(sent, kind);
    notes.stream = body.stream === true;
    const { id } = workflow.config;
    return {
      call: {
        request: notes.id, kind, body, sent, tenant: caller.tenant, workflow: id, run: notes.run, taskClass: one(headers['x-task-class']),
        ...tiersFor(kind, body.model, workflow),
      },
      payer: { request: notes.id, kind, caller, counters: runtime.countersFor(id, caller), counted: false, run: run === undefined ? null : `${id} ${caller.tenant} ${run}` },
    };
  }

  private refuse(error: unknown): void {
    const { desk, notes, response } = this;
    // Whatever had answered, the client has not got it.
    notes.trace.answeredBy = null;
    if (error instanceof PassedOn) {
      this.record({ outcome: 'refused', status: error.status, error: 'invalid_request' });
      desk.recorded(() => { sendRefusal(response, notes.id, { status: error.status, body: error.body }); });
      return;
    }
    const refusal = error instanceof Refusal ? error : new Refusal('internal_error', 'The gateway failed; its log has the request id.');
    if (refusal !== error) desk.log.error({ request: notes.id, error: error instanceof Error ? error.stack : String(error) }, 'a call failed');
    const outcome = response.destroyed ? 'client-gone' : UPSTREAM_FAILED.includes(refusal.code) ? 'upstream-failed' : 'refused';
    this.record({ outcome, status: refusal.status, error: refusal.code });
    desk.recorded(() => { sendRefusal(response, notes.id, { status: refusal.status, body: refusal.body(), retryAfterSeconds: refusal.retryAfterSeconds }); });
  }

  private record(ending: Ending): void {
    this.desk.record(this.notes.record(ending));
  }
}

/** What is no refusal is a fault of our own, and has its place. */
const reasonOf = (error: unknown): string =>
  error instanceof Refusal || error instanceof PassedOn ? error.message : error instanceof Error ? error.stack ?? error.message : String(error);

/** Of a header that should come once. */
const one = (header: string | string[] | undefined): string | undefined => Array.isArray(header) ? header[0] : header || undefined;
