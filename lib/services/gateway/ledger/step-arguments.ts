/** Steps as what a script is called with (see scripts.ts): each key is declared once however many steps of a batch use it. */
import { Counter, MinuteLimit, Reservation, Settlement } from '../../../gateway/ledger';
import { CounterKeys, KeyNames } from './key-names';

export type Step =
  | { readonly kind: 'reserve'; readonly reservation: Reservation }
  | { readonly kind: 'settle'; readonly settlement: Settlement };

export class ScriptArguments {
  private readonly counters = new Map<CounterKeys, number>();
  private readonly minutes = new Map<string, number>();
  private readonly items: (string | number)[] = [];

  public constructor(private readonly names: KeyNames) {}

  public addStep(step: Step): void {
    if (step.kind === 'reserve') this.addReservation(step.reservation);
    else this.addSettlement(step.settlement);
  }

  /** Its number. */
  public addCounter(counter: Counter): number {
    return numberOf(this.names.counter(counter), this.counters);
  }

  public keys(): string[] {
    const keys: string[] = [...this.names.shared];
    for (const { hash, open } of this.counters.keys()) keys.push(hash, open);
    keys.push(...this.minutes.keys());
    return keys;
  }

  public args(): (string | number)[] {
    let letters = '';
    for (const { letter } of this.counters.keys()) letters += letter;
    return [letters, ...this.items];
  }

  private addReservation({ id, amount, tokens, expiresInMs, counters, minute, run }: Reservation): void {
    let limits = '';
    for (const counter of counters) limits += `${this.addCounter(counter)}=${counter.limit ?? ''} `;
    this.items.push('r', id, amount, tokens, expiresInMs, run ?? '', minute?.requests ?? '', minute?.tokens ?? '', this.addMinute(minute), limits);
  }

  private addSettlement({ id, reserved, spent, tokensUsed, tokensReserved, releaseRun, counters, minute }: Settlement): void {
    let numbers = '';
    for (const counter of counters) numbers += `${this.addCounter(counter)} `;
    this.items.push('s', id, reserved, spent, tokensUsed - tokensReserved, releaseRun ?? '', this.addMinute(minute), numbers);
  }

  private addMinute(minute: MinuteLimit | null): number | '' {
    return minute === null ? '' : numberOf(this.names.minute(minute.name), this.minutes);
  }
}

/** From 1, in the order in which they come. */
function numberOf<T>(item: T, known: Map<T, number>): number {
  let number = known.get(item);
  if (number === undefined) known.set(item, number = known.size + 1);
  return number;
}
