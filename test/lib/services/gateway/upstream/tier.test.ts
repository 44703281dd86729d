/** What a tier does with several endpoints: who is asked, who is asked again, who is left alone, and that it never asks too often. */
import fc from 'fast-check';
import { Answer, Outcome } from '../../../../../lib/services/gateway/upstream/answer';
import { Tier } from '../../../../../lib/services/gateway/upstream/tier';
import { TierConfig } from '../../../../../lib/contracts/gateway';
import { DONE, delta, tierConfig } from './bad-upstream';
import { asStream, consumed, until } from './consumed';
import { Reply, ScriptedEndpoint, give } from './scripted-endpoint';

const WELL: Reply = { status: 200 };
const ILL: Reply = { status: 500 };

// Only the clock that the breakers go by: timers and the event loop are real.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime'] });
});
afterEach(() => { jest.useRealTimers(); });
const later = (ms: number): void => { jest.setSystemTime(Date.now() + ms); };

function tierOf(replies: readonly (Reply | readonly Reply[])[], timeouts: Partial<TierConfig['timeouts']> = {}): { tier: Tier; endpoints: ScriptedEndpoint[] } {
  const endpoints = replies.map((reply, i) => new ScriptedEndpoint(`e${i}`, reply));
  return { tier: new Tier(tierConfig(timeouts), endpoints), endpoints };
}

const asked = (tier: Tier, stream = false): Promise<Outcome> => tier.ask({ id: 'r', path: '/chat/completions', body: { model: 'llama', stream } });
const ask = (tier: Tier, stream = false): Promise<Answer> => asked(tier, stream).then(({ answer }) => answer);
const callsOf = (endpoints: readonly ScriptedEndpoint[]): number[] => endpoints.map(endpoint => endpoint.calls);
const inFlight = (tier: Tier): number[] => tier.state().endpoints.map(endpoint => endpoint.inFlight);
const breakers = (tier: Tier): string[] => tier.state().endpoints.map(endpoint => endpoint.breaker);

/** Until every breaker is open. */
async function wearOut(tier: Tier): Promise<void> {
  while (tier.available()) await ask(tier, true);
}

describe('of several endpoints', () => {
  test('each takes its turn', async () => {
    const { tier, endpoints } = tierOf([WELL, WELL, WELL]);
    for (let i = 0; i < 9; i++) expect(await ask(tier)).toMatchObject({ kind: 'whole', attempts: 1 });
    expect(callsOf(endpoints)).toEqual([3, 3, 3]);
  });

  test('the one with the least in flight is asked, streams counted until they end', async () => {
    const { tier, endpoints } = tierOf([{ stream: [delta('a')] }, { stream: [delta('a')] }]);
    const streams = [asStream(await ask(tier, true)), asStream(await ask(tier, true)), asStream(await ask(tier, true))];
    expect(inFlight(tier).toSorted()).toEqual([1, 2]);
    await ask(tier, true).then(answer => { asStream(answer).abort(); });
    expect(callsOf(endpoints)).toEqual([2, 2]);
    for (const stream of streams) stream.abort();
    expect(inFlight(tier)).toEqual([0, 0]);
  });

  test('no call is in flight any more when it has ended, however it ended', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom<Reply>(WELL, { status: 400 }, { status: 401 }, { stream: [delta('a'), DONE] }, { stream: ['data: no\n\n'] }, { stream: [delta('a'), 'event: error\n\n'] })), async replies => {
      const { tier } = tierOf(replies.length === 0 ? [WELL] : replies);
      for (let i = 0; i < 4; i++) {
        const answer = await ask(tier, true);
        if (answer.kind === 'stream') await consumed(answer);
      }
      expect(inFlight(tier).every(count => count === 0)).toBe(true);
    }));
  });
});

