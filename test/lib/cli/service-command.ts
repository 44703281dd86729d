/** The command line's bundle beside a stand-in for the service's: what the command passes on is seen without the service. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { file, folder } from './files';

/** Prints its environment, then each signal; ends with 7 at a SIGTERM. */
const STAND_IN = `
const { PORT, HOST, ...rest } = process.env;
const gateway = Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith('AI_MARGIN_GATEWAY_')));
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => console.log(signal));
process.on('SIGTERM', () => process.exit(7));
setInterval(() => undefined, 60_000);
console.log(JSON.stringify({ PORT, HOST, ...gateway }));
`;

export const SHIPPED = join(__dirname, '../../../assets/ai-margin.js');

/** ai-margin.js with the stand-in as every service. */
export function withStandIn(): string {
  const bundle = join(folder, 'assets/ai-margin.js');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  copyFileSync(SHIPPED, bundle);
  for (const service of ['gateway', 'mock-model']) file(`assets/${service}.js`, STAND_IN);
  return bundle;
}

const started = new Set<ChildProcess>();
// What a failed test left behind.
afterEach(() => {
  for (const child of started) child.kill();
  started.clear();
});

export class Command {
  public stderr = '';
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly closed: Promise<unknown[]>;

  public constructor(bundle: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [bundle, ...args], { env: environment, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    started.add(this.child);
    this.closed = once(this.child, 'close');
    this.child.stderr!.on('data', chunk => { this.stderr += String(chunk); });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** undefined: there will be none. */
  public async line(): Promise<string | undefined> {
    const { value, done } = await this.lines.next();
    return done ? undefined : value;
  }

  public signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  public async exitCode(): Promise<unknown> {
    return (await this.closed)[0];
  }
}
