/** What `vllm bench serve` measured, printed or saved: a measured point replaces the formula, so nothing doubtful may pass as one. */
import { MeasuredPoint } from '../contracts/gpu-group';
import { InputError } from '../errors';

interface Field {
  readonly printed: string;
  readonly saved: string;
}

const CONCURRENCY: Field = { printed: 'Maximum request concurrency', saved: 'max_concurrency' };
const COMPLETED: Field = { printed: 'Successful requests', saved: 'completed' };
const FAILED: Field = { printed: 'Failed requests', saved: 'failed' };
const INPUT: Field = { printed: 'Total input tokens', saved: 'total_input_tokens' };
const OUTPUT: Field = { printed: 'Total generated tokens', saved: 'total_output_tokens' };
const RATE: Field = { printed: 'Output token throughput (tok/s)', saved: 'output_throughput' };
/** Printed only when it was limited; saved as "inf" when it was not. */
const REQUEST_RATE: Field = { printed: 'Request rate configured (RPS)', saved: 'request_rate' };

const MOST_FAILED_PERCENT = 5;

/** The value of a field as it was found; undefined where the result has none. */
type Lookup = (field: Field) => unknown;

/** The printed block or the JSON of `--save-result`; `where` names the place in errors. */
export function parseVllmBench(text: string, where: string): MeasuredPoint {
  const { lookup, nameOf } = reader(text, where);
  const refuse = (problem: string): never => {
    throw new InputError(`${where} is not a usable result of vllm bench serve: ${problem}.`);
  };
  const positive = (field: Field): number => {
    const found = lookup(field);
    const value = numberIn(found);
    if (value !== undefined && value > 0) return value;
    return refuse(`${nameOf(field)} is ${found === undefined ? 'missing' : JSON.stringify(found)}, and a number above 0 is needed`);
  };
  const completed = positive(COMPLETED);
  const told = lookup(FAILED);
  const failed = told === undefined ? 0 : numberIn(told) ?? refuse(`${nameOf(FAILED)} is ${JSON.stringify(told)}, and a number is needed`); // Older versions do not count them.
  if (failed / (completed + failed) * 100 > MOST_FAILED_PERCENT) {
    refuse(`${failed} of ${completed + failed} requests failed, and at most ${MOST_FAILED_PERCENT} % may; what was measured is not the load that was meant`);
  }
  if (isUnlimited(lookup(CONCURRENCY))) {
    refuse(`it has no ${nameOf(CONCURRENCY)}, so nobody can tell how many calls were in flight; run it again with --max-concurrency N, such as the group's target`);
  }
  const concurrency = positive(CONCURRENCY);
  const rate = lookup(REQUEST_RATE);
  if (!isUnlimited(rate)) {
    refuse(`${nameOf(REQUEST_RATE)} is ${JSON.stringify(rate)}, so fewer calls than ${concurrency} may have been in flight; run it again without --request-rate`);
  }
  if (completed < concurrency) {
    refuse(`${completed} requests never make ${concurrency} calls in flight; run it again with --num-prompts of several times the concurrency`);
  }
  return {
    concurrency,
    outputTokensPerSecond: positive(RATE),
    inputTokensPerCall: positive(INPUT) / completed,
    outputTokensPerCall: positive(OUTPUT) / completed,
  };
}

function reader(text: string, where: string): { readonly lookup: Lookup; readonly nameOf: (field: Field) => string } {
  if (!text.trim().startsWith('{')) return { lookup: field => printedValue(text, field.printed), nameOf: field => `"${field.printed}"` };
  let saved: Record<string, unknown>;
  try {
    saved = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(`${where} begins like the JSON of vllm bench serve --save-result and cannot be read: ${(error as Error).message}. Give the whole file, or the block it prints.`);
  }
  return { lookup: field => saved[field.saved], nameOf: field => field.saved };
}

/** The last one counts: some versions print the concurrency before the block too. */
function printedValue(text: string, label: string): string | undefined {
  const lines = text.split('\n').map(line => line.trim()).filter(line => line.startsWith(`${label}:`));
  return lines.at(-1)?.slice(label.length + 1).trim();
}

function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Not set: missing, null, or written as None or inf. */
const isUnlimited = (value: unknown): boolean => value === undefined || value === null || value === 'None' || value === 'inf';
