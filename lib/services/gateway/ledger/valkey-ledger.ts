/** The ledger in Valkey: one script call per step. All its keys share one hash tag, so that a cluster keeps them in one slot. */
import { ChainableCommander, Cluster, Redis } from 'iovalkey';
import { checkedReservation, checkedSettlement } from '../../../gateway/checked';
import { Counter, CounterState, Ledger, MinuteLimit, Reservation, Reserved, Settlement } from '../../../gateway/ledger';
import { minuteEndsInMs, periodEndsInMs } from '../../../gateway/periods';
import { ledgerScripts, LedgerScripts, Script } from './scripts';

export type ValkeyClient = Redis | Cluster;

const SCRIPTS = ledgerScripts();
const LETTER = { day: 'd', month: 'm' } as const;
const NUMBERS_PER_COUNTER = 5;
/** Nobody waits for a settlement, and a write of one costs more than of ten. */
const SETTLED_TOGETHER_WITHIN_MS = 2;

export class ValkeyLedger implements Ledger {
  /** Of every call. */
  private readonly shared: readonly string[];
  private settling: { readonly batch: ChainableCommander; readonly timer: NodeJS.Timeout } | undefined;

  public constructor(private readonly client: ValkeyClient, private readonly gatewayId: string, private readonly scripts: LedgerScripts = SCRIPTS) {
    this.shared = ['settled', 'runs', 'first-calls'].map(name => `{${gatewayId}}:${name}`);
  }

  public async reserve(reservation: Reservation): Promise<Reserved> {
    checkedReservation(reservation);
    const { id, amount, tokens, expiresInMs, counters, minute, run } = reservation;
    const args: (string | number)[] = [id, amount, tokens, expiresInMs, run ?? '', minute?.requests ?? '', minute?.tokens ?? ''];
    for (const { period, limit } of counters) args.push(LETTER[period] + (limit ?? ''));
    return reserved(reservation, numbers(await this.run(this.scripts.reserve, this.keys(counters, minute), args)));
  }

  public async settle(settlement: Settlement): Promise<void> {
    checkedSettlement(settlement);
    const { id, reserved: amount, spent, tokensUsed, tokensReserved, counters, minute, releaseRun } = settlement;
    const { lua, sha } = this.scripts.settle;
    const keys = this.keys(counters, minute);
    const args = [id, amount, spent, tokensUsed - tokensReserved, releaseRun ?? '', letters(counters)];
    await orByText(this.together(batch => new Promise((resolve, reject) => {
      batch.evalsha(sha, keys.length, ...keys, ...args, (error: Error | null | undefined, reply: unknown) => { if (error) reject(error); else resolve(reply); });
    })), () => this.client.eval(lua, keys.length, ...keys, ...args));
  }

  public async read(counters: readonly Counter[]): Promise<CounterState[]> {
    if (counters.length === 0) return [];
    const keys: string[] = [];
    this.addCounters(keys, counters);
    const values = numbers(await this.run(this.scripts.read, keys, [letters(counters)]));
    return counters.map((_, index) => {
      const [spent = 0, reserved = 0, expired = 0, expiredAmount = 0, open = 0] = values.slice(index * NUMBERS_PER_COUNTER);
      return { spent, reserved, open, expired, expiredAmount };
    });
  }

  public async ping(): Promise<void> {
    // A cluster has many nodes: a read of its own slot asks the one that matters.
    await this.client.exists(this.shared[0]!);
  }

  public async close(): Promise<void> {
    await this.sendSettlements();
    this.client.disconnect();
  }

  private keys(counters: readonly Counter[], minute: MinuteLimit | null): string[] {
    const keys = [...this.shared];
    this.addCounters(keys, counters);
    if (minute) keys.push(`{${this.gatewayId}}:minute:${minute.name}`);
    return keys;
  }

  private addCounters(keys: string[], counters: readonly Counter[]): void {
    for (const { name, period } of counters) keys.push(`{${this.gatewayId}}:counter:${period}:${name}`, `{${this.gatewayId}}:open:${period}:${name}`);
  }

  private run({ lua, sha }: Script, keys: string[], args: (string | number)[]): Promise<unknown> {
    return orByText(this.client.evalsha(sha, keys.length, ...keys, ...args), () => this.client.eval(lua, keys.length, ...keys, ...args));
  }

  private together<T>(add: (batch: ChainableCommander) => T): T {
    this.settling ??= { batch: this.client.pipeline(), timer: setTimeout(() => { void this.sendSettlements(); }, SETTLED_TOGETHER_WITHIN_MS) };
    return add(this.settling.batch);
  }

  /** Never rejects: each settlement hears of its own failure. */
  private async sendSettlements(): Promise<void> {
    const { settling } = this;
    if (settling === undefined) return;
    this.settling = undefined;
    clearTimeout(settling.timer);
    await settling.batch.exec().catch(() => undefined);
  }
}

/** A script by its hash; a server that does not know it, as after a restart, is told the text. */
async function orByText(byHash: Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byHash;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return byText();
    throw error;
  }
}

const letters = (counters: readonly Counter[]): string => counters.map(({ period }) => LETTER[period]).join('');

function numbers(reply: unknown): number[] {
  if (!Array.isArray(reply) || !reply.every(value => typeof value === 'number')) throw new Error(`The store answered ${JSON.stringify(reply)}: numbers were asked for.`);
  return reply;
}

/** See RESERVE in scripts.ts. */
function reserved({ counters }: Reservation, [outcome, which = 0, ...rest]: number[]): Reserved {
  if (outcome === 0) return { outcome: 'reserved', firstOfRun: which === 1 };
  if (outcome === 2) {
    const [used = 0, now = 0] = rest;
    return { outcome: 'rate-limited', limit: which === 0 ? 'requests' : 'tokens', used, retryInMs: minuteEndsInMs(now) };
  }
  const [spent = 0, held = 0, now = 0] = rest;
  return { outcome: 'exhausted', counter: which, spent, reserved: held, periodEndsInMs: periodEndsInMs(counters[which]!.period, now) };
}
