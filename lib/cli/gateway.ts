/** `ai-margin gateway`: the gateway as it runs on AWS, on this machine: told by its environment where its configuration is. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { GATEWAY_PROCESS_ENVIRONMENT } from '../contracts/gateway-process';
import { InputError } from '../errors';
import { portOption, runBundle } from './child';

export interface GatewayOptions {
  readonly config: string;
  readonly port?: string;
  readonly host?: string;
  readonly store?: string;
  readonly cache?: string;
}

/** Runs until it is told to stop. */
export function runGateway({ config, port, host, store, cache }: GatewayOptions): Promise<number> {
  assertReadable(config);
  return runBundle('gateway.js', {
    ...GATEWAY_PROCESS_ENVIRONMENT,
    // What its user asks of Node comes last and holds.
    NODE_OPTIONS: `${GATEWAY_PROCESS_ENVIRONMENT.NODE_OPTIONS} ${process.env.NODE_OPTIONS ?? ''}`.trimEnd(),
    AI_MARGIN_GATEWAY_CONFIG: resolve(config),
    AI_MARGIN_GATEWAY_PORT: portOption(port),
    AI_MARGIN_GATEWAY_HOST: host,
    // A password in it is better in the environment than on a command line, which everybody on the machine can read.
    AI_MARGIN_GATEWAY_STORE: store ?? process.env.AI_MARGIN_GATEWAY_STORE,
    AI_MARGIN_GATEWAY_CACHE: cache ?? process.env.AI_MARGIN_GATEWAY_CACHE,
  });
}

/** Before anything starts; what stands in it is for the gateway to judge, as it does again at each change. */
function assertReadable(config: string): void {
  try {
    if (!statSync(config).isFile()) throw new Error('it is not a file');
    accessSync(config, constants.R_OK);
  } catch (error) {
    throw new InputError(`--config ${config} cannot be read: ${error instanceof Error ? error.message : String(error)}. Give the gateway's configuration, a JSON file.`);
  }
}
