/** What is recorded of a replica: exact sums whatever the pace, and no amount from restarts, gaps or lies that was not seen. */
import fc from 'fast-check';
import { NOTHING_SEEN, ReplicaUsage, UsageRecord, afterRecord, afterScrape, usageRecord } from '../../../lib/inference/replica-usage';
import { VllmPage, VllmReading } from '../../../lib/inference/vllm-metrics';

const RATED = 1000;
const IDLE: VllmReading = { running: 0, waiting: 0, promptTokens: 0, outputTokens: 0, kvCacheShare: 0.5, processStart: 1 };
const good = (reading: Partial<VllmReading>): VllmPage => ({ readable: true, reading: { ...IDLE, ...reading } });
const BAD: VllmPage = { readable: false, reason: 'ECONNREFUSED' };

/** Scrapes at their seconds; one record at the end. */
const recordOf = (...scrapes: readonly (readonly [at: number, scrape: VllmPage])[]): UsageRecord =>
  usageRecord(scrapes.reduce((usage, [at, scrape]) => afterScrape(usage, scrape, at), NOTHING_SEEN), RATED);

test('a hand-computed record', () => {
  const record = recordOf(
    [10, good({ running: 2, waiting: 0, promptTokens: 500, outputTokens: 100, kvCacheShare: 0.2 })],
    [15, good({ running: 4, waiting: 2, promptTokens: 900, outputTokens: 300, kvCacheShare: 0.4 })],
    [20, good({ promptTokens: 900, outputTokens: 350, kvCacheShare: null })],
    [25, good({ promptTokens: 900, outputTokens: 350, kvCacheShare: 0 })],
  );
  expect(record).toEqual({
    InFlightSeconds: (2 + 6) / 2 * 5 + (6 + 0) / 2 * 5,
    WaitingSeconds: (0 + 2) / 2 * 5 + (2 + 0) / 2 * 5,
    ReplicaSeconds: 15,
    IdleReplicaSeconds: 5,
    PromptTokens: 400,
    OutputTokens: 250,
    RatedTokens: 15_000,
    KvCacheUsage: expect.closeTo(20),
    ScrapeFailures: 0,
  });
});

test('without calls in flight, but with tokens since the last scrape, a replica is not idle', () => {
  expect(recordOf([0, good({})], [5, good({ outputTokens: 1 })])).toMatchObject({ ReplicaSeconds: 5, IdleReplicaSeconds: 0, InFlightSeconds: 0 });
  expect(recordOf([0, good({})], [5, good({ promptTokens: 1 })])).toMatchObject({ ReplicaSeconds: 5, IdleReplicaSeconds: 0 });
});

test('before the first answer, load and tokens are unknown, not 0', () => {
  const silent = recordOf([0, BAD], [5, BAD]);
  expect(silent).toEqual({ ReplicaSeconds: 0, RatedTokens: 0, ScrapeFailures: 2 });
  expect(recordOf([0, good({ promptTokens: 7e6 })]).PromptTokens).toBeUndefined();
});

test('a gap: its seconds do not count as time, its tokens do, and the rating covers it', () => {
  const record = recordOf([0, good({ running: 1 })], [5, BAD], [10, good({ running: 1, outputTokens: 70 })], [15, good({ running: 1, outputTokens: 90 })]);
  expect(record).toMatchObject({ ReplicaSeconds: 5, InFlightSeconds: 5, RatedTokens: 15_000, OutputTokens: 90, ScrapeFailures: 1 });
});

test.each<[string, number | null, number | null]>([['told by the process start', 1, 2], ['guessed from the counters', null, null]])('a restart %s: counted from 0, its seconds left out', (_, before, after) => {
  const record = recordOf(
    [0, good({ promptTokens: 900, outputTokens: 800, processStart: before })],
    [5, good({ promptTokens: 30, outputTokens: 20, processStart: after })],
    [10, good({ promptTokens: 40, outputTokens: 20, processStart: after })],
  );
  expect(record).toMatchObject({ PromptTokens: 40, OutputTokens: 20, ReplicaSeconds: 5, ScrapeFailures: 0 });
});

