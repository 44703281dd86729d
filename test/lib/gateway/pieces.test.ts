/** Bytes in pieces: whole again in their order, and in few buffers however small they come. */
import * as fc from 'fast-check';
import { Pieces } from '../../../lib/gateway/pieces';

const filled = (given: readonly Uint8Array[]): Pieces => {
  const pieces = new Pieces();
  for (const piece of given) pieces.add(Buffer.from(piece));
  return pieces;
};

test('whatever their sizes, they come out as they went in', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 1200, size: 'max' }), given => {
    const pieces = filled(given);
    expect(pieces.whole()).toEqual(Buffer.concat(given));
    expect(pieces.bytes).toBe(pieces.whole().length);
    expect(pieces.count).toBeLessThanOrEqual(256 + given.length / 256);
  }), { numRuns: 50 });
});

test('one piece is not copied; none is nothing', () => {
  const one = Buffer.from('whole');
  expect(filled([]).whole()).toHaveLength(0);
  const pieces = new Pieces();
  pieces.add(one);
  expect(pieces.whole()).toBe(one);
});

test('100,000 single bytes are held in some hundred buffers', () => {
  const pieces = filled(Array.from({ length: 100_000 }, (_, i) => Uint8Array.of(i % 251)));
  expect(pieces.count).toBeLessThan(1000);
  expect(pieces.whole().every((byte, i) => byte === i % 251)).toBe(true);
});

test('after clear it begins anew', () => {
  const pieces = filled(Array.from({ length: 300 }, () => Uint8Array.of(1)));
  pieces.clear();
  expect([pieces.bytes, pieces.count]).toEqual([0, 0]);
  pieces.add(Buffer.from('again'));
  expect(pieces.whole().toString()).toBe('again');
});
