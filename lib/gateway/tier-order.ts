/** Which tier serves next: the workflow's order after a failure, the next cheaper one when a budget degrades. Never one twice. */
export interface Candidate {
  readonly id: string;
  /** What a call like this may cost there at most. */
  readonly price: number;
}

export class TierOrder<C extends Candidate> {
  private readonly left: C[];
  private readonly cheapestPrice: number;
  /** How many there were in the beginning. */
  public readonly size: number;

  /** Candidates in the workflow's order, at least one. */
  public constructor(candidates: readonly C[]) {
    this.left = [...candidates];
    this.size = candidates.length;
    this.cheapestPrice = Math.min(...candidates.map(candidate => candidate.price));
  }

  /** The next in the workflow's order; undefined when all were tried. */
  public next(): C | undefined {
    return this.left.shift();
  }

  /** The dearest of those cheaper than the one whose budget is exhausted. */
  public cheaperThan({ price }: C): C | undefined {
    const cheaper = this.left.filter(candidate => candidate.price < price);
    const next = cheaper.reduce<C | undefined>((best, candidate) => best === undefined || candidate.price > best.price ? candidate : best, undefined);
    if (next !== undefined) this.left.splice(this.left.indexOf(next), 1);
    return next;
  }

  public isCheapest({ price }: C): boolean {
    return price <= this.cheapestPrice;
  }
}
