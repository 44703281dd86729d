/** Tiers chosen call by call: the share of premium calls is used and held while the calls change, and evidence goes first. */
import fc from 'fast-check';
import { TaskClass } from '../../../../lib/contracts/gateway-route';
import { ChoosableTier } from '../../../../lib/gateway/choice/choose';
import { WINDOW } from '../../../../lib/gateway/choice/premium-share';
import { ChosenTiers, TierChooser } from '../../../../lib/gateway/choice/tier-chooser';
import { Permit } from '../../../../lib/gateway/route/order';

const CHEAP: ChoosableTier = { id: 'small', premium: false };
const PREMIUM: ChoosableTier = { id: 'large', premium: true };
const TIERS = [PREMIUM, CHEAP];

const classOf = (id: string, gain: number, tier?: string): TaskClass => ({ id, gain, patterns: [], ...tier === undefined ? {} : { tier } });
const GAINFUL = classOf('math', 0.4);

const choose = (chooser: TierChooser, i: number, taskClass: TaskClass | undefined = GAINFUL, named?: ChoosableTier): ChosenTiers<ChoosableTier> =>
  chooser.choose({ request: `req-${i}`, tiers: TIERS, named, taskClass, text: undefined });

/** A call that goes the way it is chosen, and whose first tier answers. */
function serve(chooser: TierChooser, i: number, taskClass?: TaskClass, named?: ChoosableTier): ChosenTiers<ChoosableTier> {
  const chosen = choose(chooser, i, taskClass, named);
  if (chosen.admit(chosen.tiers[0]!) === undefined) throw new Error('not admitted');
  chosen.reached();
  chosen.end();
  return chosen;
}

/** Of [0, 1), always the same. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Domain {
  /** Per class: part of the calls, gain, rate of cheap answers that fail their checks, words that join clauses at most. */
  readonly classes: readonly (readonly [id: string, part: number, gain: number, fails: number, words: number])[];
}

/** Of the calls that gain, 6% fail their checks, and after the shift 14%. */
const SUPPORT: Domain = { classes: [['extraction', 0.35, 0, 0.05, 3], ['reply', 0.3, 0.08, 0.05, 6], ['math', 0.15, 0.4, 0.07, 8], ['coding', 0.2, 0.25, 0.07, 8]] };
const RESEARCH: Domain = { classes: [['extraction', 0.2, 0, 0.08, 6], ['reply', 0.1, 0.1, 0.08, 12], ['math', 0.4, 0.55, 0.16, 15], ['coding', 0.3, 0.3, 0.13, 15]] };

interface Half {
  calls: number;
  direct: number;
  askedAgain: number;
  escalated: number;
}

/** Calls 50 at a time, as the next one comes while others wait: an answer is checked up to 50 calls later. */
function simulate(capPercent: number, first: Domain, second: Domain, seed: number): { begin: Half; first: Half; second: Half } {
  const [half, total, concurrency] = [10_000, 20_000, 50];
  const random = randomFrom(seed);
  const chooser = new TierChooser(capPercent);
  const halves = { begin: newHalf(), first: newHalf(), second: newHalf() };
  const failed = new Map<number, number>();
  for (let i = 0; i < total; i++) {
    const here = halves[i < WINDOW ? 'begin' : i < half ? 'first' : 'second'];
    for (let n = failed.get(i) ?? 0; n > 0; n--) {
      here.askedAgain++;
      here.escalated += chooser.take() === undefined ? 0 : 1;
    }
    const { classes } = i < half ? first : second;
    let place = random();
    const [id, , gain, fails, words] = classes.find(([, part]) => (place -= part) < 0) ?? classes[0]!;
    const text = 'this and '.repeat(Math.floor(random() * (words + 1)));
    const chosen = chooser.choose({ request: `req-${seed}-${i}`, tiers: TIERS, named: undefined, taskClass: classOf(id, gain), text });
    if (chosen.admit(chosen.tiers[0]!) === undefined) throw new Error('not admitted');
    chosen.reached();
    chosen.end();
    here.calls++;
    here.direct += chosen.tiers[0]!.premium ? 1 : 0;
    if (!chosen.tiers[0]!.premium && gain > 0 && random() < fails) {
      const at = i + 1 + Math.floor(random() * concurrency);
      failed.set(at, (failed.get(at) ?? 0) + 1);
    }
  }
  return halves;
}