describe('a call that fails', () => {
  test('goes to another endpoint at once', async () => {
    const { tier, endpoints } = tierOf([ILL, WELL]);
    for (let i = 0; i < 2; i++) expect(await ask(tier)).toMatchObject({ kind: 'whole' });
    expect(callsOf(endpoints)).toEqual([1, 2]);
  });

  test.each<[string, Reply]>([['refused', 'refused'], ['broken off', 'broken'], ['of status 503', { status: 503 }], ['of status 429', { status: 429, retryAfterMs: 10 }]])(
    'is tried again at the only endpoint: %s', async (_, reply) => {
      const { tier, endpoints } = tierOf([[reply, reply, WELL]]);
      expect(await ask(tier)).toMatchObject({ kind: 'whole', attempts: 3 });
      expect(callsOf(endpoints)).toEqual([3]);
    });

  test('is given up after three attempts, with the last reason', async () => {
    const { tier, endpoints } = tierOf([ILL]);
    expect(await ask(tier)).toEqual({ kind: 'failed', attempts: 3, blame: 'upstream', reason: 'the upstream replied with status 500', status: 500, body: undefined, retryAfterMs: undefined });
    expect(callsOf(endpoints)).toEqual([3]);
  });

  test.each([401, 403, 404])('of status %i is not asked again there, but at another endpoint, which has its own key and address', async status => {
    const alone = tierOf([{ status }]);
    expect(await ask(alone.tier)).toMatchObject({ kind: 'failed', attempts: 1, blame: 'upstream', status, body: undefined });
    expect(callsOf(alone.endpoints)).toEqual([1]);
    const { tier, endpoints } = tierOf([{ status }, WELL]);
    for (let i = 0; i < 2; i++) expect(await ask(tier)).toMatchObject({ kind: 'whole' });
    expect(callsOf(endpoints)).toEqual([1, 2]);
  });

  test('by the client\'s fault is not asked again, and carries the error', async () => {
    const { tier, endpoints } = tierOf([{ status: 400 }, { status: 400 }]);
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 1, blame: 'client', status: 400, body: Buffer.from('{"error":{"message":"no"}}') });
    expect(endpoints[0]!.calls + endpoints[1]!.calls).toBe(1);
  });

  test('by a time-out goes elsewhere, never again to where it may still be billed', async () => {
    const { tier, endpoints } = tierOf(['hang'], { totalSeconds: 0.2 });
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 1, reason: 'no whole reply came within 0.2 s' });
    expect(callsOf(endpoints)).toEqual([1]);
    const two = tierOf(['hang', { stream: [delta('a'), DONE] }], { firstEventSeconds: 0.2 });
    const seen = [await asked(two.tier, true), await asked(two.tier, true)];
    expect(seen.map(({ answer, lost }) => [answer.kind, lost]).toSorted()).toEqual([['stream', 0], ['stream', 1]]);
    expect(callsOf(two.endpoints)).toEqual([1, 2]);
  });

  test('with a long retry-after is not waited for, but told', async () => {
    const { tier, endpoints } = tierOf([{ status: 429, retryAfterMs: 30_000 }]);
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 1, status: 429, retryAfterMs: 30_000 });
    expect(callsOf(endpoints)).toEqual([1]);
  });

  test('with a retry-after leaves its endpoint to those who need it', async () => {
    const { tier, endpoints } = tierOf([{ status: 429, retryAfterMs: 60_000 }, WELL]);
    for (let i = 0; i < 10; i++) expect(await ask(tier)).toMatchObject({ kind: 'whole' });
    expect(callsOf(endpoints)).toEqual([1, 10]);
    expect(breakers(tier)).toEqual(['closed', 'closed']);
  });

  test('is not asked again when the time for the whole call is over', async () => {
    const { tier, endpoints } = tierOf(['hang', 'hang', 'hang'], { firstEventSeconds: 10, totalSeconds: 0.04 });
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 1 });
    expect(callsOf(endpoints).toSorted()).toEqual([0, 0, 1]);
  });

  test('never makes more than three calls, nor asks again after the client\'s fault', async () => {
    const reply = fc.constantFrom<Reply>({ stream: [delta('a'), DONE] }, { status: 400 }, { status: 401 }, { status: 429, retryAfterMs: 5000 }, 'refused', 'broken', { status: 500 }, { stream: ['data: no\n\n'] });
    await fc.assert(fc.asyncProperty(fc.array(reply, { minLength: 3, maxLength: 6 }), async replies => {
      const { tier, endpoints } = tierOf(replies);
      const answer = await ask(tier, true);
      const calls = callsOf(endpoints).reduce((a, b) => a + b);
      expect(calls).toBe(answer.attempts);
      expect(calls).toBeLessThanOrEqual(3);
      // With three endpoints or more nothing is asked twice, so nothing waits.
      expect(Math.max(...callsOf(endpoints))).toBe(1);
      if (answer.kind === 'failed' && answer.blame === 'client') expect(answer).toMatchObject({ status: 400 });
    }));
  });
});

describe('a stream', () => {
  test('that fails before its first event comes from another endpoint', async () => {
    const { tier } = tierOf([{ stream: ['data: {"error":{"message":"no"}}\n\n'] }, { stream: [delta('b'), DONE] }]);
    for (let i = 0; i < 2; i++) expect(await consumed(await ask(tier, true))).toEqual({ events: [delta('b')], cut: undefined });
  });

  test('that is cut later is not asked again', async () => {
    const { tier, endpoints } = tierOf([{ stream: [delta('a'), 'event: error\ndata: {}\n\n'] }, WELL]);
    endpoints[1]!.reply = endpoints[0]!.reply;
    expect((await consumed(await ask(tier, true))).cut).toContain('reported an error');
    expect(endpoints[0]!.calls + endpoints[1]!.calls).toBe(1);
  });
});

