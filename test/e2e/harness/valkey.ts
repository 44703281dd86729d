/**
 * A Valkey of our own with cluster mode on: one node that has all slots, on free ports of 127.0.0.1, its files in a temporary
 * folder. It can be frozen, killed and started again; process and folder are gone when stopped, or when its caller dies.
 */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import { freePort } from './emulator';
import { tool } from './paths';

const START_WITHIN_MS = 30_000;
/** Tells the server's pid, and ends it when standard input does; its folder ($0) too, unless told to keep it. */
const KEEPER = '"$@" & server=$!; echo $server; read -r word; kill -9 $server; wait; [ "$word" = keep ] || rm -rf "$0"';

export class Valkey {
  private keeper: ChildProcess | undefined;
  private pid = 0;

  private constructor(private readonly folder: string, public readonly port: number, private readonly busPort: number) {}

  public static async start(): Promise<Valkey> {
    const valkey = new Valkey(mkdtempSync(join(tmpdir(), 'ai-margin-valkey-')), await freePort(), await freePort());
    try {
      await valkey.restart();
    } catch (error) {
      const words = valkey.log();
      await valkey.stop();
      throw new Error(`Valkey did not start: ${String(error)}\n${words}`, { cause: error });
    }
    return valkey;
  }

  public get url(): string {
    return `valkey://127.0.0.1:${this.port}`;
  }

  public get clusterUrl(): string {
    return `valkey+cluster://127.0.0.1:${this.port}`;
  }

  /** Connections stay open and nothing is answered, as of a machine that hangs. */
  public freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  public thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  public async kill(): Promise<void> {
    const keeper = this.keeper;
    this.keeper = undefined;
    if (keeper === undefined || keeper.exitCode !== null) return;
    keeper.stdin?.end('keep\n');
    await once(keeper, 'exit');
  }

  /** With the same ports and what it had written. */
  public async restart(): Promise<void> {
    await this.kill();
    const args = [
      '--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.folder, '--logfile', 'valkey.log', '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'always',
      '--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', String(this.busPort), '--cluster-config-file', 'nodes.conf',
    ];
    this.keeper = spawn('sh', ['-c', KEEPER, this.folder, tool('valkey-server'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(this.keeper.stdout!, 'data') as [Buffer];
    this.pid = Number(line.toString());
    await this.servesAllSlots();
  }

  public async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private log(): string {
    return readFileSync(join(this.folder, 'valkey.log'), 'utf8');
  }

  private async servesAllSlots(): Promise<void> {
    const until = Date.now() + START_WITHIN_MS;
    const client = new Redis({ port: this.port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    try {
      let asked = false;
      while (Date.now() < until) {
        const state = String(await client.call('CLUSTER', 'INFO'));
        if (state.includes('cluster_state:ok')) return;
        if (!asked && state.includes('cluster_slots_assigned:0')) await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
        asked = true;
        await pause(50);
      }
      throw new Error(`not ready within ${START_WITHIN_MS / 1000} s`);
    } finally {
      client.disconnect();
    }
  }
}