const newHalf = (): Half => ({ calls: 0, direct: 0, askedAgain: 0, escalated: 0 });
const percent = ({ calls, direct, escalated }: Half): number => (direct + escalated) / calls * 100;

describe('20,000 calls whose classes, gains and failures change in the middle', () => {
  const caps = [5, 10, 25, 40].flatMap(cap => [['as they come', cap, SUPPORT, RESEARCH], ['the other way round', cap, RESEARCH, SUPPORT]] as const);

  test.each(caps)('%s, with a share of %d%%: held, and used to a point, before and after', (_, cap, first, second) => {
    for (const seed of [1, 2, 3]) {
      const halves = simulate(cap, first, second, seed);
      for (const half of [halves.first, halves.second]) {
        expect(percent(half)).toBeLessThanOrEqual(cap);
        expect(percent(half)).toBeGreaterThanOrEqual(cap - 1);
      }
      expect(percent(halves.begin)).toBeLessThanOrEqual(cap);
    }
  });

  test.each(caps)('%s, with a share of %d%%: who fails a check gets the premium model, as far as the share goes at all', (_, cap, first, second) => {
    for (const { calls, direct, askedAgain, escalated } of Object.values(simulate(cap, first, second, 4)).slice(1)) {
      // Nearer to the cap, what comes irregularly does not always find room.
      if (askedAgain / calls < cap / 100 * 0.7) expect(escalated / askedAgain).toBeGreaterThanOrEqual(0.95);
      // More fail than may be escalated: next to nothing goes to direct choices.
      if (askedAgain / calls > cap / 100 * 1.2) expect(direct / calls).toBeLessThan(0.005);
    }
  });
});

test('what gains most goes first: with room for some, none of the class that gains less', () => {
  const chooser = new TierChooser(20);
  const chosen = Array.from({ length: 4000 }, (_, i) => serve(chooser, i, i % 3 === 0 ? GAINFUL : classOf('reply', 0.1)).tiers[0]!.premium && i > 1000 ? i % 3 : undefined);
  const [most, less] = [chosen.filter(rest => rest === 0).length, chosen.filter(rest => rest !== undefined && rest > 0).length];
  expect(most).toBeGreaterThan(0.19 * 3000);
  expect(less).toBe(0);
});

test('where nothing gains, the share stays unused', () => {
  const chooser = new TierChooser(50);
  const choices = new Set(Array.from({ length: 500 }, (_, i) => serve(chooser, i, classOf('extraction', 0)).choice));
  expect(choices).toEqual(new Set(['no-gain']));
});

test('calls of no class use the share, too', () => {
  const chooser = new TierChooser(20);
  const premium = Array.from({ length: 3000 }, (_, i) => serve(chooser, i, undefined).tiers[0]!.premium).filter(Boolean).length;
  expect(premium).toBeGreaterThan(0.19 * 3000);
});

test('a class that is pinned to the premium tier takes the share of those that only gain', () => {
  const chooser = new TierChooser(20);
  const pinned = classOf('legal', 0.2, 'large');
  const choices = Array.from({ length: 4000 }, (_, i) => serve(chooser, i, i % 8 === 0 ? pinned : GAINFUL).choice).slice(1000);
  expect(choices.filter(choice => choice === 'pinned').length).toBeGreaterThan(0.95 * 3000 / 8);
  const gained = choices.filter(choice => choice === 'gain').length;
  expect(gained / 3000).toBeGreaterThan(0.06);
  expect(gained / 3000).toBeLessThan(0.08);
});

test('calls whose tier the client names are calls, too: the share is used by the others', () => {
  const chooser = new TierChooser(20);
  let premium = 0;
  for (let i = 0; i < 4000; i++) {
    premium += serve(chooser, i, GAINFUL, i % 2 === 0 ? CHEAP : undefined).tiers[0] === PREMIUM && i >= 1000 ? 1 : 0;
  }
  expect(premium / 3000).toBeGreaterThan(0.19);
});

