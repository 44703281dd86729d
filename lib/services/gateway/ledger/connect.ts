/** From a URL to a client of the store: one that fails at once when there is no connection, and goes on trying to have one. */
import { Cluster, Redis, RedisOptions } from 'iovalkey';
import { InputError } from '../../../errors';
import { ValkeyClient } from './valkey-ledger';

const SCHEMES: Readonly<Record<string, { readonly tls: boolean; readonly cluster: boolean }>> = {
  'valkey:': { tls: false, cluster: false },
  'valkeys:': { tls: true, cluster: false },
  'valkey+cluster:': { tls: false, cluster: true },
  'valkeys+cluster:': { tls: true, cluster: true },
};
const ACCEPTED = 'valkey://host:port or valkeys:// with TLS, and valkey+cluster:// or valkeys+cluster:// for a cluster and ElastiCache Serverless, '
  + 'each with user:password@ before the host where it needs them';

const DEFAULT_PORT = 6379;
const CONNECT_WITHIN_MS = 2_000;
/** A connection that leaves a command unanswered for so long is dropped for a new one. */
const SILENT_FOR_MS = 5_000;
const RETRY_AT_MOST_MS = 1_000;
/** What is closed is not waited for: an old connection that does not end is torn down. */
const END_WITHIN_MS = 100;

export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  readonly cluster: boolean;
}

export function storeAddress(url: string): StoreAddress {
  const refuse = (why: string): InputError => new InputError(`The store's URL ${withoutSecrets(url)} ${why}. Accepted is ${ACCEPTED}.`);
  if (!URL.canParse(url)) throw refuse('is not a URL');
  const parsed = new URL(url);
  const scheme = SCHEMES[parsed.protocol];
  if (!scheme) throw refuse(`begins with ${parsed.protocol}`);
  if (parsed.hostname === '') throw refuse('names no host');
  if (!['', '/'].includes(parsed.pathname) || parsed.search || parsed.hash) throw refuse('has something after the port: there is one database, and no options');
  try {
    return {
      ...scheme,
      host: parsed.hostname.replace(/^\[|\]$/g, ''),
      port: Number(parsed.port || DEFAULT_PORT),
      username: decodeURIComponent(parsed.username) || undefined,
      password: decodeURIComponent(parsed.password) || undefined,
    };
  } catch {
    throw refuse('has a user or password that is not percent-encoded');
  }
}

/** What stands before the last @ may be a password, and so may what stands after a question mark. */
const withoutSecrets = (url: string): string => url.replace(/^([a-z+]*:(?:\/\/)?)?.*@/is, '$1***@').replace(/[?#].*$/s, '');

const retry = (attempt: number): number => Math.min(50 * attempt, RETRY_AT_MOST_MS);

/** `onError` is told of connections that fail; the client goes on trying, and what is asked meanwhile is rejected at once. */
export function connect(url: string, onError: (message: string) => void): ValkeyClient {
  const { host, port, username, password, tls, cluster } = storeAddress(url);
  const options: RedisOptions = {
    username,
    password,
    ...tls ? { tls: {} } : {},
    connectTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SILENT_FOR_MS,
    disconnectTimeout: END_WITHIN_MS,
    // A step sent again by the client's own will could come minutes late.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  };
  const client = cluster
    ? new Cluster([{ host, port }], {
      redisOptions: options,
      enableOfflineQueue: false,
      clusterRetryStrategy: retry,
      maxRedirections: 3,
      // Certificates are for names, so names are kept.
      dnsLookup: (address, done) => done(null, address),
    })
    : new Redis({
      ...options,
      host,
      port,
      enableOfflineQueue: false,
      retryStrategy: retry,
      // After a failover the old primary is a replica.
      reconnectOnError: error => error.message.startsWith('READONLY'),
    });
  client.on('error', (error: Error) => onError(error.message));
  return client;
}

/** Resolves when the client has its connection, or after so long without one: a gateway starts all the same, and is not ready. */
export function connected(client: ValkeyClient, withinMs: number): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise(resolve => {
    const timer = setTimeout(resolve, withinMs);
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
