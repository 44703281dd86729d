/** What vLLM says of itself in Prometheus text: a page is read whole or refused, so that no ratio mixes what was read with what was not. */

/** One page of metrics, summed over engines and models. */
export interface VllmReading {
  readonly running: number;
  readonly waiting: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** 0 to 1, the mean over engines; null where the page does not tell it, or tells nonsense. */
  readonly kvCacheShare: number | null;
  /** When the process began; null where the page does not tell it, as with several API processes. A later one than before means a restart. */
  readonly processStart: number | null;
}

export type VllmPage = { readonly readable: true; readonly reading: VllmReading } | { readonly readable: false; readonly reason: string };

const RUNNING = ['vllm:num_requests_running'];
const WAITING = ['vllm:num_requests_waiting'];
/** Prometheus clients write the counter with or without the suffix, by version. */
const PROMPT_TOKENS = ['vllm:prompt_tokens_total', 'vllm:prompt_tokens'];
const OUTPUT_TOKENS = ['vllm:generation_tokens_total', 'vllm:generation_tokens'];
/** Some versions write both; the newer name first. */
const KV_CACHE = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'];
const PROCESS_START = ['process_start_time_seconds'];
const NEEDED = new Set([RUNNING, WAITING, PROMPT_TOKENS, OUTPUT_TOKENS, KV_CACHE, PROCESS_START].flat());

/** No replica has a million calls open: each is a connection, and a load balancer's target has 65,535 ports. */
const MOST_CALLS = 1e6;

class Unreadable extends Error {}

export function readVllmMetrics(text: string): VllmPage {
  try {
    return { readable: true, reading: reading(seriesOf(text)) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { readable: false, reason: error.message };
  }
}

/** By name, then by labels as written. */
type Series = ReadonlyMap<string, ReadonlyMap<string, number>>;

function reading(series: Series): VllmReading {
  return {
    running: total(series, RUNNING, MOST_CALLS),
    waiting: total(series, WAITING, MOST_CALLS),
    promptTokens: total(series, PROMPT_TOKENS, Number.MAX_SAFE_INTEGER),
    outputTokens: total(series, OUTPUT_TOKENS, Number.MAX_SAFE_INTEGER),
    kvCacheShare: mean(valuesOf(series, KV_CACHE), share => share >= 0 && share <= 1),
    processStart: mean(valuesOf(series, PROCESS_START), start => start > 0 && start < Infinity),
  };
}

const valuesOf = (series: Series, names: readonly string[]): number[] =>
  [...names.map(name => series.get(name)).find(found => found !== undefined)?.values() ?? []];

function total(series: Series, names: readonly string[], most: number): number {
  const values = valuesOf(series, names);
  if (values.length === 0) throw new Unreadable(`no ${names[0]!}`);
  const sum = values.reduce((a, b) => a + b, 0);
  if (!values.every(value => value >= 0) || sum > most) throw new Unreadable(`${names[0]!} is ${values.join(' + ')}`);
  return sum;
}

function mean(values: readonly number[], plausible: (value: number) => boolean): number | null {
  return values.length > 0 && values.every(plausible) ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

const NAME = /^[a-zA-Z_:][\w:]*/;
/** Labels, whose quoted values may hold braces, spaces and escaped quotes; the value; perhaps a time stamp. */
const REST = /^(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;

function seriesOf(text: string): Series {
  // The format ends every line with a line feed: without the last one, a number may have lost its end.
  if (!text.endsWith('\n')) throw new Unreadable(text === '' ? 'an empty page' : 'the page ends within a line');
  const series = new Map<string, Map<string, number>>();
  for (const line of text.split(/\r?\n/)) {
    const name = NAME.exec(line)?.[0];
    if (name === undefined || !NEEDED.has(name)) continue;
    const [, labels = '', value] = REST.exec(line.slice(name.length)) ?? [];
    if (value === undefined) throw new Unreadable(`a line of ${name} that is not in Prometheus text`);
    const sameName = series.get(name) ?? new Map<string, number>();
    if (sameName.has(labels)) throw new Unreadable(`${name} twice with the same labels`);
    series.set(name, sameName.set(labels, numberOf(value)));
  }
  return series;
}

/** NaN for what is no number: every use refuses it. */
const numberOf = (value: string): number => /^[+-]?Inf$/i.test(value) ? (value.startsWith('-') ? -Infinity : Infinity) : Number(value);
