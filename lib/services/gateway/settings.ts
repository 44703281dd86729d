/** What a gateway's process is told by its environment: where its configuration and store are and where it listens. */
import { InputError } from '../../errors';

export interface Settings {
  readonly configFile: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Valkey; undefined: budgets are kept in this process's memory. */
  readonly storeUrl: string | undefined;
  /** Valkey; undefined: answers are kept in this process's memory, where a route keeps any. Never the store of the budgets, which must not evict. */
  readonly cacheUrl: string | undefined;
}

export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const configFile = environment.AI_MARGIN_GATEWAY_CONFIG;
  if (!configFile) throw new InputError('The environment variable AI_MARGIN_GATEWAY_CONFIG is missing: give it the path of the gateway\'s configuration.');
  const port = environment.AI_MARGIN_GATEWAY_PORT || '4000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new InputError(`AI_MARGIN_GATEWAY_PORT is ${port}: give a port from 0 to 65535.`);
  return {
    configFile,
    host: environment.AI_MARGIN_GATEWAY_HOST || '127.0.0.1',
    port: Number(port),
    storeUrl: environment.AI_MARGIN_GATEWAY_STORE || undefined,
    cacheUrl: environment.AI_MARGIN_GATEWAY_CACHE || undefined,
  };
}