test('a class that is pinned to the premium tier leaves room for escalations, however many calls it has', () => {
  const chooser = new TierChooser(20);
  const pinned = classOf('legal', 0.2, 'large');
  let escalated = 0;
  for (let i = 0; i < 3000; i++) {
    serve(chooser, i, pinned);
    escalated += i >= 1000 && i % 10 === 0 && chooser.take() !== undefined ? 1 : 0;
  }
  expect(escalated).toBe(200);
});

test('escalations that come to nothing leave the share to direct choices', () => {
  const chooser = new TierChooser(20);
  let premium = 0;
  for (let i = 0; i < 4000; i++) {
    premium += serve(chooser, i).tiers[0] === PREMIUM && i >= 1000 ? 1 : 0;
    chooser.take()?.giveBack();
  }
  expect(premium / 3000).toBeGreaterThan(0.19);
});

test('scores that all fall make up within a window for what their threshold missed', () => {
  const chooser = new TierChooser(25);
  let premium = 0;
  for (let i = 0; i < 6000; i++) {
    const { tiers } = serve(chooser, i, i < 3000 ? GAINFUL : classOf('reply', 0.05));
    premium += i >= 3000 && tiers[0]!.premium ? 1 : 0;
  }
  expect(premium / 3000).toBeGreaterThan(0.24);
});

describe('a call', () => {
  /** With room for one premium call beyond the reserve, and some. */
  function ready(): TierChooser {
    const chooser = new TierChooser(25);
    for (let i = 0; i < 100; i++) serve(chooser, i, classOf('extraction', 0));
    return chooser;
  }
  function exhaust(chooser: TierChooser): Permit[] {
    const permits: Permit[] = [];
    for (let permit = chooser.take(); permit !== undefined; permit = chooser.take()) permits.push(permit);
    return permits;
  }

  test('that begins at the premium tier keeps its place, however many others come first', () => {
    const chooser = ready();
    const chosen = choose(chooser, 100, undefined, PREMIUM);
    exhaust(chooser);
    expect(chosen.admit(PREMIUM)).toBeDefined();
    expect(chosen.admit(PREMIUM)).toBeUndefined();
    expect(chosen.admit(CHEAP)).toBeDefined();
  });

  test('gives its place back where it never asks, once', () => {
    const chooser = ready();
    const chosen = choose(chooser, 100, undefined, PREMIUM);
    const others = exhaust(chooser);
    chosen.end();
    chosen.end();
    expect(exhaust(chooser)).toHaveLength(1);
    expect(others).toHaveLength(24);
  });

  test('that asked keeps it at its end, and gives it back where nothing came of it', () => {
    const chooser = ready();
    const chosen = choose(chooser, 100, undefined, PREMIUM);
    const permit = chosen.admit(PREMIUM)!;
    exhaust(chooser);
    chosen.end();
    expect(chooser.take()).toBeUndefined();
    permit.giveBack();
    permit.giveBack();
    expect(exhaust(chooser)).toHaveLength(1);
  });

  test('that falls back to the premium tier needs a permit then', () => {
    const chooser = ready();
    const chosen = choose(chooser, 100, undefined, CHEAP);
    expect(chosen.tiers).toEqual([CHEAP, PREMIUM]);
    const permits = exhaust(chooser);
    expect(chosen.admit(PREMIUM)).toBeUndefined();
    permits[0]!.giveBack();
    expect(chosen.admit(PREMIUM)).toBeDefined();
  });

  test('counts once, when a model is asked', () => {
    const chooser = new TierChooser(50);
    const [one, two] = [choose(chooser, 0, undefined, CHEAP), choose(chooser, 1, undefined, CHEAP)];
    one.reached();
    one.reached();
    expect(chooser.take()).toBeUndefined();
    two.reached();
    expect(exhaust(chooser)).toHaveLength(1);
  });

  test('that is only to compare leaves room for escalations', () => {
    const chooser = ready();
    let shadows = 0;
    while (chooser.takeForShadow() !== undefined) shadows++;
    expect(shadows).toBe(22);
    expect(exhaust(chooser)).toHaveLength(3);
  });

  test('explains itself: score and threshold, and nothing where they were not asked for', () => {
    const chooser = ready();
    serve(chooser, 100);
    const { score, threshold } = choose(chooser, 101);
    expect(score).toBeCloseTo(0.4, 4);
    expect(threshold).not.toBeNull();
    expect(choose(chooser, 102, undefined, CHEAP)).toMatchObject({ choice: 'named', score: null, threshold: null });
    expect(choose(new TierChooser(undefined), 0)).toMatchObject({ choice: 'order', tiers: TIERS, score: null, threshold: null });
  });
});

