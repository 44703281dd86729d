/**
 * Of identical calls at the same time the first leads and the others wait for what it gets. Where that is nothing for them, all go on
 * at once, each on its own, as they would have without it: one after the other, the last of a hundred would wait for a hundred failures.
 */
export type Joined<T> =
  /** Ends the flight: with what all who wait get, or with nothing. Only the first call counts; without one they wait for ever. */
  | { readonly end: (value?: T) => void }
  /** undefined: it came to nothing, or the one who waits has left. */
  | { readonly outcome: Promise<T | undefined> };

type Waiting<T> = Set<(value: T | undefined) => void>;

export class SingleFlight<T> {
  private readonly flights = new Map<string, Waiting<T>>();

  /** `gone`: who waits has left. Who leads has to end the flight all the same. */
  public join(key: string, gone?: AbortSignal): Joined<T> {
    const waiting = this.flights.get(key);
    return waiting === undefined ? { end: this.begin(key) } : { outcome: waitIn(waiting, gone) };
  }

  /** Flights under way. */
  public get size(): number {
    return this.flights.size;
  }

  private begin(key: string): (value?: T) => void {
    const waiting: Waiting<T> = new Set();
    this.flights.set(key, waiting);
    let over = false;
    return value => {
      // By now the key may be another flight's.
      if (over) return;
      over = true;
      this.flights.delete(key);
      for (const tell of waiting) tell(value);
    };
  }
}

function waitIn<T>(waiting: Waiting<T>, gone: AbortSignal | undefined): Promise<T | undefined> {
  if (gone?.aborted === true) return Promise.resolve(undefined);
  return new Promise(resolve => {
    const tell = (value: T | undefined): void => {
      waiting.delete(tell);
      gone?.removeEventListener('abort', leave);
      resolve(value);
    };
    const leave = (): void => { tell(undefined); };
    waiting.add(tell);
    gone?.addEventListener('abort', leave);
  });
}
