/** The tiers a call may be asked of, in turn, and whether a premium one still has room in its share. */
export interface Order<T> {
  readonly tiers: readonly T[];
  /** The first tier is the gateway's own choice: where it cannot take the call, another one may. Else its bounds hold for the call. */
  readonly flexible: boolean;
  /** Nobody goes without an answer where none is made: then a budget that degrades ends it, too, though it spares the cheapest tier of a call. */
  readonly spare: boolean;
  /** To be asked before a tier is; undefined: not now. What is not used is given back. */
  admit(tier: T): Permit | undefined;
  /** A model is asked now: the call counts in the premium share. */
  reached(): void;
}

export interface Permit {
  /** No model was asked by it, or none that would bill. */
  giveBack(): void;
}
