/** The processes of the benchmark: what is measured has core 0 for itself, everything else shares core 1; each is ended by its pid. */
import { ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Measured } from './load';

const MEASURED_CORE = '0';
const OTHER_CORE = '1';
const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 10_000;
const KEPT_OF_LOG = 1_000;

/** This process, and with it all it starts. */
export function moveToOtherCore(): void {
  const { status, error } = spawnSync('taskset', ['-acp', OTHER_CORE, String(process.pid)]);
  if (status !== 0) throw new Error(`taskset cannot pin to core ${OTHER_CORE}: two cores and util-linux are needed. ${error?.message ?? ''}`);
}

export class Service {
  /** The end of its log. */
  public lastWords = '';
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit');
    // As a log driver would: read, and thrown away.
    child.stdout?.resume();
    child.stderr?.on('data', chunk => { this.lastWords = (this.lastWords + String(chunk)).slice(-KEPT_OF_LOG); });
  }

  public static measured(bundle: string, environment: NodeJS.ProcessEnv): Service {
    return new Service(spawn('taskset', ['-c', MEASURED_CORE, process.execPath, bundle], { env: environment, stdio: 'pipe' }));
  }

  public static other(bundle: string, environment: NodeJS.ProcessEnv): Service {
    return new Service(spawn(process.execPath, [bundle], { env: environment, stdio: 'pipe' }));
  }

  public get pid(): number {
    return this.child.pid!;
  }

  public get residentMegabytes(): number {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]) / 1024;
  }

  /** Milliseconds until the URL answered 200. */
  public async ready(url: string): Promise<number> {
    const began = performance.now();
    while (performance.now() - began < READY_WITHIN_MS) {
      if (this.child.exitCode !== null) throw new Error(`A process ended with ${this.child.exitCode} before ${url} answered.\n${this.lastWords}`);
      if (await statusOf(url) === 200) return performance.now() - began;
      await pause(5);
    }
    throw new Error(`${url} did not answer 200 within ${READY_WITHIN_MS / 1000} s.\n${this.lastWords}`);
  }

  public async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => { this.child.kill('SIGKILL'); }, END_WITHIN_MS);
    await this.exited;
    clearTimeout(killer);
  }
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise(resolve => {
    get(url, { agent: false }, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', () => { resolve(undefined); });
  });
}

export class Load {
  private readonly child: ChildProcess;

  public constructor(bundle: string) {
    this.child = fork(bundle, { execArgv: [] });
  }

  public async run(job: Job): Promise<Measured> {
    this.child.send(job);
    const [measured] = await once(this.child, 'message') as [Measured];
    return measured;
  }

  public stop(): void {
    this.child.disconnect();
  }
}
