/** The ledger in Valkey: what many calls reserve and settle goes to it in batches, each one call of a script. */
import { Cluster, Redis } from 'iovalkey';
import { checkedReservation, checkedSettlement } from '../../../gateway/checked';
import { Counter, CounterState, Ledger, Reservation, Reserved, Settlement } from '../../../gateway/ledger';
import { minuteEndsInMs, periodEndsInMs } from '../../../gateway/periods';
import { KeyNames } from './key-names';
import { ledgerScripts, LedgerScripts, Script } from './scripts';
import { ScriptArguments, Step } from './step-arguments';
import { StepBatches } from './step-batches';
import { within } from './within';

export type ValkeyClient = Redis | Cluster;

const SCRIPTS = ledgerScripts();
const NUMBERS_PER_COUNTER = 5;
/** What is sent by then reaches the store all the same, if it lives. */
const CLOSED_WITHIN_MS = 100;

export class ValkeyLedger implements Ledger {
  private readonly names: KeyNames;
  private readonly batches = new StepBatches<Step, unknown>(steps => this.send(steps));

  public constructor(private readonly client: ValkeyClient, gatewayId: string, private readonly scripts: LedgerScripts = SCRIPTS) {
    this.names = new KeyNames(gatewayId);
  }

  public async reserve(reservation: Reservation): Promise<Reserved> {
    checkedReservation(reservation);
    return reserved(reservation, await this.batches.take({ kind: 'reserve', reservation }));
  }

  public async settle(settlement: Settlement): Promise<void> {
    checkedSettlement(settlement);
    await this.batches.take({ kind: 'settle', settlement });
  }

  public async read(counters: readonly Counter[]): Promise<CounterState[]> {
    if (counters.length === 0) return [];
    const call = new ScriptArguments(this.names);
    const places = counters.map(counter => call.addCounter(counter) - 1);
    const values = numbers(await this.run(this.scripts.read, call));
    return places.map(place => {
      const [spent = 0, reserved = 0, expired = 0, expiredAmount = 0, open = 0] = values.slice(place * NUMBERS_PER_COUNTER);
      return { spent, reserved, open, expired, expiredAmount };
    });
  }

  public async ping(): Promise<void> {
    // A cluster has many nodes: a read of its own slot asks the one that matters.
    await this.client.exists(this.names.shared[0]);
  }

  public async close(): Promise<void> {
    await within(CLOSED_WITHIN_MS, this.batches.flush()).catch(() => undefined);
    this.client.disconnect();
  }

  private async send(steps: readonly Step[]): Promise<readonly unknown[]> {
    const call = new ScriptArguments(this.names);
    for (const step of steps) call.addStep(step);
    return list(await this.run(this.scripts.steps, call));
  }

  /** By its hash; a server that does not know it, as after a restart, is told the text. */
  private async run({ lua, sha }: Script, call: ScriptArguments): Promise<unknown> {
    const keys = call.keys();
    const args = call.args();
    try {
      return await this.client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.client.eval(lua, keys.length, ...keys, ...args);
    }
  }
}

function list(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new Error(`The store answered ${JSON.stringify(reply)}: a list was asked for.`);
  return reply;
}

function numbers(reply: unknown): readonly number[] {
  const answers = list(reply);
  if (!answers.every(value => typeof value === 'number')) throw new Error(`The store answered ${JSON.stringify(reply)}: numbers were asked for.`);
  return answers;
}

/** See RESERVE in step-script.ts. */
function reserved({ counters }: Reservation, answer: unknown): Reserved {
  if (typeof answer === 'number') return { outcome: 'reserved', firstOfRun: answer === 1 };
  const [kind, which = 0, ...rest] = numbers(answer);
  if (kind === 2) {
    const [used = 0, now = 0] = rest;
    return { outcome: 'rate-limited', limit: which === 0 ? 'requests' : 'tokens', used, retryInMs: minuteEndsInMs(now) };
  }
  const [spent = 0, held = 0, now = 0] = rest;
  return { outcome: 'exhausted', counter: which, spent, reserved: held, periodEndsInMs: periodEndsInMs(counters[which]!.period, now) };
}
