/** What the controller remembers between invocations, one at a time: the port that DynamoDB fills in the Lambda. */
import { Fact } from '../../scaling/seen';

/** What was there when the lease was taken, as written: to be checked by the reader. */
export interface Remembered {
  /** undefined before the first tick. */
  readonly state?: string;
  /** Facts not yet in the state, the oldest first. */
  readonly inbox: readonly string[];
}

export interface Store {
  /** Whoever holds the lease: a fact is never lost. */
  record(facts: readonly Fact[]): Promise<void>;
  /** undefined while another owner holds the lease. */
  acquire(owner: string, now: Date): Promise<Remembered | undefined>;
  /** Writes the state, takes the consumed facts from the inbox, ends the lease: all or, where the lease was lost, nothing and LeaseLost. */
  save(owner: string, state: string, consumed: number): Promise<void>;
  /** Ends the lease and changes nothing else. */
  release(owner: string): Promise<void>;
}

export class LeaseLost extends Error {
  public override readonly name = 'LeaseLost';
}
