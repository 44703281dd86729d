/** Who gets which answer: from before, from the call at the same time, or its own. */
import fc from 'fast-check';
import { CacheScope, cacheKey } from '../../../../../lib/gateway/cache/cache-key';
import { CacheEntry } from '../../../../../lib/gateway/cache/entry';
import { MemoryStore } from '../../../../../lib/gateway/cache/memory-store';
import { Lead, Looked } from '../../../../../lib/gateway/route/ports';
import { AWAITED_MS, ResponseCache } from '../../../../../lib/services/gateway/cache/response-cache';
import { ENTRY, KEY, entries } from '../../../gateway/cache/entries';
import { UnsteadyCache, after, fakeTimers, pass } from './unsteady-cache';

const HOUR = 3_600_000;
const quiet = { onTrouble: (): void => undefined };
const open = (): ResponseCache => new ResponseCache(new MemoryStore(Date.now), quiet);
const leadOf = (looked: Looked): Lead => {
  if (!('lead' in looked)) throw new Error(`it is a ${looked.kind}`);
  return looked.lead;
};
const miss = { kind: 'miss', lead: expect.anything() as unknown };

test('who misses leads; what it keeps is a hit for the next call, byte for byte', () => fc.assert(fc.asyncProperty(entries, async entry => {
  const cache = open();
  leadOf(await cache.look(KEY)).keep(entry, HOUR);
  expect(await cache.look(KEY)).toEqual({ kind: 'hit', entry });
  expect(await cache.look('another')).toEqual(miss);
})));

test('calls at the same time share one answer, and the store is asked once', async () => {
  const store = new UnsteadyCache();
  const cache = new ResponseCache(store, quiet);
  const looks = [cache.look(KEY), cache.look(KEY), cache.look(KEY)];
  leadOf(await looks[0]!).keep(ENTRY, HOUR);
  expect(await Promise.all(looks.slice(1))).toEqual([{ kind: 'shared', entry: ENTRY }, { kind: 'shared', entry: ENTRY }]);
  expect([store.reads, store.writes, cache.leading]).toEqual([1, 1, 0]);
});

test('calls at the same time share a hit, too', async () => {
  const store = new UnsteadyCache();
  const cache = new ResponseCache(store, quiet);
  leadOf(await cache.look(KEY)).keep(ENTRY, HOUR);
  expect(await Promise.all([cache.look(KEY), cache.look(KEY)])).toEqual([{ kind: 'hit', entry: ENTRY }, { kind: 'hit', entry: ENTRY }]);
  expect([store.reads, cache.leading]).toEqual([2, 0]);
});

test('where the first one comes to nothing, all others are asked for at once, and each may keep its own', async () => {
  const cache = open();
  const [first, ...others] = Array.from({ length: 20 }, () => cache.look(KEY));
  leadOf(await first!).release();
  const looked = await Promise.all(others);
  expect(looked).toEqual(others.map(() => miss));
  for (const each of looked.slice(1)) leadOf(each).release();
  leadOf(looked[0]!).keep(ENTRY, HOUR);
  expect(await cache.look(KEY)).toEqual({ kind: 'hit', entry: ENTRY });
});

test('of keep and release only the first counts', async () => {
  const store = new UnsteadyCache();
  const cache = new ResponseCache(store, quiet);
  const kept = leadOf(await cache.look(KEY));
  kept.keep(ENTRY, HOUR);
  kept.keep({ ...ENTRY, tier: 'another' }, HOUR);
  kept.release();
  expect(await cache.look(KEY)).toEqual({ kind: 'hit', entry: ENTRY });
  const released = leadOf(await cache.look('b'));
  released.release();
  released.keep(ENTRY, HOUR);
  expect(await cache.look('b')).toEqual(miss);
  expect(store.writes).toBe(1);
});

test('who has left waits no more, and the others do', async () => {
  const cache = open();
  const first = cache.look(KEY);
  const client = new AbortController();
  const [left, stays] = [cache.look(KEY, client.signal), cache.look(KEY)];
  client.abort();
  expect(await left).toEqual(miss);
  leadOf(await left).release();
  leadOf(await first).keep(ENTRY, HOUR);
  expect(await stays).toEqual({ kind: 'shared', entry: ENTRY });
});

test('another tenant, workflow, policy or kind of call never gets the answer, kept or at the same time', () => {
  const name = fc.constantFrom('a', 'b', 'ab', '', '","');
  const call = fc.record({ kind: fc.constantFrom('chat', 'embedding'), tenant: name, workflow: name, policy: name, body: fc.constantFrom('{"model":"x"}', '{"model":"y"}') });
  const keyOf = ({ body, ...scope }: CacheScope & { readonly body: string }): string => cacheKey(scope, Buffer.from(body));
  return fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 20 }), async calls => {
    const cache = open();
    // The answer says whose it is.
    const answered = calls.map(async each => {
      const looked = await cache.look(keyOf(each));
      const own: CacheEntry = { ...ENTRY, bytes: Buffer.from(JSON.stringify(each)) };
      if ('lead' in looked) looked.lead.keep(own, HOUR);
      expect('entry' in looked ? looked.entry : own).toEqual(own);
      return looked.kind;
    });
    const made = (await Promise.all(answered)).filter(kind => kind === 'miss');
    expect(made).toHaveLength(new Set(calls.map(each => JSON.stringify(each))).size);
  }));
});

describe('a store with trouble', () => {
  beforeEach(fakeTimers);
  afterEach(() => jest.useRealTimers());

  test('that hangs costs its deadline, and those at the same time still share an answer', async () => {
    const store = new UnsteadyCache();
    const cache = new ResponseCache(store, quiet);
    store.state = 'hangs';
    const [first, other] = [cache.look(KEY), cache.look(KEY)];
    expect(await after(40, first)).toBe('no answer yet');
    const looked = await after(20, first);
    expect(looked).toEqual({ ...miss, kind: 'failed' });
    leadOf(looked as Looked).keep(ENTRY, HOUR);
    expect(await other).toEqual({ kind: 'shared', entry: ENTRY });
  });

  test('that gives what is none: a miss', async () => {
    const store = new UnsteadyCache();
    const cache = new ResponseCache(store, quiet);
    leadOf(await cache.look(KEY)).keep(ENTRY, HOUR);
    await pass(50);
    const value = (await store.inside.get(KEY))!;
    await store.inside.set('another', value, HOUR);
    await store.inside.set(KEY, value.subarray(0, -1), HOUR);
    expect([await cache.look(KEY), await cache.look('another')]).toEqual([miss, miss]);
  });

  test('a lead that is forgotten holds nobody up for ever, and is forgotten by the cache; what it keeps late is kept', async () => {
    const cache = open();
    const first = await cache.look(KEY);
    const other = cache.look(KEY);
    expect(await after(AWAITED_MS - 100, other)).toBe('no answer yet');
    expect(await after(200, other)).toEqual(miss);
    expect(cache.leading).toBe(0);
    leadOf(first).keep(ENTRY, HOUR);
    expect(await cache.look(KEY)).toEqual({ kind: 'hit', entry: ENTRY });
  });

  test('no timer stays when a lead is over', async () => {
    const cache = open();
    leadOf(await cache.look('a')).keep(ENTRY, HOUR);
    leadOf(await cache.look('b')).release();
    await pass(50);
    expect(jest.getTimerCount()).toBe(0);
  });
});
