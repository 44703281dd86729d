/** Who calls: keys are held as hashes only, and a presented one is compared in constant time. */
import { hash, timingSafeEqual } from 'node:crypto';
import { GatewayConfig, GatewayKey, SecretPlace } from '../../contracts/gateway';
import { InputError } from '../../errors';
import { Refusal } from '../../gateway/refusal';

/** Shorter ones can be guessed. */
const SHORTEST_KEY = 16;
/** What a header can carry, without a space. */
const VISIBLE = /^[\x21-\x7e]+$/;
const VARIABLE = /^[A-Za-z_]\w*$/;

export type Caller = Omit<GatewayKey, 'secret' | 'expires'> & { readonly expiresAt: number };

/** The environment of the process. */
export type Secrets = Readonly<Record<string, string | undefined>>;

export function secretAt({ env }: SecretPlace, secrets: Secrets, place: string): string {
  if (!VARIABLE.test(env)) throw new InputError(`${place}.env is not the name of an environment variable: give letters, digits and underscores. Not the key itself.`);
  const secret = secrets[env];
  if (secret) return secret;
  throw new InputError(`${place} names the environment variable ${env}, which is not set: set it, or name another.`);
}

export class KeyRing {
  /** By the first bytes of the hash: which of them is met tells nothing about a key. */
  private readonly byPrefix = new Map<number, { readonly digest: Buffer; readonly caller: Caller }[]>();

  public constructor(keys: GatewayConfig['keys'], secrets: Secrets) {
    for (const [i, { secret, expires, ...key }] of keys.entries()) {
      const digest = 'sha256' in secret ? Buffer.from(secret.sha256, 'hex') : this.digestOf(secretAt(secret, secrets, `keys.${i}.secret`), key.id);
      const same = this.find(digest);
      if (same) throw new InputError(`keys.${i} (${key.id}) is the same key as ${same.id}: nobody could tell who pays.`);
      const prefix = digest.readUInt32BE(0);
      const caller = { ...key, expiresAt: expires === undefined ? Infinity : Date.parse(expires) };
      this.byPrefix.set(prefix, [...this.byPrefix.get(prefix) ?? [], { digest, caller }]);
    }
  }

  /** The caller of an Authorization header; `now` in milliseconds since 1970. */
  public caller(authorization: string | undefined, now: number): Caller {
    const presented = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (presented === undefined) throw new Refusal('invalid_api_key', 'No key was given: send the header "Authorization: Bearer KEY".');
    const caller = this.find(hash('sha256', presented, 'buffer'));
    if (!caller) throw new Refusal('invalid_api_key', 'This key is not known here: use one of the gateway\'s keys, not the provider\'s.');
    if (now >= caller.expiresAt) throw new Refusal('expired_api_key', `The key ${caller.id} has expired on ${new Date(caller.expiresAt).toISOString()}: ask for a new one.`);
    return caller;
  }

  private find(digest: Buffer): Caller | undefined {
    return this.byPrefix.get(digest.readUInt32BE(0))?.find(known => timingSafeEqual(known.digest, digest))?.caller;
  }

  private digestOf(secret: string, id: string): Buffer {
    if (!VISIBLE.test(secret)) throw new InputError(`The key ${id} holds a space, a line end or another character that no header can carry: look for a line end at its end.`);
    if (secret.length < SHORTEST_KEY) throw new InputError(`The key ${id} has ${secret.length} characters; use at least ${SHORTEST_KEY}, at random.`);
    return hash('sha256', secret, 'buffer');
  }
}
