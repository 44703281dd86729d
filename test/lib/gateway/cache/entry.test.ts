/** What a store gives back is the very answer that was kept, or nothing. */
import fc from 'fast-check';
import { decodeEntry, encodeEntry } from '../../../../lib/gateway/cache/entry';
import { ENTRY, KEY, entries } from './entries';

test('an entry comes back byte for byte', () => {
  fc.assert(fc.property(entries, fc.string(), (entry, key) => {
    expect(decodeEntry(encodeEntry(entry, key), key)).toEqual(entry);
  }));
});

test('it is given for its own key only', () => {
  fc.assert(fc.property(entries, fc.string(), fc.string(), (entry, key, other) => {
    fc.pre(key !== other);
    expect(decodeEntry(encodeEntry(entry, key), other)).toBeUndefined();
  }));
});

test('of what is cut or has more behind it, nothing is given', () => {
  fc.assert(fc.property(entries, fc.nat(), fc.uint8Array({ minLength: 1 }), (entry, cut, more) => {
    const value = encodeEntry(entry, KEY);
    expect(decodeEntry(value.subarray(0, cut % value.length), KEY)).toBeUndefined();
    expect(decodeEntry(Buffer.concat([value, more]), KEY)).toBeUndefined();
  }));
});

test('a byte that changed on the way does no harm before the reply: nothing is given, or a well-formed entry', () => {
  fc.assert(fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, at, change) => {
    const value = encodeEntry(entry, KEY);
    const place = at % (value.length - entry.bytes.length);
    value[place] = value[place]! ^ change;
    const given = decodeEntry(value, KEY);
    if (given !== undefined) expect(decodeEntry(encodeEntry(given, KEY), KEY)).toEqual({ ...given, bytes: entry.bytes });
  }), { numRuns: 1_000 });
});

test('whatever comes, it never throws, and nothing foreign is an answer', () => {
  const head = fc.oneof(fc.jsonValue(), fc.object(), fc.constantFrom(null, [], { key: KEY, size: 0 })).map(value => Buffer.from(JSON.stringify(value)));
  const foreign = fc.oneof(fc.uint8Array().map(bytes => Buffer.from(bytes)), head.map(bytes => {
    const start = Buffer.from('amr1....');
    start.writeUInt32BE(bytes.length, 4);
    return Buffer.concat([start, bytes]);
  }));
  fc.assert(fc.property(foreign, value => {
    expect(decodeEntry(value, KEY)).toBeUndefined();
  }), { numRuns: 1_000 });
});

test('another version\'s form and a head that is not all there are nothing', () => {
  const value = encodeEntry(ENTRY, KEY);
  expect(decodeEntry(value, KEY)).toEqual(ENTRY);
  value.write('amr2');
  expect(decodeEntry(value, KEY)).toBeUndefined();
  const cut = Buffer.from(`amr1....${JSON.stringify({ ...ENTRY, bytes: undefined, key: KEY, size: -1 })}`);
  cut.writeUInt32BE(cut.length - 8 + 1, 4);
  expect(decodeEntry(cut, KEY)).toBeUndefined();
  const wrongCost = encodeEntry({ ...ENTRY, costUsd: 'free' }, KEY);
  expect(decodeEntry(wrongCost, KEY)).toBeUndefined();
});
