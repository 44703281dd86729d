/** What `vllm bench serve` measured, printed or saved: a measured point replaces the formula, so nothing doubtful may pass as one. */
import { MeasuredPoint } from '../contracts/gpu-group';
import { InputError } from '../errors';
import { Field, benchReader } from './vllm-bench-text';

const CONCURRENCY: Field = { printed: 'Maximum request concurrency', saved: 'max_concurrency' };
const COMPLETED: Field = { printed: 'Successful requests', saved: 'completed' };
const FAILED: Field = { printed: 'Failed requests', saved: 'failed' };
const INPUT: Field = { printed: 'Total input tokens', saved: 'total_input_tokens' };
const OUTPUT: Field = { printed: 'Total generated tokens', saved: 'total_output_tokens' };
const OUTPUT_RATE: Field = { printed: 'Output token throughput (tok/s)', saved: 'output_throughput' };
const TOTAL_RATE: Field = { printed: 'Total token throughput (tok/s)', saved: 'total_token_throughput' };
/** Printed only when it was limited; saved as "inf" when it was not. */
const REQUEST_RATE: Field = { printed: 'Request rate configured (RPS)', saved: 'request_rate' };
/** Printed before the block, by older versions only there. */
const TRAFFIC_RATE: Field = { printed: 'Traffic request rate', saved: 'request_rate' };
const RAMP_UP: Field = { printed: 'Traffic ramp-up strategy', saved: 'ramp_up_strategy' };

const MOST_FAILED_PERCENT = 5;
/** With fewer rounds than these, the start and the end, when fewer calls are in flight, are most of the run. */
const FEWEST_ROUNDS = 3;

/** The printed block or the JSON of `--save-result`; `where` names the place in errors. */
export function parseVllmBench(text: string, where: string): MeasuredPoint {
  const { lookup, nameOf } = benchReader(text, where);
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
  const failed = failures(lookup(FAILED));
  if (failed === undefined) return refuse(`${nameOf(FAILED)} is ${JSON.stringify(lookup(FAILED))}, and a number from 0 is needed`);
  if (failed / (completed + failed) * 100 > MOST_FAILED_PERCENT) {
    refuse(`${failed} of ${completed + failed} requests failed, and at most ${MOST_FAILED_PERCENT} % may; what was measured is not the load that was meant`);
  }
  if (isUnset(lookup(CONCURRENCY))) {
    refuse(`it has no ${nameOf(CONCURRENCY)}, so nobody can tell how many calls were in flight; run it again with --max-concurrency N, such as the group's target`);
  }
  const concurrency = positive(CONCURRENCY);
  for (const [field, option] of [[REQUEST_RATE, '--request-rate'], [TRAFFIC_RATE, '--request-rate'], [RAMP_UP, '--ramp-up-strategy']] as const) {
    const limit = lookup(field);
    if (!isUnset(limit)) refuse(`${nameOf(field)} is ${JSON.stringify(limit)}, so fewer calls than ${concurrency} may have been in flight; run it again without ${option}`);
  }
  if (completed < FEWEST_ROUNDS * concurrency) {
    refuse(`${completed} requests are fewer than ${FEWEST_ROUNDS} rounds of ${concurrency} calls in flight; run it again with --num-prompts of several times the concurrency`);
  }
  // Of an embedding model neither of them is told: it generates nothing.
  const generates = lookup(OUTPUT) !== undefined || lookup(OUTPUT_RATE) !== undefined;
  return {
    concurrency,
    tokensPerSecond: positive(generates ? OUTPUT_RATE : TOTAL_RATE),
    inputTokensPerCall: positive(INPUT) / completed,
    outputTokensPerCall: generates ? positive(OUTPUT) / completed : 0,
  };
}

/** Older versions do not count them. */
function failures(told: unknown): number | undefined {
  const count = told === undefined ? 0 : numberIn(told);
  return count !== undefined && count >= 0 ? count : undefined;
}

/** Some terminals and sheets group the digits of what was pasted. */
const GROUPED = /^\d{1,3}(,\d{3})+(\.\d+)?$/;

function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(GROUPED.test(value) ? value.replaceAll(',', '') : value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Missing, null, or written as None, inf or Infinity. */
const isUnset = (value: unknown): boolean => value === undefined || value === null || value === 'None' || value === 'inf' || value === 'Infinity';
