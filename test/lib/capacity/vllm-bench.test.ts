/** A bench result, printed or saved, becomes a point; a doubtful one is refused with what to do about it. */
import { parseVllmBench } from '../../../lib/capacity/vllm-bench';
import { InputError } from '../../../lib/errors';

const BLOCK = `
Maximum request concurrency: 32
============ Serving Benchmark Result ============
Successful requests:                     320
Failed requests:                         0
Maximum request concurrency:             32
Benchmark duration (s):                  231.40
Total input tokens:                      1024000
Total generated tokens:                  224000
Request throughput (req/s):              1.38
Output token throughput (tok/s):         968.02
Peak output token throughput (tok/s):    1210.00
Total token throughput (tok/s):          5393.25
---------------Time to First Token----------------
Mean TTFT (ms):                          1210.52
==================================================
`;
const SAVED = { max_concurrency: 32, request_rate: 'inf', completed: 320, failed: 0, total_input_tokens: 1_024_000, total_output_tokens: 224_000, output_throughput: 968.02, mean_ttft_ms: 1210.52 };
const POINT = { concurrency: 32, tokensPerSecond: 968.02, inputTokensPerCall: 3200, outputTokensPerCall: 700 };

/** vllm bench serve --backend openai-embeddings. */
const EMBEDDED = `
============ Serving Benchmark Result ============
Successful requests:                     640
Failed requests:                         0
Maximum request concurrency:             64
Benchmark duration (s):                  32.00
Total input tokens:                      320000
Request throughput (req/s):              20.00
Total token throughput (tok/s):          10000.00
----------------End-to-end Latency----------------
Mean E2EL (ms):                          3150.00
==================================================
`;
const EMBEDDING = { concurrency: 64, tokensPerSecond: 10_000, inputTokensPerCall: 500, outputTokensPerCall: 0 };
const lines = (from: number, to?: number): string => BLOCK.split('\n').slice(from, to).join('\n');

const parse = (text: string) => parseVllmBench(text, 'Stack/Llama: benchmark 2');
const saved = (over: object) => () => parse(JSON.stringify({ ...SAVED, ...over }));
const printed = (from: string | RegExp, to: string) => () => parse(BLOCK.replaceAll(from, to));

test('the printed block and the saved JSON of one run are the same point', () => {
  expect(parse(BLOCK)).toEqual(POINT);
  expect(saved({})()).toEqual(POINT);
});

test('older versions print no failures and save no count of them', () => {
  expect(printed(/Failed requests.*\n/g, '')()).toEqual(POINT);
  expect(saved({ failed: undefined })()).toEqual(POINT);
});

test('windows line ends are read', () => expect(printed(/\n/g, '\r\n')()).toEqual(POINT));

test('the concurrency may stand before the block, in it, or in both', () => {
  expect(parse(lines(2))).toEqual(POINT);
  expect(parse(BLOCK.replace('Maximum request concurrency:             32\n', ''))).toEqual(POINT);
});

test('a mark of byte order is no part of it', () => {
  expect(parse(`\uFEFF${BLOCK}`)).toEqual(POINT);
  expect(parse(`\uFEFF${JSON.stringify(SAVED)}`)).toEqual(POINT);
});

test('Python numbers that JSON has no word for are read where they do not count, and left alone in strings', () => {
  const python = JSON.stringify({ ...SAVED, label: 'NaN "Infinity" NaN' })
    .replace('"mean_ttft_ms":1210.52', '"mean_ttft_ms":NaN,"std_ttft_ms":-Infinity').replace('"inf"', 'Infinity');
  expect(parse(python)).toEqual(POINT);
  expect(() => parse(python.replace('968.02', 'NaN'))).toThrow(/output_throughput is "NaN", and a number above 0/);
});

test('grouped digits are read', () => {
  expect(printed('1024000', '1,024,000')()).toEqual(POINT);
  expect(parse(BLOCK.replace(' 968.02', ' 1,968.02'))).toEqual({ ...POINT, tokensPerSecond: 1968.02 });
});

test('an embedding model generates nothing: its tokens are those it processed', () => {
  expect(parse(EMBEDDED)).toEqual(EMBEDDING);
  expect(parse(EMBEDDED.replace('Total token', 'Total Token'))).toEqual(EMBEDDING);
  expect(parse(JSON.stringify({ max_concurrency: 64, request_rate: 'inf', completed: 640, total_input_tokens: 320_000, total_token_throughput: 10_000 }))).toEqual(EMBEDDING);
});

