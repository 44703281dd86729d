/**
 * A kept answer, as the steps of a route have it and as a store does: four bytes for the form, the length of a head, the head as
 * JSON, the reply as it was delivered. Of a store anything may come; what is not whole, of this form and of this key is no answer.
 */
import { z } from 'zod';
import { usageRecordSchema } from '../../contracts/usage-record';

const { costUsd } = usageRecordSchema.shape;

const headSchema = z.strictObject({
  /** Once more: a store that mixes up its keys does not mix up our tenants. */
  key: z.string(),
  /** Bytes of the reply. */
  size: z.number().nonnegative(),
  contentType: z.enum(['application/json', 'text/event-stream']),
  /** That made it. */
  tier: z.string(),
  /** What the answer cost when it was made; null: unknown. */
  costUsd,
  /** When it was made, in milliseconds since 1970. */
  at: z.number(),
});

type Head = z.infer<typeof headSchema>;

export interface CacheEntry extends Readonly<Omit<Head, 'key' | 'size'>> {
  /** A stream's events are without [DONE]. */
  readonly bytes: Buffer;
}

/** Another one for each form that old gateways cannot read. */
const FORM = Buffer.from('amr1');
const HEAD = FORM.length + 4;

export function encodeEntry({ bytes, contentType, tier, costUsd: cost, at }: CacheEntry, key: string): Buffer {
  const head: Head = { key, size: bytes.length, contentType, tier, costUsd: cost, at };
  const written = Buffer.from(JSON.stringify(head));
  // Out of Node's pool it would hold the memory of its neighbours as long as it is kept.
  const value = Buffer.allocUnsafeSlow(HEAD + written.length + bytes.length);
  FORM.copy(value);
  value.writeUInt32BE(written.length, FORM.length);
  written.copy(value, HEAD);
  bytes.copy(value, HEAD + written.length);
  return value;
}

/** undefined: nothing that could be given. Never throws. The reply's bytes are the value's own, not a copy. */
export function decodeEntry(value: Buffer, key: string): CacheEntry | undefined {
  if (value.length < HEAD || FORM.compare(value, 0, FORM.length) !== 0) return undefined;
  const headEnd = HEAD + value.readUInt32BE(FORM.length);
  const head = headSchema.safeParse(jsonOf(value.toString('utf8', HEAD, headEnd)));
  if (!head.success) return undefined;
  const { key: of, size, ...entry } = head.data;
  return of === key && size === value.length - headEnd ? { ...entry, bytes: value.subarray(headEnd) } : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
