/** The names of the ledger's keys, each built once. All share one hash tag, so that a cluster keeps them in one slot. */
import { Counter } from '../../../gateway/ledger';

export interface CounterKeys {
  readonly hash: string;
  readonly open: string;
  /** Of its period. */
  readonly letter: string;
}

export class KeyNames {
  /** Of every script. */
  public readonly shared: readonly [settled: string, runs: string, firstCalls: string];
  /** As many as the configuration has scopes and keys. */
  private readonly counters = { day: new Map<string, CounterKeys>(), month: new Map<string, CounterKeys>() };
  private readonly minutes = new Map<string, string>();

  public constructor(private readonly gatewayId: string) {
    this.shared = [this.named('settled'), this.named('runs'), this.named('first-calls')];
  }

  public counter({ name, period }: Counter): CounterKeys {
    const known = this.counters[period].get(name);
    if (known) return known;
    const keys = { hash: this.named(`counter:${period}:${name}`), open: this.named(`open:${period}:${name}`), letter: period.charAt(0) };
    this.counters[period].set(name, keys);
    return keys;
  }

  public minute(name: string): string {
    const known = this.minutes.get(name);
    if (known) return known;
    const key = this.named(`minute:${name}`);
    this.minutes.set(name, key);
    return key;
  }

  private named(name: string): string {
    return `{${this.gatewayId}}:${name}`;
  }
}
