/**
 * Holds the premium models to their share of a workflow's calls: who wants to ask one takes a permit first, for whatever reason.
 * Each process holds the share of its own calls, so all of them together hold it.
 */
import { Permit } from '../route/order';
import { SlotCounts } from './slot-counts';

/** Calls looked back on: few enough that a share is held within minutes, enough that 1% of them is a number to steer by. */
export const WINDOW = 1000;

/**
 * In any WINDOW arrivals in a row at most the share is granted, since a grant counts at the newest arrival, whenever its call
 * came. So it is from the start up to any arrival as well: the first arrivals, fewer than WINDOW, hold it by themselves, and
 * the others are whole windows.
 */
export class PremiumShare {
  private readonly granted = new SlotCounts(WINDOW);

  /** undefined, or all: nothing is held back. */
  public constructor(private readonly maxPercent: number | undefined) {}

  /** A call reaches a model. One that is refused before does not count, or it would make room for others. */
  public arrived(): void {
    this.granted.arrived();
  }

  /** Premium calls that may be made now. */
  public get room(): number {
    return this.unlimited ? Infinity : (this.maxPercent! * this.granted.window) / 100 - this.granted.total;
  }

  /** undefined: the share is used up, or only `reserve` calls of it are left. */
  public take(reserve = 0): Permit | undefined {
    return this.room < 1 + reserve ? undefined : { giveBack: this.granted.book() };
  }

  private get unlimited(): boolean {
    return this.maxPercent === undefined || this.maxPercent >= 100;
  }
}
