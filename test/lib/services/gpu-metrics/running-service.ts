/** The real service, bundled as it is shipped, as a child process; its records are what the test waits for. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GPU_METRICS_CONFIG } from '../../../../lib/contracts/gpu-metrics';

export type EmfDocument = Record<string, unknown> & { readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly unknown[] } };

export class RunningService {
  public readonly records: EmfDocument[] = [];
  public stderr = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;
  private onRecord = (): void => undefined;

  public constructor(bundle: string, config: unknown) {
    this.child = spawn(process.execPath, [bundle], {
      env: config === undefined ? {} : { [GPU_METRICS_CONFIG]: typeof config === 'string' ? config : JSON.stringify(config) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.closed = once(this.child, 'close');
    this.child.stderr!.on('data', chunk => { this.stderr += String(chunk); });
    createInterface({ input: this.child.stdout! }).on('line', line => {
      this.records.push(JSON.parse(line) as EmfDocument);
      this.onRecord();
    });
  }

  /** A record, of those from now on, that fulfils the condition; the test's own timeout ends the waiting. */
  public async until(condition: (record: EmfDocument, all: readonly EmfDocument[]) => boolean): Promise<EmfDocument> {
    for (let seen = this.records.length; ; seen++) {
      if (seen === this.records.length) await new Promise<void>(resolve => { this.onRecord = resolve; });
      if (condition(this.records[seen]!, this.records)) return this.records[seen]!;
    }
  }

  public total(metric: string): number {
    return this.records.reduce((sum, record) => sum + Number(record[metric] ?? 0), 0);
  }

  /** Exit code and signal. */
  public async exited(): Promise<unknown[]> {
    return this.closed;
  }

  public async stop(signal: NodeJS.Signals): Promise<unknown[]> {
    this.child.kill(signal);
    return this.closed;
  }
}
