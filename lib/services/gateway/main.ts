/** Entry of the gateway: `node gateway.js`, told by its environment; says on standard error where it listens. */
import { randomUUID } from 'node:crypto';
import { InputError } from '../../errors';
import { MemoryStore } from '../../gateway/cache/memory-store';
import { MemoryLedger } from '../../gateway/memory-ledger';
import { ValkeyStore } from './cache/valkey-store';
import { readConfig, watchConfig } from './config-file';
import { Gateway } from './gateway';
import { connect, connected } from './ledger/connect';
import { ValkeyLedger } from './ledger/valkey-ledger';
import { openLog } from './log';
import { readSettings } from './settings';

/** Fargate ends a task 120 s after its SIGTERM at most. */
const STOP_WITHIN_MS = 110_000;
const STORE_CONNECTS_WITHIN_MS = 3_000;

async function main(): Promise<void> {
  const { configFile, host, port, storeUrl, cacheUrl } = readSettings(process.env);
  const processId = randomUUID();
  const log = openLog(processId);
  const config = readConfig(configFile);
  const store = storeUrl === undefined ? undefined : connect(storeUrl, detail => { log.warn({ detail }, 'the connection to the budget store'); });
  const gateway = new Gateway({
    config, secrets: process.env, log, processId,
    responses: gatewayId => cacheUrl === undefined ? new MemoryStore(Date.now)
      : new ValkeyStore(connect(cacheUrl, detail => { log.warn({ detail }, 'the connection to the cache of answers'); }), gatewayId),
    ledger: gatewayId => store === undefined ? new MemoryLedger(Date.now) : new ValkeyLedger(store, gatewayId),
    // A failure is an error of the stream, below.
    write: (lines, written) => { process.stdout.write(lines, error => { if (!error) written(); }); },
  });
  const unwatch = watchConfig(configFile, () => { gateway.reload(() => readConfig(configFile)); });
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    unwatch();
    log.info('stopping');
    void gateway.stop(STOP_WITHIN_MS);
  };
  process.stdout.on('error', error => {
    log.error({ reason: error.message }, 'usage records cannot be written: the gateway ends');
    process.exitCode = 70;
    stopping = true;
    unwatch();
    void gateway.stop(0);
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
  // A call that came before it would be refused, or count on this process's word alone.
  if (store !== undefined) await connected(store, STORE_CONNECTS_WITHIN_MS);
  if (stopping) return;
  const listening = await gateway.listen(host, port).catch((error: Error) => {
    throw new InputError(`The gateway cannot listen on ${host}, port ${port}: ${error.message}. Give another port or host.`);
  });
  log.info({ host, port: listening, store: storeUrl === undefined ? 'memory' : 'valkey' }, 'listening');
}

main().catch((error: unknown) => {
  const told = error instanceof InputError || (error instanceof Error && 'code' in error);
  process.stderr.write(`${told ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  // Connections to the store or the models may be open already.
  process.exit(error instanceof InputError ? 2 : 70);
});