describe('an endpoint that keeps failing', () => {
  test.each<[string, Reply]>([['refuses', 'refused'], ['replies 500', ILL], ['replies 401', { status: 401 }], ['sends half', { stream: ['data: no\n\n'] }]])(
    '%s is left alone, and a call fails at once when there is no other', async (_, reply) => {
      const { tier, endpoints } = tierOf([reply]);
      await wearOut(tier);
      expect(callsOf(endpoints)).toEqual([5]);
      expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 0, blame: 'upstream', reason: 'every endpoint of the tier has failed and rests' });
      expect(callsOf(endpoints)).toEqual([5]);
      expect(breakers(tier)).toEqual(['open']);
    });

  test.each<[string, Reply]>([['the client\'s fault', { status: 400 }], ['asking for patience', { status: 429, retryAfterMs: 5000 }]])('by %s is not', async (_, reply) => {
    const { tier, endpoints } = tierOf([reply]);
    for (let i = 0; i < 20; i++) await ask(tier);
    expect(callsOf(endpoints)).toEqual([20]);
    expect(tier.available()).toBe(true);
  });

  test('by hanging is left alone', async () => {
    const { tier, endpoints } = tierOf(['hang'], { totalSeconds: 0.02 });
    await Promise.all(Array.from({ length: 5 }, () => ask(tier)));
    expect(tier.available()).toBe(false);
    expect(callsOf(endpoints)).toEqual([5]);
  });

  test('does not disturb the others', async () => {
    const { tier, endpoints } = tierOf([ILL, WELL]);
    for (let i = 0; i < 40; i++) expect(await ask(tier)).toMatchObject({ kind: 'whole' });
    expect(callsOf(endpoints)).toEqual([5, 40]);
    expect(breakers(tier)).toEqual(['open', 'closed']);
    expect(tier.available()).toBe(true);
  });

  test('is tried by a single call when its rest is over; the others need not wait for it', async () => {
    const { tier, endpoints } = tierOf([ILL]);
    await wearOut(tier);
    later(5_000);
    expect(tier.available()).toBe(true);
    endpoints[0]!.reply = 'hang';
    const trial = ask(tier);
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 0 });
    expect(breakers(tier)).toEqual(['half-open']);
    give(endpoints[0]!.held[0]!, { status: 200 });
    expect(await trial).toMatchObject({ kind: 'whole' });
    endpoints[0]!.reply = WELL;
    expect(await ask(tier)).toMatchObject({ kind: 'whole' });
    expect(breakers(tier)).toEqual(['closed']);
  });

  test('rests longer each time, a minute at most', async () => {
    const { tier } = tierOf([ILL]);
    await wearOut(tier);
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      later(seconds * 1000 - 1);
      expect(tier.available()).toBe(false);
      later(1);
      expect(tier.available()).toBe(true);
      await ask(tier);
    }
  });

  test('rests on when the clock is set back', async () => {
    const { tier } = tierOf([ILL]);
    await wearOut(tier);
    later(-3600_000);
    expect(await ask(tier)).toMatchObject({ kind: 'failed', attempts: 0 });
  });
});

describe('a tier', () => {
  test('is reachable when one endpoint is, and tells why none is', async () => {
    await expect(tierOf(['refused', WELL]).tier.reachable(100)).resolves.toBeUndefined();
    await expect(tierOf(['refused', 'refused']).tier.reachable(100)).rejects.toThrow('No endpoint of the tier small can be reached: e0: ECONNREFUSED; e1: ECONNREFUSED.');
  });

  test('tells its state for logs', () => {
    expect(tierOf([WELL]).tier.state()).toEqual({ tier: 'small', endpoints: [{ name: 'e0', breaker: 'closed', inFlight: 0 }] });
  });

  test('says how long a call may take at most', () => {
    expect(tierOf([WELL], { totalSeconds: 5 }).tier.longestMs).toBe(15_000);
  });

  test('closes all its endpoints', async () => {
    const { tier, endpoints } = tierOf([WELL, WELL]);
    await tier.close();
    expect(endpoints.map(endpoint => endpoint.closed)).toEqual([true, true]);
  });

  test('balances hundreds of calls at once', async () => {
    const { tier, endpoints } = tierOf(['hang', 'hang', 'hang', 'hang']);
    const answers = Array.from({ length: 400 }, () => ask(tier));
    await until(() => callsOf(endpoints).reduce((a, b) => a + b) === 400);
    expect(callsOf(endpoints)).toEqual([100, 100, 100, 100]);
    for (const endpoint of endpoints) for (const events of endpoint.held) give(events, { status: 200 });
    expect((await Promise.all(answers)).every(answer => answer.kind === 'whole')).toBe(true);
    expect(inFlight(tier)).toEqual([0, 0, 0, 0]);
  });
});
