/** Whose fault a failure is, and where the same may be asked again: no client pays for our mistake, nor an endpoint for a client's. */
import fc from 'fast-check';
import { codeOf, errorIn, retryAfterMs, statusOf, verdictOn } from '../../../lib/gateway/failures';

describe('the verdict', () => {
  test.each([
    [400, 'client', 'never', false], [413, 'client', 'never', false], [415, 'client', 'never', false], [422, 'client', 'never', false],
    [401, 'upstream', 'elsewhere', true], [403, 'upstream', 'elsewhere', true], [404, 'upstream', 'elsewhere', true], [302, 'upstream', 'elsewhere', true], [204, 'upstream', 'elsewhere', true],
    [408, 'upstream', 'anywhere', false], [409, 'upstream', 'anywhere', false], [425, 'upstream', 'anywhere', false], [429, 'upstream', 'anywhere', false],
    [500, 'upstream', 'anywhere', true], [502, 'upstream', 'anywhere', true], [503, 'upstream', 'anywhere', true], [529, 'upstream', 'anywhere', true],
  ] as const)('on status %i: %s, again %s, ill %s', (status, blame, again, ill) => {
    expect(verdictOn({ status })).toEqual({ blame, again, ill, mayBeBilled: false });
  });

  test('on status 504, a proxy that gave up on a model at work: another endpoint, and it may be billed', () => {
    expect(verdictOn({ status: 504 })).toEqual({ blame: 'upstream', again: 'elsewhere', ill: true, mayBeBilled: true });
  });

  test.each([
    ['connect', 'anywhere', false], ['broken', 'anywhere', true], ['error-reply', 'anywhere', false],
    ['timeout', 'elsewhere', true], ['half-reply', 'elsewhere', true], ['bad-reply', 'elsewhere', false],
  ] as const)('on %s: the upstream, again %s, may be billed %s', (cause, again, mayBeBilled) => {
    expect(verdictOn(cause)).toEqual({ blame: 'upstream', again, ill: true, mayBeBilled });
  });

  test('never asks again for what the client got wrong, nor counts it against an endpoint', () => {
    fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), status => {
      const verdict = verdictOn({ status });
      if (verdict.blame === 'client') expect(verdict).toMatchObject({ again: 'never', ill: false });
    }));
  });
});

describe('an error in a document', () => {
  test.each([
    [{ error: { message: 'no' } }, { message: 'no' }],
    [{ error: 'no' }, 'no'],
    [{ object: 'error', code: 400 }, { object: 'error', code: 400 }],
    [{ error: null, choices: [] }, undefined],
    [{ choices: [{ finish_reason: 'error' }] }, undefined],
  ])('%j is %j', (document, error) => {
    expect(errorIn(document)).toEqual(error);
  });

  test('names a status of HTTP, or none', () => {
    expect(statusOf({ code: 429 })).toBe(429);
    for (const error of [{ code: 'rate_limit' }, { code: 1 }, { code: 429.5 }, 'no', null, {}]) expect(statusOf(error)).toBeUndefined();
  });

  test('is told by its code, never by its words', () => {
    expect(codeOf({ code: 'insufficient_quota', type: 'billing', message: 'sk-abc' })).toBe(' (insufficient_quota)');
    expect(codeOf({ code: null, type: 'server_error' })).toBe(' (server_error)');
    expect(codeOf({ code: 'the key sk-abc is wrong', message: 'sk-abc' })).toBe('');
    expect(codeOf('sk-abc')).toBe('');
  });
});

describe('retry-after', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  test.each([
    ['2', undefined, 2000], ['1.5', undefined, 1500], ['0', undefined, 0], ['60', '250', 250], ['60', 'soon', 60_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', undefined, 30_000], ['Sun, 01 Mar 2026 11:00:00 GMT', undefined, 0],
    ['soon', undefined, undefined], [undefined, undefined, undefined],
  ])('%j and %j in ms: %j', (seconds, ms, expected) => {
    expect(retryAfterMs(seconds, ms, now)).toBe(expected);
  });

  test('is never negative nor NaN, whatever stands there', () => {
    fc.assert(fc.property(fc.option(fc.string(), { nil: undefined }), fc.option(fc.string(), { nil: undefined }), (seconds, ms) => {
      const wait = retryAfterMs(seconds, ms, now);
      if (wait !== undefined) expect(wait).toBeGreaterThanOrEqual(0);
    }));
  });
});
