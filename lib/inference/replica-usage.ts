/** What one replica did between two records, from readings that may fail, restart or lie: nothing is counted twice, guessed or negative. */
import { GpuMetric } from '../contracts/metrics';
import { VllmPage, VllmReading } from './vllm-metrics';

interface Amounts {
  readonly inFlightSeconds: number;
  readonly waitingSeconds: number;
  readonly replicaSeconds: number;
  readonly idleSeconds: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** The span over which tokens were counted, gaps of failed scrapes included; of none, the tokens are unknown. */
  readonly countedSeconds: number;
  readonly kvCacheShares: readonly number[];
  readonly failures: number;
  readonly lastFailure: string | null;
}

const NOTHING: Amounts = {
  inFlightSeconds: 0, waitingSeconds: 0, replicaSeconds: 0, idleSeconds: 0, promptTokens: 0, outputTokens: 0, countedSeconds: 0,
  kvCacheShares: [], failures: 0, lastFailure: null,
};

export interface ReplicaUsage {
  /** The last good reading; null before the first, and after one that cannot be true. */
  readonly last: { readonly at: number; readonly reading: VllmReading } | null;
  /** Whether the last scrape was the good reading. */
  readonly answering: boolean;
  readonly since: Amounts;
}

export const NOTHING_SEEN: ReplicaUsage = { last: null, answering: false, since: NOTHING };

/**
 * `at` in seconds of a clock that never goes back. Time counts between two scrapes that both answered, without a
 * restart between; calls in flight are integrated by the trapezoid rule. Tokens count over gaps too, as their
 * counters go on. The first reading is only where counting begins: what came before may already have been recorded.
 */
export function afterScrape(usage: ReplicaUsage, scrape: VllmPage, at: number): ReplicaUsage {
  if (!scrape.readable) return failed(usage, scrape.reason, usage.last);
  const { reading } = scrape;
  const { last, since } = usage;
  const seen: Amounts = reading.kvCacheShare === null ? since : { ...since, kvCacheShares: [...since.kvCacheShares, reading.kvCacheShare] };
  if (last === null) return { last: { at, reading }, answering: true, since: seen };

  const seconds = at - last.at;
  const tokens = tokensBetween(last.reading, reading, seconds);
  // Where the counters went, nobody knows: the next reading begins anew.
  if (tokens === null) return failed(usage, 'token counters that cannot be true', null);
  const counted: Amounts = {
    ...seen,
    promptTokens: seen.promptTokens + tokens.prompt, outputTokens: seen.outputTokens + tokens.output, countedSeconds: seen.countedSeconds + seconds,
  };
  const whole = usage.answering && !tokens.restarted;
  return { last: { at, reading }, answering: true, since: whole ? withTime(counted, last.reading, reading, seconds, tokens) : counted };
}

const failed = (usage: ReplicaUsage, reason: string, last: ReplicaUsage['last']): ReplicaUsage =>
  ({ last, answering: false, since: { ...usage.since, failures: usage.since.failures + 1, lastFailure: reason } });

interface Tokens {
  readonly prompt: number;
  readonly output: number;
  readonly restarted: boolean;
}

/** No replica reads or writes so many tokens a second, cached prompts included: a hundred prompts of 100,000 tokens. */
const MOST_TOKENS_PER_SECOND = 1e7;

/** null: the counters moved as no vLLM can move them. */
function tokensBetween(before: VllmReading, now: VllmReading, seconds: number): Tokens | null {
  const startsKnown = before.processStart !== null && now.processStart !== null;
  if (startsKnown && now.processStart! < before.processStart!) return null;
  const fell = now.promptTokens < before.promptTokens || now.outputTokens < before.outputTokens;
  if (startsKnown && fell && before.processStart === now.processStart) return null;
  // Without start times a counter that fell is the only sign of a restart, and it speaks for itself alone.
  const since = (earlier: number, later: number): number =>
    (startsKnown ? before.processStart !== now.processStart : later < earlier) ? later : later - earlier;
  const prompt = since(before.promptTokens, now.promptTokens);
  const output = since(before.outputTokens, now.outputTokens);
  // A long prompt is counted at the instant it is read, hence a second at least.
  const most = MOST_TOKENS_PER_SECOND * Math.max(1, seconds);
  return prompt > most || output > most ? null : { prompt, output, restarted: startsKnown ? before.processStart !== now.processStart : fell };
}

function withTime(amounts: Amounts, before: VllmReading, now: VllmReading, seconds: number, tokens: Tokens): Amounts {
  const inFlight = (before.running + before.waiting + now.running + now.waiting) / 2;
  const idle = inFlight === 0 && tokens.prompt === 0 && tokens.output === 0;
  return {
    ...amounts,
    inFlightSeconds: amounts.inFlightSeconds + inFlight * seconds,
    waitingSeconds: amounts.waitingSeconds + (before.waiting + now.waiting) / 2 * seconds,
    replicaSeconds: amounts.replicaSeconds + seconds,
    idleSeconds: amounts.idleSeconds + (idle ? seconds : 0),
  };
}

/** The metrics of `gpu-metrics`; undefined is unknown, and not recorded as a 0 that would read as "no load". */
export type UsageRecord = Partial<Record<GpuMetric, number>>;

export function usageRecord({ since }: ReplicaUsage, ratedTokensPerSecond: number): UsageRecord {
  const timeKnown = since.replicaSeconds > 0;
  const tokensKnown = since.countedSeconds > 0;
  const shares = since.kvCacheShares;
  return {
    InFlightSeconds: timeKnown ? since.inFlightSeconds : undefined,
    WaitingSeconds: timeKnown ? since.waitingSeconds : undefined,
    ReplicaSeconds: since.replicaSeconds,
    IdleReplicaSeconds: timeKnown ? since.idleSeconds : undefined,
    PromptTokens: tokensKnown ? since.promptTokens : undefined,
    OutputTokens: tokensKnown ? since.outputTokens : undefined,
    // Over the same span as the tokens: else each failed scrape would read as utilisation above what there is.
    RatedTokens: since.countedSeconds * ratedTokensPerSecond,
    KvCacheUsage: shares.length > 0 ? 100 * shares.reduce((a, b) => a + b, 0) / shares.length : undefined,
    ScrapeFailures: since.failures,
  };
}

/** What goes on after a record. */
export const afterRecord = (usage: ReplicaUsage): ReplicaUsage => ({ ...usage, since: NOTHING });