test.each<[string, () => unknown, RegExp]>([
  ['no text', () => parse(''), /"Successful requests" is missing/],
  ['no concurrency', printed(/Maximum request concurrency.*\n/g, ''), /no "Maximum request concurrency".*--max-concurrency/],
  ['concurrency None', printed(/concurrency: .*\n/g, 'concurrency: None\n'), /--max-concurrency/],
  ['concurrency null', saved({ max_concurrency: null }), /no max_concurrency.*--max-concurrency/],
  ['concurrency 0', saved({ max_concurrency: 0 }), /max_concurrency is 0, and a number above 0/],
  ['no successes', printed('320', '0'), /"Successful requests" is "0"/],
  ['many failures', printed(/Failed requests: .*\n/g, 'Failed requests: 20\n'), /20 of 340 requests failed, and at most 5 %/],
  ['many failures, saved', saved({ failed: 20 }), /20 of 340/],
  ['failures that are no number', saved({ failed: 'some' }), /failed is "some"/],
  ['nothing generated', printed('224000', '0'), /"Total generated tokens" is "0"/],
  ['no input', saved({ total_input_tokens: undefined }), /total_input_tokens is missing/],
  ['a rate that is no number', printed('968.02', 'fast'), /"Output token throughput \(tok\/s\)" is "fast"/],
  ['a limited request rate', saved({ request_rate: 1.5 }), /request_rate is 1\.5.*without --request-rate/],
  ['a limited request rate, printed', printed('Benchmark duration', 'Request rate configured (RPS): 1.50\nBenchmark duration'), /Request rate configured \(RPS\)/],
  ['a limited traffic rate, printed', () => parse(`Traffic request rate: 10.0\n${BLOCK}`), /"Traffic request rate" is "10\.0".*without --request-rate/],
  ['a ramp-up', saved({ ramp_up_strategy: 'linear' }), /ramp_up_strategy is "linear".*without --ramp-up-strategy/],
  ['a ramp-up, printed', () => parse(`Traffic ramp-up strategy: linear.\n${BLOCK}`), /"Traffic ramp-up strategy" is "linear\.".*without --ramp-up-strategy/],
  ['fewer than three rounds', saved({ completed: 95 }), /95 requests are fewer than 3 rounds of 32 calls in flight.*--num-prompts/],
  ['failures below zero', saved({ failed: -5 }), /failed is -5, and a number from 0/],
  ['failures below zero, printed', printed(/Failed requests: .*\n/g, 'Failed requests: -5\n'), /"Failed requests" is "-5"/],
  ['a decimal comma', printed('968.02', '968,02'), /is "968,02"/],
  ['a rate without the count of what was generated', saved({ total_output_tokens: undefined }), /total_output_tokens is missing/],
  ['a count without the rate', printed(/^Output token throughput.*\n/gm, ''), /"Output token throughput \(tok\/s\)" is missing/],
  ['an embedding result without its rate', () => parse(EMBEDDED.replace(/Total token.*\n/, '')), /"Total token throughput \(tok\/s\)" is missing/],
  ['JSON cut off', () => parse(JSON.stringify(SAVED).slice(0, 40)), /cannot be read.*Give the whole file/],
  ['two runs', () => parse(BLOCK + BLOCK.replaceAll('32', '64')), /has 2 results of vllm bench serve; each result is one entry of `benchmarks`/],
  ['the same run twice', () => parse(BLOCK + BLOCK), /has 2 results.*one entry of `benchmarks`/],
  ['two runs without headings', () => parse(lines(3) + lines(3)), /has "Successful requests" 2 times \(320, 320\).*one entry of `benchmarks`/],
  ['a run that follows the concurrency of another', () => parse(BLOCK.replace('concurrency: 32', 'concurrency: 16')),
    /has "Maximum request concurrency" 2 times \(16, 32\).*one entry/],
  ['two saved runs in one file', () => parse(`${JSON.stringify(SAVED)}\n${JSON.stringify(SAVED)}`), /cannot be read.*one entry of `benchmarks`, so no --append-result/],
  ['a list of saved runs', () => parse(JSON.stringify([SAVED, SAVED])), /is a list of 2 results.*one entry of `benchmarks`/],
])('%s is refused, and where', (_, act, message) => {
  expect(act).toThrow(InputError);
  expect(act).toThrow(/^Stack\/Llama: benchmark 2 /);
  expect(act).toThrow(message);
});

test('a few failures are tolerated', () => expect(saved({ failed: 16 })()).toEqual(POINT));

test('three rounds are enough', () => expect(saved({ completed: 96 })()).toMatchObject({ concurrency: 32, tokensPerSecond: 968.02 }));
