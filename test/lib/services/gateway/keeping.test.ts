/** Which answers go into the cache when they are given, and when the others are given up. */
import { MAX_KEPT_BYTES } from '../../../../lib/gateway/cache/cacheable';
import { CacheEntry } from '../../../../lib/gateway/cache/entry';
import { Keeping } from '../../../../lib/services/gateway/keeping';

type Change = Partial<{ intended: boolean; trimmed: boolean; ttlSeconds: number | undefined; failedChecks: string[] | null; kind: 'chat' | 'embedding' }>;

const body = { model: 'any', temperature: 0, messages: [{ role: 'user', content: 'Which ICD-10 code is essential hypertension?' }] };
const completion = { id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'I10' }, finish_reason: 'stop' }] };
const document = { contentType: 'application/json' as const, bytes: Buffer.from(JSON.stringify(completion)) };
const chunk = (delta: object, finishReason: string | null = null): Buffer => Buffer.from(`data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`);
const [WORD, END] = [chunk({ content: 'I10' }), chunk({}, 'stop')];

/** What became of the lead, in order. */
class Case {
  public readonly told: ('released' | readonly [CacheEntry, number])[] = [];
  public readonly keeping: Keeping;

  public constructor(private readonly change: Change = {}) {
    const lead = { keep: (entry: CacheEntry, ttlMs: number) => { this.told.push([entry, ttlMs]); }, release: () => { this.told.push('released'); } };
    const { intended = true, trimmed = false } = change;
    this.keeping = new Keeping({ lead, intended, answer: { tier: { id: 'cheap' } } }, trimmed, body, 'ttlSeconds' in change ? change.ttlSeconds : 60);
  }

  public get record(): Parameters<Keeping['whole']>[2] {
    return { kind: this.change.kind ?? 'chat', costUsd: '0.0000031', route: { failedChecks: this.change.failedChecks ?? null } };
  }

  public whole(answer: object = completion): typeof this.told {
    this.keeping.whole({ ...answer }, document, this.record);
    return this.told;
  }

  public stream(events: readonly Buffer[], complete = true): typeof this.told {
    for (const event of events) this.keeping.event(event);
    this.keeping.stream(complete, this.record);
    return this.told;
  }
}

beforeEach(() => { jest.useFakeTimers({ now: Date.UTC(2026, 8, 30, 12) }); });
afterEach(() => jest.useRealTimers());

test('a whole answer is kept with its tier, its cost and its time', () => {
  expect(new Case().whole()).toEqual([[{ ...document, tier: 'cheap', costUsd: '0.0000031', at: Date.UTC(2026, 8, 30, 12) }, 60_000]]);
});

test('a stream is kept as it was passed on', () => {
  const [kept] = new Case().stream([WORD, END]);
  expect(kept).toEqual([expect.objectContaining({ contentType: 'text/event-stream', bytes: Buffer.concat([WORD, END]) }), 60_000]);
});

test('vectors, which have no choices', () => {
  expect(new Case({ kind: 'embedding' }).whole({ data: [] })).toHaveLength(1);
  expect(new Case({ kind: 'embedding' }).whole({ data: [] })).not.toContain('released');
});

test.each<[string, Change]>([['a tier that stands in for another', { intended: false }], ['a prompt that was trimmed', { trimmed: true }]])('%s: nobody waits for the answer, though it is good', (_, change) => {
  const begun = new Case(change);
  expect(begun.told).toEqual(['released']);
  expect(begun.stream([WORD, END])).toEqual(['released']);
  expect(new Case(change).whole()).toEqual(['released']);
});

test.each<[string, Change]>([['that failed a check', { failedChecks: ['regex'] }], ['of a route without a time to keep', { ttlSeconds: undefined }]])('an answer %s is given up', (_, change) => {
  expect(new Case(change).whole()).toEqual(['released']);
});

test('an answer that was cut at its limit is given up', () => {
  expect(new Case().whole({ choices: [{ ...completion.choices[0], finish_reason: 'length' }] })).toEqual(['released']);
  expect(new Case().stream([WORD, chunk({}, 'length')])).toEqual(['released']);
});

test('a stream that broke off is given up, though all its choices had ended', () => {
  expect(new Case().stream([WORD, END], false)).toEqual(['released']);
});

test.each<[string, Buffer]>([
  ['too large', chunk({ content: 'x'.repeat(MAX_KEPT_BYTES) })], ['a tool call', chunk({ tool_calls: [{ index: 0, function: { name: 'book', arguments: '{}' } }] })],
])('%s: a stream is given up before its end', (_, event) => {
  const begun = new Case();
  begun.keeping.event(WORD);
  expect(begun.told).toEqual([]);
  begun.keeping.event(event);
  expect(begun.told).toEqual(['released']);
  expect(begun.stream([WORD, END])).toEqual(['released']);
});
