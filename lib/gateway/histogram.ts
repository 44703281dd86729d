/**
 * Durations in buckets that grow by 4 %, so that any order statistic is known to 2 % whatever the number of values, in a
 * bounded place.
 */
const ERROR = 0.02;
const GROWTH = (1 + ERROR) / (1 - ERROR);
const LOG_GROWTH = Math.log(GROWTH);
/** In milliseconds: what is shorter counts as a tenth of one, what is longer as three hours. */
const [SHORTEST, LONGEST] = [0.1, 3 * 3600 * 1000];
const bucketOf = (value: number): number => Math.max(Math.ceil(Math.log(value / SHORTEST) / LOG_GROWTH), 0);
const BUCKETS = bucketOf(LONGEST) + 1;

export class Histogram {
  private readonly counts = new Uint32Array(BUCKETS);
  private total = 0;

  public add(value: number): void {
    const bucket = bucketOf(Math.min(Math.max(value, SHORTEST), LONGEST));
    this.counts[bucket] = this.counts[bucket]! + 1;
    this.total++;
  }

  public get count(): number {
    return this.total;
  }

  /** Ascending: all values where they are at most so many, else evenly spaced order statistics, the least and the greatest among them. */
  public values(most: number): number[] {
    const size = Math.min(most, this.total);
    const values: number[] = [];
    let bucket = -1;
    let below = 0;
    for (let i = 0; i < size; i++) {
      const rank = size === 1 ? 0 : Math.round(i * (this.total - 1) / (size - 1));
      while (below <= rank) below += this.counts[++bucket]!;
      values.push(valueOf(bucket));
    }
    return values;
  }
}

/** The middle of a bucket, to which its ends are equally far in percent; 4 digits are more than it knows. */
const valueOf = (bucket: number): number => Number((bucket === 0 ? SHORTEST : SHORTEST * 2 * GROWTH ** bucket / (GROWTH + 1)).toPrecision(4));
