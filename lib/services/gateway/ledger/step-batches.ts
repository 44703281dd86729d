/**
 * Steps to the store go together, as the commits of a database do: while some are under way, what arrives waits and goes when
 * they are answered. Alone, a step waits for nobody; under load there are more steps in a batch, not more batches.
 */

/** One answer per step, in their order. */
export type Send<Step, Answer> = (steps: readonly Step[]) => Promise<readonly Answer[]>;

/** So many steps take the store 1 to 2 ms, in which it does nothing else. */
export const STEPS_AT_MOST = 64;
/** Sooner a store in the same region has answered. If it has not, its silence is not passed on to those behind. */
export const HELD_UP_AT_MOST_MS = 10;

interface Waiting<Step, Answer> {
  readonly step: Step;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class StepBatches<Step, Answer> {
  private waiting: Waiting<Step, Answer>[] = [];
  /** The last that was sent, until it is answered. */
  private underWay: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;

  public constructor(private readonly send: Send<Step, Answer>) {}

  /** Rejects with what its whole batch failed of. */
  public take(step: Step): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ step, resolve, reject });
      if (this.underWay === undefined) this.sendSoon();
      else this.timer ??= setTimeout(() => { this.sendWaiting(); }, HELD_UP_AT_MOST_MS);
    });
  }

  /** Sends what waits; resolves when it is answered or has failed. */
  public async flush(): Promise<void> {
    this.sendWaiting();
    await this.underWay;
  }

  /** With what else this turn of the event loop brings: the other sockets that are ready. */
  private sendSoon(): void {
    this.soon ??= setImmediate(() => { this.sendWaiting(); });
  }

  private sendWaiting(): void {
    clearTimeout(this.timer);
    clearImmediate(this.soon);
    this.timer = this.soon = undefined;
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    for (let from = 0; from < waiting.length; from += STEPS_AT_MOST) {
      const batch = this.answer(waiting.slice(from, from + STEPS_AT_MOST)).then(() => {
        if (this.underWay !== batch) return;
        this.underWay = undefined;
        if (this.waiting.length > 0) this.sendSoon();
      });
      this.underWay = batch;
    }
  }

  /** Never rejects: each step hears of its failure. */
  private async answer(batch: readonly Waiting<Step, Answer>[]): Promise<void> {
    try {
      const answers = await this.send(batch.map(({ step }) => step));
      if (answers.length !== batch.length) throw new Error(`The store gave ${answers.length} answers to ${batch.length} steps.`);
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
