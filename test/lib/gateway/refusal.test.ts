/** What a refused client reads: OpenAI's shape, the right status, and a retry-after that is never too early. */
import fc from 'fast-check';
import { Refusal, RefusalCode } from '../../../lib/gateway/refusal';

test.each<[RefusalCode, number, string]>([
  ['invalid_api_key', 401, 'authentication_error'],
  ['unknown_workflow', 400, 'invalid_request_error'],
  ['budget_exhausted', 402, 'invalid_request_error'],
  ['not_found', 404, 'invalid_request_error'],
  ['method_not_allowed', 405, 'invalid_request_error'],
  ['request_too_large', 413, 'invalid_request_error'],
  ['unsupported_encoding', 415, 'invalid_request_error'],
  ['rate_limit_exceeded', 429, 'rate_limit_error'],
  ['budget_throttled', 429, 'rate_limit_error'],
  ['internal_error', 500, 'server_error'],
  ['upstream_failed', 503, 'server_error'],
])('%s is %i, an %s', (code, status, type) => {
  const refusal = new Refusal(code, 'why, and what to do');
  expect(refusal.status).toBe(status);
  expect(JSON.parse(refusal.body())).toEqual({ error: { message: 'why, and what to do', type, param: null, code } });
  expect(refusal.retryAfterSeconds).toBeUndefined();
});

test('a wait is told in whole seconds, at least one, and never shorter than it is', () => {
  fc.assert(fc.property(fc.nat(40 * 24 * 3_600_000), ms => {
    const seconds = new Refusal('budget_throttled', 'later', ms).retryAfterSeconds!;
    expect(Number.isInteger(seconds) && seconds >= 1).toBe(true);
    expect(seconds * 1000).toBeGreaterThanOrEqual(ms);
    expect(seconds * 1000).toBeLessThan(ms + 1000 + (ms === 0 ? 1 : 0));
  }));
});

test('any message is one JSON document', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), message => {
    expect(JSON.parse(new Refusal('invalid_request', message).body()).error.message).toBe(message);
  }));
});
