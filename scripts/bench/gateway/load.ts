/**
 * The callers: a process of their own that keeps so many calls open for a while, and reads the CPU time of the process under
 * test at the very moments its window begins and ends.
 */
import { readFileSync } from 'node:fs';
import { Dispatcher, Pool } from 'undici';

export interface Job {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Before and after a number of each call's own; one part: all calls are the same. */
  readonly body: readonly [string] | readonly [string, string];
  readonly concurrency: number;
  readonly warmMs: number;
  readonly windowMs: number;
  /** Of the process whose CPU time counts. */
  readonly pid: number;
}

export interface Measured {
  readonly calls: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  /** Milliseconds to the first byte of the body, in order. */
  readonly firstByte: { readonly p50: number; readonly p99: number };
  /** Calls without a whole answer of status 200, and how the last one ended. */
  readonly failures: number;
  readonly failure: string | undefined;
}

let calls = 0;
const bodyOf = ({ body: [before, after] }: Job): string => after === undefined ? before : `${before}${++calls}${after}`;

const pools = new Map<string, Pool>();

function poolTo(origin: string): Pool {
  const known = pools.get(origin) ?? new Pool(origin);
  pools.set(origin, known);
  return known;
}

/** utime and stime of all threads, in ticks of 10 ms. */
function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

class Window {
  private readonly times: number[] = [];
  private failures = 0;
  private failure: string | undefined;
  private readonly began = performance.now();
  private readonly cpu: number;

  public constructor(private readonly pid: number) {
    this.cpu = cpuMicros(pid);
  }

  public done(firstByteMs: number, failure: string | undefined): void {
    if (failure === undefined) this.times.push(firstByteMs);
    else {
      this.failures++;
      this.failure = failure;
    }
  }

  public close(): Measured {
    const cpu = cpuMicros(this.pid) - this.cpu;
    const seconds = (performance.now() - this.began) / 1000;
    const times = this.times.toSorted((a, b) => a - b);
    const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? NaN;
    return { calls: times.length, seconds, cpuMicros: cpu, firstByte: { p50: at(0.5), p99: at(0.99) }, failures: this.failures, failure: this.failure };
  }
}

/** One call; `done` gets the milliseconds to its first byte, and what went wrong. */
function call(pool: Pool, job: Job, done: (firstByteMs: number, failure: string | undefined) => void): void {
  const started = performance.now();
  let status = 0;
  let firstByte = NaN;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (_, code) => { status = code; },
    onResponseData: () => { if (Number.isNaN(firstByte)) firstByte = performance.now() - started; },
    onResponseEnd: () => { done(firstByte, status === 200 ? undefined : `status ${status}`); },
    onResponseError: (_, error) => { done(firstByte, error.message); },
  };
  pool.dispatch({ method: 'POST', path: '/v1/chat/completions', headers: job.headers, body: bodyOf(job) }, handler);
}

function run(job: Job, finished: (measured: Measured) => void): void {
  const pool = poolTo(job.origin);
  let window: Window | undefined;
  let stopping = false;
  let open = 0;
  const next = (): void => {
    open++;
    call(pool, job, (firstByteMs, failure) => {
      open--;
      window?.done(firstByteMs, failure);
      if (!stopping) next();
      else if (open === 0 && measured !== undefined) finished(measured);
    });
  };
  let measured: Measured | undefined;
  for (let i = 0; i < job.concurrency; i++) next();
  setTimeout(() => {
    window = new Window(job.pid);
    setTimeout(() => {
      measured = window?.close();
      stopping = true;
    }, job.windowMs);
  }, job.warmMs);
}

process.on('message', (job: Job) => { run(job, measured => { process.send?.(measured); }); });
process.on('disconnect', () => { process.exit(); });
