/** Pages of vLLM: every wording is read alike, and what cannot be true is refused by name. */
import fc from 'fast-check';
import { readVllmMetrics } from '../../../lib/inference/vllm-metrics';
import { Engine, NEW, OLD, vllmPage } from './vllm-page';

const ENGINE: Engine = { running: '3.0', waiting: 1, prompt: '1.2345e+04', output: '678.0', kv: '0.25' };
const START = { processStart: 1_795_110_000 };

test.each([['new', NEW, START], ['old', OLD, { processStart: null }]])('the %s names of one engine', (_, wording, start) => {
  expect(readVllmMetrics(vllmPage([ENGINE], wording))).toEqual({
    readable: true, reading: { running: 3, waiting: 1, promptTokens: 12_345, outputTokens: 678, kvCacheShare: 0.25, ...start },
  });
});

test('several engines: calls and tokens are summed, the share of the KV cache is their mean', () => {
  expect(readVllmMetrics(vllmPage([ENGINE, { running: 2, waiting: 0, prompt: 5, output: 2, kv: 0.75 }]))).toEqual({
    readable: true, reading: { running: 5, waiting: 1, promptTokens: 12_350, outputTokens: 680, kvCacheShare: 0.5, ...START },
  });
});

test('a version that writes both names of a series is not counted twice', () => {
  const both = vllmPage([ENGINE]) + vllmPage([{ ...ENGINE, prompt: 9, output: 9, kv: 0.9 }], OLD).split('\r\n').filter(line => /^vllm:(gpu|prompt|gener)/.test(line))
    .filter(line => !line.includes('created')).join('\n') + '\n';
  expect(readVllmMetrics(both)).toMatchObject({ readable: true, reading: { promptTokens: 12_345, outputTokens: 678, kvCacheShare: 0.25 } });
});

test('a time stamp after the value, and tabs, are part of the format', () => {
  const stamped = vllmPage([ENGINE]).replace(' 3.0\n', '\t3.0\t1795110123000\n');
  expect(readVllmMetrics(stamped)).toMatchObject({ readable: true, reading: { running: 3 } });
});

test.each([['7'], ['-0.1'], ['NaN'], ['+Inf'], ['full']])('a KV cache usage of %s is unknown, and the rest is read', kv => {
  expect(readVllmMetrics(vllmPage([ENGINE, { ...ENGINE, kv }]))).toMatchObject({ readable: true, reading: { running: 6, kvCacheShare: null } });
});

test.each([['NaN'], ['0'], ['+Inf'], ['-1']])('a process start of %s is unknown, and the rest is read', processStart => {
  expect(readVllmMetrics(vllmPage([ENGINE], { ...NEW, processStart }))).toMatchObject({ readable: true, reading: { running: 3, processStart: null } });
});

test.each<[string, string | RegExp]>([
  ['', 'an empty page'],
  ['<!doctype html>\n<html><body>Bad gateway</body></html>\n', 'no vllm:num_requests_running'],
  [vllmPage([{ ...ENGINE, running: -1 }]), 'vllm:num_requests_running is -1'],
  [vllmPage([ENGINE, { ...ENGINE, waiting: 'NaN' }]), 'vllm:num_requests_waiting is 1 + NaN'],
  [vllmPage([{ ...ENGINE, waiting: '-Inf' }]), 'vllm:num_requests_waiting is -Infinity'],
  [vllmPage([{ ...ENGINE, running: 1e9 }]), 'vllm:num_requests_running is 1000000000'],
  [vllmPage([{ ...ENGINE, prompt: '1e300' }]), 'vllm:prompt_tokens_total is 1e+300'],
  [vllmPage([{ ...ENGINE, output: '+Inf' }]), 'vllm:generation_tokens_total is Infinity'],
  [vllmPage([{ ...ENGINE, output: 'many' }]), 'vllm:generation_tokens_total is NaN'],
  [vllmPage([{ ...ENGINE, output: '12 of 30' }]), /^a line of vllm:generation_tokens_total that is not/],
  [vllmPage([ENGINE]).repeat(2), 'process_start_time_seconds twice with the same labels'],
  [vllmPage([ENGINE], OLD).repeat(2), 'vllm:gpu_cache_usage_perc twice with the same labels'],
])('refused: %#', (page, reason) => {
  expect(readVllmMetrics(page)).toEqual({ readable: false, reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
});

test.each(['num_requests_running', 'num_requests_waiting', 'prompt_tokens_total', 'generation_tokens_total'])('without vllm:%s a page is refused', name => {
  const without = vllmPage([ENGINE]).split('\n').filter(line => !line.startsWith(`vllm:${name}{`)).join('\n');
  expect(readVllmMetrics(without)).toEqual({ readable: false, reason: `no vllm:${name}` });
});

test('a page cut off anywhere is refused or says the same', () => {
  const page = vllmPage([ENGINE], OLD);
  const whole = readVllmMetrics(page);
  for (let end = 0; end < page.length; end++) {
    const cut = readVllmMetrics(page.slice(0, end));
    if (cut.readable) expect(cut).toEqual(whole);
  }
});

test('no text makes it throw, and what it reads is finite and not negative', () => {
  const value = fc.oneof(fc.double().map(String), fc.constantFrom('NaN', '+Inf', '-Inf', '', '1e999', '-0', '0x1F'), fc.string());
  const engine = fc.record({ running: value, waiting: value, prompt: value, output: value, kv: value });
  const page = fc.oneof(fc.string(), fc.array(engine, { maxLength: 3 }).map(engines => vllmPage(engines)));
  fc.assert(fc.property(page, text => {
    const read = readVllmMetrics(text);
    if (!read.readable) return;
    for (const amount of Object.values(read.reading)) expect(amount === null || (Number.isFinite(amount) && amount >= 0)).toBe(true);
  }));
});
