/** Who calls, by a key that is known as a hash only: accepted, expired, unknown; and no text of a key in any error. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { GatewayKey, gatewayKeySchema } from '../../../../lib/contracts/gateway';
import { InputError } from '../../../../lib/errors';
import { Refusal } from '../../../../lib/gateway/refusal';
import { KeyRing } from '../../../../lib/services/gateway/keys';

const NOTES = 'notes-key-of-a-good-length';
const OTHER = 'other-key-of-a-good-length';
const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
const key = (id: string, secret: object, more: object = {}): GatewayKey => gatewayKeySchema.parse({ id, tenant: 'north', secret, ...more });
const ring = new KeyRing([
  key('notes', { env: 'NOTES' }, { workflow: 'DraftNote', requestsPerMinute: 60 }),
  key('hashed', { sha256: sha256(OTHER) }, { expires: '2026-12-01T00:00:00+01:00' }),
], { NOTES });
const BEFORE = Date.parse('2026-11-30T22:59:59.999Z');

function thrown(make: () => unknown): Error {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test.each([`Bearer ${NOTES}`, `bearer ${NOTES}`, `BEARER   ${NOTES}`])('%p is the caller', header => {
  const caller = ring.caller(header, BEFORE);
  expect(caller).toEqual({ id: 'notes', tenant: 'north', workflow: 'DraftNote', requestsPerMinute: 60, expiresAt: Infinity });
  expect(JSON.stringify(caller)).not.toContain(NOTES);
});

test('a key given as its SHA-256 is as good as the key itself', () => {
  expect(ring.caller(`Bearer ${OTHER}`, BEFORE).id).toBe('hashed');
  expect(thrown(() => ring.caller(`Bearer ${sha256(OTHER)}`, BEFORE))).toMatchObject({ code: 'invalid_api_key' });
});

test('a key expires to the millisecond, wherever its date was written', () => {
  expect(thrown(() => ring.caller(`Bearer ${OTHER}`, BEFORE + 1))).toMatchObject({
    status: 401, code: 'expired_api_key', message: 'The key hashed has expired on 2026-11-30T23:00:00.000Z: ask for a new one.',
  });
});

test.each([undefined, '', 'Bearer', 'Bearer ', NOTES, `Basic ${NOTES}`, `Bearer ${NOTES} ${NOTES}`, `Bearer\t${NOTES}`])('%p is no key: 401 that says how one is given', header => {
  expect(thrown(() => ring.caller(header, BEFORE))).toMatchObject({ status: 401, code: 'invalid_api_key', message: expect.stringContaining('Authorization: Bearer KEY') });
});

test('whatever is presented, only the keys themselves are accepted, and a refusal does not repeat it', () => {
  const near = fc.nat(NOTES.length - 1).map(at => `${NOTES.slice(0, at)}X${NOTES.slice(at + 1)}`);
  fc.assert(fc.property(fc.oneof(near, fc.constantFrom(NOTES.slice(1), `${NOTES}1`, NOTES.toUpperCase()), fc.string({ unit: 'grapheme-ascii', minLength: 12 }).filter(text => !/\s/.test(text))), presented => {
    const refusal = thrown(() => ring.caller(`Bearer ${presented}`, BEFORE));
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(refusal.message).not.toContain(presented);
  }));
});

test('keys whose hashes begin alike are told apart', () => {
  const prefix = sha256(NOTES).slice(0, 8);
  const like = Array.from({ length: 3 }, (_, i) => key(`like-${i}`, { sha256: `${prefix}${String(i).repeat(56)}` }));
  expect(new KeyRing([...like, key('notes', { env: 'NOTES' })], { NOTES }).caller(`Bearer ${NOTES}`, 0).id).toBe('notes');
});

describe('a configuration of keys is refused, without their text', () => {
  const REFUSED: readonly (readonly [string, GatewayKey[], Readonly<Record<string, string>>, RegExp])[] = [
    ['a variable that is not set', [key('notes', { env: 'NOWHERE' })], {}, /^keys\.0\.secret names the environment variable NOWHERE, which is not set: set it, or name another\.$/],
    ['a variable that is empty', [key('notes', { env: 'NOTES' })], { NOTES: '' }, /^keys\.0\.secret names the environment variable NOTES, which is not set/],
    ['the key itself in the variable\'s place', [key('notes', { env: 'sk-live-abcdefghijklmnop' })], {}, /^keys\.0\.secret\.env is not the name of an environment variable/],
    ['a short key', [key('notes', { env: 'NOTES' })], { NOTES: 'sesame-sesame-1' }, /^The key notes has 15 characters; use at least 16, at random\.$/],
    ['a line end at a key\'s end', [key('notes', { env: 'NOTES' })], { NOTES: `${NOTES}\n` }, /^The key notes holds a space, a line end or another character that no header can carry/],
    ['the same key twice', [key('notes', { env: 'NOTES' }), key('too', { env: 'NOTES' })], { NOTES }, /^keys\.1 \(too\) is the same key as notes: nobody could tell who pays\.$/],
    ['a key and its hash', [key('notes', { env: 'NOTES' }), key('too', { sha256: sha256(NOTES) })], { NOTES }, /^keys\.1 \(too\) is the same key as notes/],
  ];
  test.each(REFUSED)('%s', (_, keys, secrets, message) => {
    const error = thrown(() => new KeyRing(keys, secrets));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(message);
    for (const text of ['sk-live', 'sesame', NOTES, sha256(NOTES)]) expect(error.message).not.toContain(text);
  });
});
