/** Tokens of one call, on average: what bounds a replica by memory, and sets its pace. */
export interface CallShape {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
