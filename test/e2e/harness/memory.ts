/** The memory that processes of ours take, as the operating system tells it: a bound on it is what keeps a container alive. */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOK_EVERY_MS = 200;

/** Resident, in MB. */
export async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

/** Looks again and again, so that what was taken and given back is seen too. */
export class MemoryWatch {
  public peak = 0;
  private readonly over: Promise<void>;
  private stopped = false;

  public constructor(private readonly pid: number) {
    this.over = this.look();
  }

  /** Looks a last time; to be called while the process lives. */
  public async stop(): Promise<void> {
    this.stopped = true;
    await this.over;
  }

  private async look(): Promise<void> {
    for (let last = false; !last;) {
      last = this.stopped;
      this.peak = Math.max(this.peak, await residentMegabytes(this.pid));
      if (!last) await pause(LOOK_EVERY_MS);
    }
  }
}
