/**
 * Chooses the tiers of a workflow's calls and holds its premium share, in one process. Of the share, what is needed when an answer
 * fails its checks or a cheap tier fails goes first, since that is evidence; what is left of it goes to the calls that are
 * expected to gain most.
 */
import { TaskClass } from '../../contracts/gateway-route';
import { Order, Permit } from '../route/order';
import { ChoosableTier, Decision, TierChoice, chooseTier } from './choose';
import { GainScore, declaredGain } from './gain-score';
import { PremiumShare, WINDOW } from './premium-share';
import { RollingQuantile, untied } from './rolling-quantile';
import { SlotCounts } from './slot-counts';

/** Of the premium calls that the share allows, a tenth and at most so many are left to those by evidence, which come irregularly: with 3, more of them find no room. */
const MOST_RESERVED = 4;
const RESERVED_PART = 0.1;
/**
 * Calls in which room that is left, or lacks, is to be made up for: when scores jump, few of the last ones are as the next. Within
 * fewer, the threshold sways, and calls of less gain are chosen; within more, the share is not used in full.
 */
const CORRECTED_WITHIN = 50;

export interface ToChoose<T extends ChoosableTier> {
  /** The call's id: decides between equal scores. */
  readonly request: string;
  /** That may serve it, in the workflow's order. */
  readonly tiers: readonly T[];
  /** By the client. */
  readonly named: T | undefined;
  readonly taskClass: TaskClass | undefined;
  /** The last message of the user. */
  readonly text: string | undefined;
}

export interface ChosenTiers<T> extends Order<T>, Omit<Decision<T>, 'permit'> {
  /** A model is asked now. Counts the call, once; to be told before it is, and not where it is refused. */
  reached(): void;
  /** No tier is asked any more: gives back what was held for the first one, where it was not asked for. */
  end(): void;
}

/** Choices of the gateway; the others are the client's or the configuration's. */
const OWN: readonly TierChoice[] = ['gain', 'below-threshold', 'no-gain', 'share-full'];

/** A tier that is no premium one needs none. */
const FREE: Permit = { giveBack: () => undefined };

export class TierChooser {
  private readonly share: PremiumShare;
  private readonly scores = new RollingQuantile();
  /** Premium calls by anything but expected gain, by which there are fewer. */
  private readonly others = new SlotCounts(WINDOW);

  public constructor(private readonly maxPremiumSharePercent: number | undefined, private readonly gain: GainScore = declaredGain) {
    this.share = new PremiumShare(maxPremiumSharePercent);
  }

  public choose<T extends ChoosableTier>({ request, tiers, named, taskClass, text }: ToChoose<T>): ChosenTiers<T> {
    const shared = this.maxPremiumSharePercent !== undefined;
    const { permit, ...decision } = chooseTier({
      tiers, named, shared,
      pinned: taskClass?.tier === undefined ? undefined : tiers.find(({ id }) => id === taskClass.tier),
      weigh: () => {
        const score = this.gain({ taskClass, text });
        return { score: score > 0 ? untied(score, request) : score, threshold: this.scores.leastOfTop(this.directShare()) };
      },
      permit: choice => choice === 'gain' ? this.share.take(this.reserve) : this.takeOther(this.reserve),
    });
    if (shared) this.scores.add(decision.score ?? -Infinity);
    return { ...decision, ...this.call(permit), spare: false, flexible: OWN.includes(decision.choice) };
  }

  /** For an escalation, or a premium tier after another one failed; undefined: the share is used up. */
  public take(): Permit | undefined {
    return this.takeOther(0);
  }

  /** To compare is no need: it leaves room for what is. */
  public takeForShadow(): Permit | undefined {
    return this.takeOther(this.reserve);
  }

  private call(direct: Permit | undefined): Omit<ChosenTiers<ChoosableTier>, keyof Decision<unknown> | 'spare' | 'flexible'> {
    let held = direct;
    let counted = false;
    return {
      admit: ({ premium }) => {
        if (!premium) return FREE;
        const permit = held ?? this.take();
        held = undefined;
        return permit;
      },
      reached: () => {
        if (counted) return;
        counted = true;
        this.share.arrived();
        this.others.arrived();
      },
      end: () => {
        held?.giveBack();
        held = undefined;
      },
    };
  }

  private takeOther(reserve: number): Permit | undefined {
    const permit = this.share.take(reserve);
    if (permit === undefined) return undefined;
    const takeBack = this.others.book();
    return {
      giveBack: () => {
        permit.giveBack();
        takeBack();
      },
    };
  }

  /** Of the calls, by expected gain: what the others leave, corrected by the room there is. */
  private directShare(): number {
    const room = this.share.room - this.reserve;
    const others = this.others.total / Math.max(this.others.window, 1);
    return Math.max(this.maxPremiumSharePercent! / 100 - others + room / CORRECTED_WITHIN, 0);
  }

  private get reserve(): number {
    return Math.min(MOST_RESERVED, RESERVED_PART * (this.maxPremiumSharePercent ?? 0) / 100 * this.others.window);
  }
}