test('without a share, any tier may be asked at any time', () => {
  const chooser = new TierChooser(undefined);
  for (let i = 0; i < 20; i++) expect(serve(chooser, i).tiers).toEqual(TIERS);
  expect(chooser.take()).toBeDefined();
  expect(chooser.takeForShadow()).toBeDefined();
});

test('another way to tell the gain takes the declared one\'s place', () => {
  const chooser = new TierChooser(25, ({ text = '' }) => text.includes('proof') ? 0.5 : -0.5);
  const choices = Array.from({ length: 400 }, (_, i) => chooser.choose({ request: `req-${i}`, tiers: TIERS, named: undefined, taskClass: GAINFUL, text: i % 10 === 0 ? 'a proof' : 'a poem' }));
  expect(choices.filter((_, i) => i % 10 !== 0).every(({ choice }) => choice === 'no-gain')).toBe(true);
  expect(choices.filter((_, i) => i % 10 === 0).every(({ choice }) => choice !== 'no-gain')).toBe(true);
});

describe('whatever is asked in whatever order', () => {
  type Step = 'call' | 'named' | 'pinned' | 'no-gain' | 'ask' | 'end' | 'escalate' | 'shadow' | 'give back';
  const steps = fc.array(fc.tuple(fc.constantFrom<Step>('call', 'call', 'named', 'pinned', 'no-gain', 'ask', 'ask', 'ask', 'end', 'escalate', 'shadow', 'give back'), fc.nat()), { minLength: 50, maxLength: 400 });
  const gains = { call: [GAINFUL], named: [undefined, PREMIUM], pinned: [classOf('legal', 0.1, 'large')], 'no-gain': [classOf('extraction', 0)] } as const;

  test('the share is held, and a call that begins at the premium tier may ask it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), steps, fc.integer({ min: 1, max: 8 }), (capPercent, given, times) => {
      const chooser = new TierChooser(capPercent);
      const open: ChosenTiers<ChoosableTier>[] = [];
      let reached = 0;
      const asked: { readonly at: number; readonly permit: Permit }[] = [];
      const note = (permit: Permit | undefined): void => void (permit !== undefined && asked.push({ at: reached, permit }));
      for (const [i, [step, n]] of Array.from({ length: times }, () => given).flat().entries()) {
        const one = open[n % Math.max(open.length, 1)];
        if (step === 'call' || step === 'named' || step === 'pinned' || step === 'no-gain') {
          const [taskClass, named] = gains[step];
          open.push(chooser.choose({ request: `req-${i}`, tiers: TIERS, named, taskClass, text: undefined }));
        } else if (step === 'escalate') note(chooser.take());
        else if (step === 'shadow') note(chooser.takeForShadow());
        else if (step === 'give back') asked.splice(n % Math.max(asked.length, 1), 1)[0]?.permit.giveBack();
        else if (one !== undefined) {
          open.splice(open.indexOf(one), 1);
          if (step === 'ask') {
            const permit = one.admit(one.tiers[0]!);
            expect(permit).toBeDefined();
            if (one.tiers[0]!.premium) note(permit);
            one.reached();
            reached++;
          }
          one.end();
        }
        const recent = asked.filter(({ at }) => at > reached - WINDOW).length;
        if (recent > capPercent / 100 * Math.min(reached, WINDOW)) throw new Error(`${recent} of ${reached} at ${capPercent}%`);
      }
    }), { numRuns: 60 });
  });
});