test.each([
  ['is earlier', { outputTokens: 30, processStart: 0.5 }], ['is earlier, whatever the counters', { outputTokens: 800, promptTokens: 900, processStart: 0.5 }],
])('a process start that %s than before is a lie, no restart: nothing is counted, and counting begins anew', (_, lie) => {
  const record = recordOf(
    [0, good({ outputTokens: 100 })], [5, good(lie)], [10, good({ outputTokens: 110 })], [15, good({ outputTokens: 115 })],
  );
  expect(record).toMatchObject({ OutputTokens: 5, PromptTokens: 0, RatedTokens: 5000, ScrapeFailures: 1 });
});

test('when every third scrape fails, a replica at its rating has 100 % of it, whatever the clock of the records', () => {
  const scrapes = Array.from({ length: 30 }, (_, i): readonly [number, VllmPage] => [5 * i, i % 3 === 1 ? BAD : good({ outputTokens: 5 * i * RATED, running: 1 })]);
  const { OutputTokens, RatedTokens, ReplicaSeconds } = recordOf(...scrapes);
  expect(OutputTokens! / RatedTokens!).toBe(1);
  expect(ReplicaSeconds).toBe(5 * 9);
});

test('a restart that the counters alone would hide', () => {
  expect(recordOf([0, good({ outputTokens: 10 })], [60, good({ outputTokens: 500, processStart: 2 })])).toMatchObject({ OutputTokens: 500, ReplicaSeconds: 0 });
});

test.each<[string, Partial<VllmReading>]>([
  ['falls without a restart', { outputTokens: 3 }], ['leaps', { outputTokens: 1e12 }], ['leaps after a restart', { promptTokens: 1e12, processStart: 2 }],
])('a counter that %s is a failure, and counting begins anew', (_, lie) => {
  const record = recordOf(
    [0, good({ outputTokens: 100 })], [5, good(lie)], [10, good({ outputTokens: 110 })], [15, good({ outputTokens: 115 })],
  );
  expect(record).toMatchObject({ OutputTokens: 5, PromptTokens: 0, ScrapeFailures: 1, ReplicaSeconds: 5 });
});

test('long prompts that are counted at once, between two looks in quick succession, are no leap', () => {
  expect(recordOf([0, good({})], [0.01, good({ promptTokens: 131_072 * 4 })])).toMatchObject({ PromptTokens: 524_288, ScrapeFailures: 0 });
});

/** What may happen to a replica between two looks. */
type Step =
  | { readonly kind: 'scrape' | 'miss'; readonly seconds: number; readonly prompt: number; readonly output: number; readonly running: number; readonly waiting: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'record' };

