/** The share of premium calls: never above its cap in any window nor from the start, whatever comes in between. */
import fc from 'fast-check';
import { PremiumShare, WINDOW } from '../../../../lib/gateway/choice/premium-share';
import { Permit } from '../../../../lib/gateway/route/order';

type Step = readonly ['arrive', number] | readonly ['take', number] | readonly ['give back', number];

const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  fc.tuple(fc.constant('arrive' as const), fc.integer({ min: 1, max: 400 })),
  fc.tuple(fc.constant('take' as const), fc.integer({ min: 1, max: 120 })),
  fc.tuple(fc.constant('give back' as const), fc.nat()),
), { minLength: 5, maxLength: 60 });

/** What is granted and not given back, by the number of the newest arrival at the time. */
class Granted {
  public arrivals = 0;
  public readonly held: { readonly slot: number; readonly permit: Permit }[] = [];

  public within(from: number, to: number): number {
    return this.held.filter(({ slot }) => slot > from && slot <= to).length;
  }
}

function run(maxPercent: number, given: readonly Step[], after: (granted: Granted) => void = () => undefined): Granted {
  const share = new PremiumShare(maxPercent);
  const granted = new Granted();
  for (const [what, n] of given) {
    if (what === 'arrive') for (let i = 0; i < n; i++, granted.arrivals++) share.arrived();
    if (what === 'take') {
      for (let i = 0; i < n; i++) {
        const permit = share.take();
        if (permit !== undefined) granted.held.push({ slot: granted.arrivals, permit });
      }
    }
    if (what === 'give back' && granted.held.length > 0) {
      const { permit } = granted.held.splice(n % granted.held.length, 1)[0]!;
      permit.giveBack();
      permit.giveBack();
    }
    after(granted);
  }
  return granted;
}

test('in any window, and from the start, no more than the share is granted', () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 99.9, noNaN: true }), steps, (maxPercent, given) => {
    run(maxPercent, given, granted => {
      const { arrivals } = granted;
      for (const to of [arrivals, Math.floor(arrivals / 2)]) {
        expect(granted.within(to - WINDOW, to)).toBeLessThanOrEqual(maxPercent / 100 * WINDOW);
        expect(granted.within(-1, to)).toBeLessThanOrEqual(maxPercent / 100 * to);
      }
    });
  }));
});

test('who asks at each arrival gets the share in full, however much was given back before', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 99 }), steps, (maxPercent, given) => {
    const often = [...given, ...Array.from({ length: 2 * WINDOW }, () => [['arrive', 1], ['take', 3]] as const).flat()];
    const granted = run(maxPercent, often);
    expect(granted.within(granted.arrivals - WINDOW, granted.arrivals)).toBe(maxPercent * WINDOW / 100);
  }), { numRuns: 20 });
});

test('the first calls have no loan: of 4 calls one is 25%', () => {
  const share = new PremiumShare(25);
  const took = Array.from({ length: 8 }, () => {
    share.arrived();
    return share.take() !== undefined;
  });
  expect(took).toEqual([false, false, false, true, false, false, false, true]);
});

test('what is given back twice is given back once, and what has left the window is not given back at all', () => {
  const share = new PremiumShare(50);
  const arrive = (n: number): void => { for (let i = 0; i < n; i++) share.arrived(); };
  arrive(4);
  const permit = share.take()!;
  share.take();
  permit.giveBack();
  permit.giveBack();
  expect(share.room).toBe(1);
  const old = share.take()!;
  arrive(WINDOW);
  expect(share.room).toBe(500);
  old.giveBack();
  expect(share.room).toBe(500);
});

test('a reserve is left to others', () => {
  const share = new PremiumShare(50);
  for (let i = 0; i < 10; i++) share.arrived();
  expect([share.take(2), share.take(2), share.take(2), share.take(2)].map(permit => permit !== undefined)).toEqual([true, true, true, false]);
  expect([share.take(), share.take(), share.take()].map(permit => permit !== undefined)).toEqual([true, true, false]);
});

test('no share is no limit, and neither is all of it; a share of nothing lets none through', () => {
  expect(new PremiumShare(undefined).take()).toBeDefined();
  expect(new PremiumShare(100).take()).toBeDefined();
  const none = new PremiumShare(0);
  for (let i = 0; i < 2 * WINDOW; i++) none.arrived();
  expect(none.take()).toBeUndefined();
});
