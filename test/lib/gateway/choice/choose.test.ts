/** The rule at which tier a call begins, case by case. */
import fc from 'fast-check';
import { ChoosableTier, Choosing, Decision, chooseTier } from '../../../../lib/gateway/choice/choose';
import { Permit } from '../../../../lib/gateway/route/order';

const [large, small, mini, huge]: ChoosableTier[] = [
  { id: 'large', premium: true }, { id: 'small', premium: false }, { id: 'mini', premium: false }, { id: 'huge', premium: true },
] as [ChoosableTier, ChoosableTier, ChoosableTier, ChoosableTier];
const TIERS = [large!, small!, mini!, huge!];
const PERMIT: Permit = { giveBack: () => undefined };

const choose = (given: Partial<Choosing<ChoosableTier>>): Decision<ChoosableTier> => chooseTier({
  tiers: TIERS, named: undefined, pinned: undefined, shared: true, weigh: () => ({ score: 0.3, threshold: 0.2 }), permit: () => PERMIT, ...given,
});
const order = ({ choice, tiers }: Decision<ChoosableTier>): string => `${choice}: ${tiers.map(({ id }) => id).join(' ')}`;

test.each<[string, Partial<Choosing<ChoosableTier>>, string]>([
  ['the client\'s tier before everything', { named: mini, pinned: large }, 'named: mini small large huge'],
  ['a premium tier that the client names, by a permit', { named: huge }, 'named: huge small mini large'],
  ['the class\'s tier before the gain', { pinned: small, weigh: () => ({ score: 1, threshold: 0 }) }, 'pinned: small mini large huge'],
  ['a premium tier that is pinned, by a permit', { pinned: large }, 'pinned: large small mini huge'],
  ['the workflow\'s order where there is no share', { shared: false }, 'order: large small mini huge'],
  ['the workflow\'s order after a named tier where there is no share', { shared: false, named: mini, permit: () => undefined }, 'named: mini large small huge'],
  ['the workflow\'s order where all are premium', { tiers: [large!, huge!], permit: () => undefined }, 'order: large huge'],
  ['the workflow\'s order where none is', { tiers: [small!, mini!] }, 'order: small mini'],
  ['premium tiers first for a gain that is among the highest', {}, 'gain: large huge small mini'],
  ['the same for one just there', { weigh: () => ({ score: 0.2, threshold: 0.2 }) }, 'gain: large huge small mini'],
  ['cheap tiers first below it', { weigh: () => ({ score: 0.19, threshold: 0.2 }) }, 'below-threshold: small mini large huge'],
  ['cheap tiers first without a gain, even of the highest', { weigh: () => ({ score: 0, threshold: -1 }) }, 'no-gain: small mini large huge'],
  ['cheap tiers first with a full share', { permit: () => undefined }, 'share-full: small mini large huge'],
  ['cheap tiers first where the share is left to others', { weigh: () => ({ score: 1, threshold: undefined }) }, 'share-full: small mini large huge'],
  ['cheap tiers first, too, where the client names a premium one without room', { named: huge, permit: () => undefined }, 'share-full: small mini large huge'],
  ['cheap tiers first, too, where a premium one is pinned without room', { pinned: large, permit: () => undefined }, 'share-full: small mini large huge'],
])('%s', (_, given, expected) => {
  expect(order(choose(given))).toBe(expected);
});

test('score and threshold are told where they were asked for', () => {
  expect(choose({})).toMatchObject({ score: 0.3, threshold: 0.2 });
  expect(choose({ permit: () => undefined })).toMatchObject({ choice: 'share-full', score: 0.3, threshold: 0.2 });
  expect(choose({ weigh: () => ({ score: -0.1, threshold: undefined }) })).toMatchObject({ score: -0.1, threshold: null });
  expect(choose({ named: small })).toMatchObject({ score: null, threshold: null });
  expect(choose({ shared: false })).toMatchObject({ score: null, threshold: null });
});

test('with a share, a premium tier comes first with a permit or where nothing else is there, and no permit is taken for nothing', () => {
  const one = fc.option(fc.constantFrom(...TIERS), { nil: undefined });
  const score = fc.double({ min: -1, max: 1, noNaN: true });
  const some = fc.shuffledSubarray(TIERS, { minLength: 1 });
  fc.assert(fc.property(some, one, one, score, fc.option(score, { nil: undefined }), fc.boolean(), (tiers, named, pinned, value, threshold, room) => {
    const among = (tier: ChoosableTier | undefined): ChoosableTier | undefined => tier !== undefined && tiers.includes(tier) ? tier : undefined;
    const taken: string[] = [];
    const decision = choose({
      tiers, named: among(named), pinned: among(pinned), weigh: () => ({ score: value, threshold }),
      permit: choice => {
        if (!room) return undefined;
        taken.push(choice);
        return PERMIT;
      },
    });
    expect([...decision.tiers].map(({ id }) => id).sort()).toEqual(tiers.map(({ id }) => id).sort());
    expect(taken).toHaveLength(decision.permit === undefined ? 0 : 1);
    if (decision.permit !== undefined) expect(decision.tiers[0]!.premium).toBe(true);
    else if (tiers.some(tier => !tier.premium)) expect(decision.tiers[0]!.premium).toBe(false);
  }));
});
