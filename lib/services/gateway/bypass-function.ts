/**
 * A function that may answer a call instead of a model, asked over HTTP. It can only help: whatever is wrong with it, the call goes
 * on without it when the deadline is over, and while it fails it is left alone.
 */
import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import { Dispatcher, Pool } from 'undici';
import { InputError } from '../../errors';
import { FunctionRule, Question } from '../../gateway/bypass/bypass';
import { Pieces } from '../../gateway/pieces';

/** A call beyond waits for a free one within its deadline. */
const MOST_CONNECTIONS = 256;
const MOST_BYTES = 1024 * 1024;
/** In a row; calls at the same time may each wait out their deadline before the first failures are known. */
const MOST_FAILURES = 5;
const REST_MS = 5_000;

type Outcome = { readonly content: string | undefined } | { readonly failed: string };

export class BypassFunction {
  private readonly path: string;
  private readonly headers: readonly string[];
  private readonly pool: Pool;
  private readonly deadlineMs: number;
  private readonly breaker = circuitBreaker(handleWhenResult(outcome => 'failed' in (outcome as Outcome)), {
    breaker: new ConsecutiveBreaker(MOST_FAILURES), halfOpenAfter: REST_MS,
  });

  /** `failed` is told why an answer did not come, without a word of what did. */
  public constructor({ url, timeoutSeconds }: Pick<FunctionRule, 'url' | 'timeoutSeconds'>, apiKey: string | undefined, private readonly failed: (reason: string) => void) {
    const { username, password, host, origin, pathname, search } = new URL(url);
    if (username !== '' || password !== '') throw new InputError(`url holds a user or a password (host ${host}): leave them out and give the key as apiKey.`);
    this.path = `${pathname}${search}`;
    this.headers = ['content-type', 'application/json', 'user-agent', 'cdk-ai-margin', ...authorization(apiKey)];
    this.deadlineMs = timeoutSeconds * 1000;
    this.pool = new Pool(origin, { connections: MOST_CONNECTIONS, connectTimeout: this.deadlineMs, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  }

  /** undefined: it leaves the call to others, or failed. */
  public async ask(question: Question): Promise<string | undefined> {
    // Another call is finding out whether it is well again.
    if (this.breaker.state === CircuitState.HalfOpen) return undefined;
    try {
      const outcome = await this.breaker.execute(() => this.request(question));
      if (!('failed' in outcome)) return outcome.content;
      this.failed(outcome.failed);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) this.failed(reasonOf(error as Error));
    }
    return undefined;
  }

  public close(): Promise<void> {
    return this.pool.close();
  }

  private request({ request, ...question }: Question): Promise<Outcome> {
    return new Promise(resolve => {
      const call = new FunctionCall(resolve);
      const timer = setTimeout(() => { call.end({ failed: `no answer within ${this.deadlineMs / 1000} s` }); }, this.deadlineMs);
      call.onEnd = (): void => { clearTimeout(timer); };
      this.pool.dispatch({ method: 'POST', path: this.path, headers: [...this.headers, 'x-request-id', request], body: JSON.stringify(question) }, call);
    });
  }
}

class FunctionCall implements Dispatcher.DispatchHandler {
  public onEnd: () => void = () => undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private readonly body = new Pieces();
  private over = false;

  public constructor(private readonly tell: (outcome: Outcome) => void) {}

  /** The first end counts. A reply that is still coming is given up with its connection. */
  public end(outcome: Outcome): void {
    if (this.over) return;
    this.over = true;
    this.onEnd();
    this.tell(outcome);
    this.controller?.abort(new Error('the call was given up'));
  }

  public onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.over) controller.abort(new Error('the call was given up'));
  }

  public onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    // 1xx: the reply itself is still to come. A redirect would take the prompt and the key elsewhere.
    if (status < 200) return;
    this.status = status;
    if (status !== 200 && status !== 204) this.end({ failed: `status ${status}` });
  }

  public onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over) return;
    this.body.add(chunk);
    if (this.body.bytes > MOST_BYTES) this.end({ failed: `an answer of more than ${MOST_BYTES} bytes` });
  }

  public onResponseEnd(): void {
    this.controller = undefined;
    this.end(this.status === 204 ? { content: undefined } : contentOf(this.body.whole().toString('utf8')));
  }

  public onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.controller = undefined;
    this.end({ failed: reasonOf(error) });
  }
}

function contentOf(text: string): Outcome {
  try {
    const document: unknown = JSON.parse(text);
    const content = typeof document === 'object' && document !== null && 'content' in document ? document.content : undefined;
    return typeof content === 'string' && content !== '' ? { content } : { failed: 'an answer without content, which is to be a text that is not empty' };
  } catch {
    // The parser's own words quote the answer.
    return { failed: 'an answer that is not JSON' };
  }
}

function authorization(apiKey: string | undefined): string[] {
  if (apiKey === undefined) return [];
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new InputError('apiKey holds a space, a line end or another character that no header can carry: look for a line end at its end.');
  return ['authorization', `Bearer ${apiKey}`];
}

/** A code such as ECONNREFUSED; a message could name an address. */
const reasonOf = ({ code, name }: NodeJS.ErrnoException): string => code ?? name;
