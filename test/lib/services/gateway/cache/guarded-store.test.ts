/** What calls notice of a store of answers that hangs, fails or is full: a miss, in time, and nothing else. */
import { CacheTrouble, GuardedStore } from '../../../../../lib/services/gateway/cache/guarded-store';
import { UnsteadyCache, after, fakeTimers, pass } from './unsteady-cache';

const HOUR = 3_600_000;
const VALUE = Buffer.from('an answer');

let inner: UnsteadyCache;
let troubles: [CacheTrouble, string][];
let store: GuardedStore;
beforeEach(() => {
  fakeTimers();
  inner = new UnsteadyCache();
  troubles = [];
  store = new GuardedStore(inner, { onTrouble: (kind, detail) => void troubles.push([kind, detail]) });
});
afterEach(() => jest.useRealTimers());

const kinds = (): CacheTrouble[] => troubles.map(([kind]) => kind);
/** Five reads find out, each by itself. */
async function lose(): Promise<void> {
  for (let failed = 0; failed < 5; failed++) expect(await after(100, store.get('a'))).toBe('failed');
  expect(kinds()).toEqual(['reads-lost']);
}
const keep = async (key: string): Promise<void> => {
  store.set(key, VALUE, HOUR);
  await pass(50);
};

test('a store that works gives what it was given, for its time', async () => {
  await keep('a');
  expect([await store.get('a'), await store.get('b')]).toEqual([VALUE, undefined]);
  await pass(HOUR);
  expect(await store.get('a')).toBeUndefined();
  await store.close();
  expect([troubles, inner.closed]).toEqual([[], true]);
});

test.each(['hangs', 'fails'] as const)('a store that %s: failed within the deadline, then at once and without asking; tried again after a while', async state => {
  inner.state = state;
  const first = store.get('a');
  expect(await after(40, first)).toBe(state === 'hangs' ? 'no answer yet' : 'failed');
  expect(await after(20, first)).toBe('failed');
  for (let failed = 1; failed < 5; failed++) expect(await after(100, store.get('a'))).toBe('failed');
  const { reads } = inner;
  for (let n = 0; n < 20; n++) expect(await store.get('a')).toBe('failed');
  expect(inner.reads).toBe(reads);

  inner.state = 'works';
  await pass(2_500);
  expect(await store.get('a')).toBeUndefined();
  expect(troubles).toEqual([
    ['reads-lost', `${state === 'hangs' ? 'no answer within 50 ms' : 'the connection is gone'}; left alone for 2000 ms`],
    ['reads-back', 'it answers again'],
  ]);
});

test('once it is back it is as before: it takes answers, and is told when it is lost again', async () => {
  inner.state = 'fails';
  await lose();
  inner.state = 'works';
  await pass(2_000);
  await store.get('a');
  await keep('a');
  expect(await store.get('a')).toEqual(VALUE);
  inner.state = 'fails';
  for (let failed = 0; failed < 5; failed++) await store.get('a');
  expect(kinds()).toEqual(['reads-lost', 'reads-back', 'reads-lost']);
});

test('a failure now and then is a miss, and no trouble', async () => {
  for (let n = 0; n < 10; n++) {
    inner.state = n % 3 === 0 ? 'works' : 'fails';
    expect(await store.get('a')).toBe(n % 3 === 0 ? undefined : 'failed');
  }
  expect(troubles).toEqual([]);
});

test('however often it is tried in vain, it is told once; while one read tries, the others do not wait', async () => {
  inner.state = 'hangs';
  await lose();
  for (let tries = 0; tries < 3; tries++) {
    jest.setSystemTime(Date.now() + 2_000);
    const { reads } = inner;
    const trying = store.get('a');
    expect(await store.get('b')).toBe('failed');
    expect(await after(100, trying)).toBe('failed');
    expect(inner.reads).toBe(reads + 1);
  }
  expect(kinds()).toEqual(['reads-lost']);
});

test('a store that is full still gives; what it does not take is not offered for a while', async () => {
  await keep('a');
  inner.state = 'full';
  for (let n = 0; n < 5; n++) await keep(`full-${n}`);
  expect(troubles).toEqual([['writes-lost', 'OOM command not allowed when used memory > \'maxmemory\'.; left alone for 2000 ms']]);
  const { writes } = inner;
  for (let n = 0; n < 5; n++) await keep('not offered');
  expect([inner.writes, await store.get('a')]).toEqual([writes, VALUE]);

  inner.state = 'works';
  await pass(2_000);
  await keep('b');
  expect([await store.get('b'), kinds()]).toEqual([VALUE, ['writes-lost', 'writes-back']]);
});

test('a store that does not answer reads is offered nothing', async () => {
  inner.state = 'fails';
  await lose();
  await keep('a');
  expect(inner.writes).toBe(0);
});

test('no more than 64 answers wait for a store that does not take them, however long', async () => {
  inner.state = 'hangs';
  for (let n = 0; n < 100; n++) store.set(`at once ${n}`, VALUE, HOUR);
  expect(inner.writes).toBe(64);
  await pass(10_000);
  store.set('later', VALUE, HOUR);
  expect(inner.writes).toBe(64);

  inner.dropHanging();
  inner.state = 'works';
  await pass(2_000);
  await keep('given up');
  expect(await store.get('given up')).toEqual(VALUE);
});

test('a write that hangs is no unhandled rejection when it fails in the end', async () => {
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  try {
    inner.state = 'hangs';
    store.set('a', VALUE, HOUR);
    const read = store.get('a');
    await pass(2_000);
    inner.dropHanging();
    expect(await read).toBe('failed');
    await pass(100);
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});
