/** AWS calls that a tick can do without: a failure is counted and logged, and stops nothing else. */
import { Log } from './log';

export class Attempts {
  public failed = 0;

  public constructor(private readonly log: Log) {}

  /** undefined where it failed. */
  public async make<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      this.note(`failed to ${what}`, error);
      return undefined;
    }
  }

  public note(failure: string, why?: unknown): void {
    this.failed += 1;
    this.log('warn', failure, why === undefined ? {} : { error: String(why) });
  }
}
