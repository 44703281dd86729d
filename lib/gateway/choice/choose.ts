/** At which tier a call begins and which ones follow: the whole rule, without a state of its own. */
import { CHOICES } from '../../contracts/usage-record';
import { Permit } from '../route/order';

export type TierChoice = (typeof CHOICES)[number];

export interface ChoosableTier {
  readonly id: string;
  readonly premium: boolean;
}

export interface Choosing<T extends ChoosableTier> {
  /** That may serve the call, in the workflow's order. */
  readonly tiers: readonly T[];
  /** By the client. */
  readonly named: T | undefined;
  /** By the call's class. */
  readonly pinned: T | undefined;
  /** The route has a premium share to keep. */
  readonly shared: boolean;
  /** Asked for only where it decides: the expected gain, and the least one that is served by a premium tier at present; undefined: none is. */
  weigh(): { readonly score: number; readonly threshold: number | undefined };
  /** Must be held to begin at a premium tier; undefined: there is no room. */
  permit(choice: 'named' | 'pinned' | 'gain'): Permit | undefined;
}

export interface Decision<T> {
  readonly tiers: readonly T[];
  readonly choice: TierChoice;
  readonly score: number | null;
  readonly threshold: number | null;
  /** Held for the first tier, where it is a premium one that has to be permitted. */
  readonly permit: Permit | undefined;
}

export function chooseTier<T extends ChoosableTier>(call: Choosing<T>): Decision<T> {
  const { tiers, named, pinned, shared } = call;
  if (named !== undefined) return beginAt(named, 'named', call);
  if (pinned !== undefined) return beginAt(pinned, 'pinned', call);
  if (!shared || !isMixed(tiers)) return { tiers, choice: 'order', score: null, threshold: null, permit: undefined };
  const { score, threshold } = call.weigh();
  const cheap = { tiers: cheapFirst(tiers), score, threshold: threshold ?? null, permit: undefined };
  if (score <= 0) return { ...cheap, choice: 'no-gain' };
  if (threshold !== undefined && score < threshold) return { ...cheap, choice: 'below-threshold' };
  const permit = threshold === undefined ? undefined : call.permit('gain');
  return permit === undefined ? { ...cheap, choice: 'share-full' } : { ...cheap, tiers: premiumFirst(tiers), choice: 'gain', permit };
}

function beginAt<T extends ChoosableTier>(first: T, choice: 'named' | 'pinned', { tiers, shared, permit: take }: Choosing<T>): Decision<T> {
  const permit = first.premium && shared ? take(choice) : undefined;
  if (first.premium && shared && permit === undefined) return { tiers: cheapFirst(tiers), choice: 'share-full', score: null, threshold: null, permit };
  const others = tiers.filter(tier => tier !== first);
  return { tiers: [first, ...shared ? cheapFirst(others) : others], choice, score: null, threshold: null, permit };
}

const isMixed = (tiers: readonly ChoosableTier[]): boolean => tiers.some(tier => tier.premium) && tiers.some(tier => !tier.premium);

/** The premium ones are left for when the others fail. */
const cheapFirst = <T extends ChoosableTier>(tiers: readonly T[]): readonly T[] => [...tiers.filter(tier => !tier.premium), ...tiers.filter(tier => tier.premium)];

const premiumFirst = <T extends ChoosableTier>(tiers: readonly T[]): readonly T[] => [...tiers.filter(tier => tier.premium), ...tiers.filter(tier => !tier.premium)];
