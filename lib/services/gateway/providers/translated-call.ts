/** One call that is translated: OpenAI's bytes go out as events, and after an end, an error or an abort nothing follows. */
import { UpstreamCall, UpstreamError, UpstreamEvents } from '../upstream/upstream';
import { cutOf, failureOf } from './failure';

export class TranslatedCall implements UpstreamCall {
  private readonly aborter = new AbortController();
  private begun = false;
  private over = false;
  private paused: Promise<void> | undefined;
  private unpause = (): void => undefined;

  public constructor(private readonly events: UpstreamEvents) {}

  /** Does the work from the next turn on, so that no event comes before the caller holds the call. */
  public start(work: () => Promise<void>): this {
    setImmediate(() => {
      if (!this.over) work().catch((error: unknown) => { this.fail(error); });
    });
    return this;
  }

  public get signal(): AbortSignal {
    return this.aborter.signal;
  }

  public get ended(): boolean {
    return this.over;
  }

  /** Resolves when more may be read. */
  public get flowing(): Promise<void> | undefined {
    return this.paused;
  }

  public pause(): void {
    this.paused ??= new Promise(resolve => { this.unpause = resolve; });
  }

  public resume(): void {
    this.paused = undefined;
    this.unpause();
  }

  public abort(): void {
    this.over = true;
    this.aborter.abort();
    this.resume();
  }

  public whole(body: object): void {
    this.reply({ status: 200, contentType: 'application/json', retryAfterMs: undefined }, JSON.stringify(body));
  }

  /** The status waits for the first event: an error before it still has one of its own. */
  public event(data: object): void {
    if (this.over) return;
    if (!this.begun) this.events.head({ status: 200, contentType: 'text/event-stream', retryAfterMs: undefined });
    this.begun = true;
    this.events.data(Buffer.from(`data: ${JSON.stringify(data)}\n\n`));
  }

  public done(): void {
    if (this.over) return;
    this.over = true;
    this.events.data(Buffer.from('data: [DONE]\n\n'));
    this.events.end();
  }

  public fail(error: unknown): void {
    if (this.over) return;
    const failure = this.begun ? cutOf(error) : failureOf(error, Date.now());
    if (failure instanceof UpstreamError) {
      this.over = true;
      this.events.error(failure);
    } else {
      this.reply(failure.head, failure.body);
    }
    this.aborter.abort();
  }

  private reply(head: Parameters<UpstreamEvents['head']>[0], body: string): void {
    if (this.over) return;
    this.events.head(head);
    // Its taker may have aborted at the head.
    if (this.ended) return;
    this.over = true;
    this.events.data(Buffer.from(body));
    this.events.end();
  }
}