const few = fc.nat({ max: 5000 });
const look = fc.record({
  kind: fc.constantFrom('scrape' as const, 'scrape' as const, 'miss' as const), seconds: fc.integer({ min: 1, max: 60 }),
  prompt: few, output: few, running: fc.nat({ max: 3 }), waiting: fc.nat({ max: 2 }),
});
const history = (...kinds: ('restart' | 'record')[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof({ weight: 4, arbitrary: look }, { weight: 1, arbitrary: fc.constantFrom(...kinds.map(kind => ({ kind }))) }), { maxLength: 60 });

/** Plays a history; beside the records, what an onlooker who sees every good scrape of every process knows. */
function play(steps: readonly Step[], startsTold: boolean): { records: UsageRecord[]; seenPrompt: number; produced: number } {
  let usage: ReplicaUsage = NOTHING_SEEN;
  let [at, start, prompt, output, produced] = [0, 1, 0, 0, 0];
  let first: number | undefined;
  const lastSeen = new Map<number, number>();
  const records: UsageRecord[] = [];
  const record = (): void => {
    records.push(usageRecord(usage, RATED));
    usage = afterRecord(usage);
  };
  for (const step of steps) {
    if (step.kind === 'record') record();
    else if (step.kind === 'restart') [start, prompt, output] = [start + 1, 0, 0];
    else {
      at += step.seconds;
      [prompt, output, produced] = [prompt + step.prompt, output + step.output, produced + step.prompt];
      const { running, waiting } = step;
      usage = afterScrape(usage, step.kind === 'miss' ? BAD : good({
        running, waiting, promptTokens: prompt, outputTokens: output, processStart: startsTold ? start : null,
      }), at);
      if (step.kind === 'scrape') {
        first ??= prompt;
        lastSeen.set(start, prompt);
      }
    }
  }
  record();
  return { records, seenPrompt: [...lastSeen.values()].reduce((a, b) => a + b, 0) - (first ?? 0), produced };
}

const summed = (records: readonly UsageRecord[], name: keyof UsageRecord): number => records.reduce((total, record) => total + (record[name] ?? 0), 0);
const SUMS = ['InFlightSeconds', 'WaitingSeconds', 'ReplicaSeconds', 'IdleReplicaSeconds', 'PromptTokens', 'OutputTokens', 'RatedTokens', 'ScrapeFailures'] as const;

test('records add up to the same totals, however scrapes and records interleave', () => {
  fc.assert(fc.property(history('restart', 'record'), fc.boolean(), (steps, told) => {
    const often = play(steps, told).records;
    const once = play(steps.filter(step => step.kind !== 'record'), told).records;
    expect(once).toHaveLength(1);
    for (const name of SUMS) expect(summed(often, name)).toBeCloseTo(summed(once, name), 6);
  }));
});

test('a replica that makes no more than its rating never has more than 100 % of it, whatever fails or restarts', () => {
  fc.assert(fc.property(history('restart', 'record'), fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (steps, told, share) => {
    const rated = steps.map(step => 'seconds' in step ? { ...step, output: Math.floor(step.seconds * RATED * share) } : step);
    const { records } = play(rated, told);
    expect(summed(records, 'OutputTokens')).toBeLessThanOrEqual(summed(records, 'RatedTokens'));
  }));
});

test('where process starts are told, exactly the tokens seen are counted: restarts lose only what nobody saw', () => {
  fc.assert(fc.property(history('restart', 'record'), steps => {
    const { records, seenPrompt } = play(steps, true);
    expect(summed(records, 'PromptTokens')).toBe(seenPrompt);
    expect(summed(records, 'ScrapeFailures')).toBe(steps.filter(step => step.kind === 'miss').length);
  }));
});

test('where they are not told, without a restart it is as exact, and with restarts never more than was seen', () => {
  fc.assert(fc.property(history('record'), steps => {
    const { records, seenPrompt } = play(steps, false);
    expect(summed(records, 'PromptTokens')).toBe(seenPrompt);
  }));
  fc.assert(fc.property(history('restart', 'record'), steps => {
    const { records, seenPrompt, produced } = play(steps, false);
    expect(summed(records, 'PromptTokens')).toBeLessThanOrEqual(seenPrompt);
    expect(seenPrompt).toBeLessThanOrEqual(produced);
  }));
});

test('whatever a server claims, amounts are finite, not negative and consistent', () => {
  const claim = fc.record({
    running: fc.nat({ max: 1e6 }), waiting: fc.nat({ max: 1e6 }), promptTokens: fc.maxSafeNat(), outputTokens: fc.oneof(few, fc.maxSafeNat()),
    kvCacheShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })), processStart: fc.option(fc.integer({ min: 1, max: 3 })),
  });
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.option(claim)), { maxLength: 30 }), scrapes => {
    let at = 0;
    const record = recordOf(...scrapes.map(([seconds, reading]): [number, VllmPage] => [at += seconds, reading === null ? BAD : good(reading)]));
    for (const amount of Object.values(record)) expect(amount === undefined || (Number.isFinite(amount) && amount >= 0)).toBe(true);
    expect(record.ReplicaSeconds).toBeLessThanOrEqual(at);
    expect(record.IdleReplicaSeconds ?? 0).toBeLessThanOrEqual(record.ReplicaSeconds!);
    expect(record.WaitingSeconds ?? 0).toBeLessThanOrEqual(record.InFlightSeconds ?? 0);
    expect(record.OutputTokens ?? 0).toBeLessThanOrEqual(1e7 * at);
    expect(record.KvCacheUsage ?? 0).toBeLessThanOrEqual(100);
  }));
});
