/**
 * A program of ours as a process of its own: read line by line, stopped or killed by its pid. It has a temporary folder, and
 * both are gone when it ends, or when its caller dies.
 */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const END_WITHIN_MS = 30_000;
/** Tells the program's pid, ends it when standard input does, removes the folder ($0) after it, and ends as it did. */
const KEEPER = `
trap '' PIPE
exec 3<&0
"$@" 3<&- & program=$!
echo "$program"
(read -r word <&3; kill -9 "$program") & watch=$!
wait "$program"
code=$?
kill "$watch" 2>/dev/null
rm -rf "$0"
exit "$code"`;
const PID = /^\d+$/;

/** Takes lines of standard output and standard error. */
export interface Reader {
  out(line: string): void;
  err(line: string): void;
}

export class Child {
  /** `environment` is all it has: nothing of the caller's. */
  public static async start(script: string, environment: (folder: string) => Record<string, string>, reader: Reader): Promise<Child> {
    const child = new Child(script, environment, reader);
    await child.begun;
    return child;
  }

  public pid = 0;
  /** Resolves when it has ended and all it wrote is read: its exit code, 128 and more for a signal. */
  public readonly ended: Promise<number>;
  private readonly begun: Promise<void>;
  private readonly keeper: ChildProcess;

  private constructor(script: string, environment: (folder: string) => Record<string, string>, reader: Reader) {
    const folder = mkdtempSync(join(tmpdir(), 'ai-margin-child-'));
    // In a group of its own: an interrupt at the terminal is not for it, but for its caller, whose end is its own.
    this.keeper = spawn('sh', ['-c', KEEPER, folder, process.execPath, script], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { PATH: process.env.PATH, ...environment(folder) } });
    this.keeper.stdin!.on('error', () => undefined);
    this.begun = new Promise(resolve => {
      createInterface({ input: this.keeper.stdout! }).on('line', line => {
        if (this.pid !== 0 || !PID.test(line)) return reader.out(line);
        this.pid = Number(line);
        resolve();
      });
    });
    createInterface({ input: this.keeper.stderr! }).on('line', line => { reader.err(line); });
    this.ended = once(this.keeper, 'close').then(([code]) => Number(code));
  }

  /** `SIGSTOP` and `SIGCONT` are signals too. */
  public signal(signal: NodeJS.Signals): void {
    if (this.keeper.exitCode === null) process.kill(this.pid, signal);
  }

  public async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and answers its exit code; one that does not end in time is killed, and that is an error. */
  public async stop(): Promise<number> {
    this.signal('SIGTERM');
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.signal('SIGKILL');
    }, END_WITHIN_MS);
    const code = await this.ended;
    clearTimeout(timer);
    if (late) throw new Error(`The process ${this.pid} did not end within ${END_WITHIN_MS / 1000} s of its SIGTERM.`);
    return code;
  }
}
