import { TokenBucket } from '../../../lib/cli/token-bucket';

/** Takes `count` tokens at once and answers at what second each was given. */
async function times(count: number, idleMs = 0): Promise<number[]> {
  let at = 0;
  const bucket = new TokenBucket({ now: () => at, sleep: ms => { at += ms; return Promise.resolve(); } });
  at += idleMs;
  const given: number[] = [];
  await Promise.all(Array.from({ length: count }, () => bucket.take().then(() => given.push(at / 1000))));
  return given;
}

describe('token bucket', () => {
  test('ten at once, then five a second', async () => {
    const given = await times(31);
    expect(given.filter(at => at === 0)).toHaveLength(10);
    for (const [i, at] of given.entries()) expect(i + 1).toBeLessThanOrEqual(10 + at * 5 + 1e-6);
    // Not slower than the limit either: 21 more at five a second.
    expect(given.at(-1)).toBeCloseTo(21 / 5, 1);
  });

  test('an idle hour saves up no more than ten', async () => {
    const given = await times(12, 3_600_000);
    expect(given.filter(at => at === 3600)).toHaveLength(10);
  });
});
