/** Kept answers, one that looks real and any. */
import fc from 'fast-check';
import { CacheEntry } from '../../../../lib/gateway/cache/entry';

export const KEY = 'qL8R4QIcQ_ZsRqOAbeRfcZhilN_MksRtDaErMA-2kE4';

export const ENTRY: CacheEntry = {
  contentType: 'application/json',
  bytes: Buffer.from('{"id":"chatcmpl-7","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"I10 – é"},"finish_reason":"stop"}]}'),
  tier: 'cheap', costUsd: '0.0000031', at: Date.UTC(2026, 8, 30, 12),
};

export const entries: fc.Arbitrary<CacheEntry> = fc.record({
  contentType: fc.constantFrom('application/json', 'text/event-stream'),
  bytes: fc.uint8Array({ maxLength: 300, size: 'max' }).map(bytes => Buffer.from(bytes)),
  tier: fc.string({ unit: 'grapheme' }),
  costUsd: fc.constantFrom(null, '0', '0.000000000001', '12.5'),
  at: fc.nat(2 ** 42),
});
