/** The store in memory against a plain list of what was kept when. */
import fc from 'fast-check';
import { MemoryStore } from '../../../../lib/gateway/cache/memory-store';

const OVERHEAD = 300;
let now = 0;
beforeEach(() => { now = 1_000; });
const store = (maxBytes?: number): MemoryStore => new MemoryStore(() => now, maxBytes);
const value = (bytes: number, fill = 'x'): Buffer => Buffer.alloc(bytes, fill);

test('what was kept is given until its time is over, and then not', async () => {
  const kept = store();
  await kept.set('a', value(10), 500);
  now += 499;
  expect(await kept.get('a')).toEqual(value(10));
  now += 1;
  expect(await kept.get('a')).toBeUndefined();
  expect(kept.size).toBe(0);
  expect(await kept.get('b')).toBeUndefined();
});

test('the new value takes the old one\'s place and time', async () => {
  const kept = store();
  await kept.set('a', value(10), 500);
  await kept.set('a', value(20, 'y'), 1_000);
  now += 600;
  expect(await kept.get('a')).toEqual(value(20, 'y'));
  expect(kept.size).toBe(20 + OVERHEAD);
});

test('where there is no room, those not asked for longest go', async () => {
  const kept = store(3 * (100 + OVERHEAD));
  for (const key of ['a', 'b', 'c']) await kept.set(key, value(100), 1_000);
  await kept.get('a');
  await kept.set('d', value(100), 1_000);
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(key => kept.get(key).then(Boolean)))).toEqual([true, false, true, true]);
});

test('what is larger than the whole store is not kept and drives nothing out', async () => {
  const kept = store(1_000);
  await kept.set('a', value(100), 1_000);
  await kept.set('b', value(1_000), 1_000);
  await kept.set('a', value(1_000), 1_000);
  expect(await kept.get('b')).toBeUndefined();
  // Nor is the old one given for the new.
  expect(await kept.get('a')).toBeUndefined();
});

test('closed, it holds nothing', async () => {
  const kept = store();
  await kept.set('a', value(100), 1_000);
  await kept.close();
  expect([await kept.get('a'), kept.size]).toEqual([undefined, 0]);
});

test('any history: never above its bytes, and what it gives is the last that was kept, in time and in the order of use', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key, bytes: fc.nat(400), ttl: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ do: fc.constant('get' as const), key }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(60) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 2_500 }), async (steps, maxBytes) => {
    now = 0;
    const kept = store(maxBytes);
    /** Least recently used first. */
    let model: { readonly key: string; readonly bytes: Buffer; readonly until: number }[] = [];
    const size = (): number => model.reduce((sum, { bytes }) => sum + bytes.length + OVERHEAD, 0);
    for (const [i, each] of steps.entries()) {
      if (each.do === 'pass') now += each.ms;
      if (each.do === 'set') {
        const bytes = value(each.bytes, String(i % 10));
        await kept.set(each.key, bytes, each.ttl);
        model = model.filter(entry => entry.key !== each.key);
        if (bytes.length + OVERHEAD <= maxBytes) model.push({ key: each.key, bytes, until: now + each.ttl });
        while (size() > maxBytes) model.shift();
      }
      if (each.do === 'get') {
        const found = model.find(entry => entry.key === each.key);
        model = model.filter(entry => entry !== found);
        const inTime = found !== undefined && found.until > now;
        if (inTime) model.push(found);
        expect(await kept.get(each.key)).toEqual(inTime ? found.bytes : undefined);
      }
      expect(kept.size).toBe(size());
      expect(kept.size).toBeLessThanOrEqual(maxBytes);
    }
  }));
});
