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
const POINT = { concurrency: 32, outputTokensPerSecond: 968.02, inputTokensPerCall: 3200, outputTokensPerCall: 700 };

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
  ['fewer requests than calls in flight', saved({ completed: 16 }), /16 requests never make 32 calls.*--num-prompts/],
  ['JSON cut off', () => parse(JSON.stringify(SAVED).slice(0, 40)), /cannot be read.*Give the whole file/],
])('%s is refused, and where', (_, act, message) => {
  expect(act).toThrow(InputError);
  expect(act).toThrow(/^Stack\/Llama: benchmark 2 /);
  expect(act).toThrow(message);
});

test('a few failures are tolerated', () => expect(saved({ failed: 16 })()).toEqual(POINT));
