/** What a failed call to a model means: whose fault it is, where the same may be asked again, and whether the endpoint is ill. */

export type Cause =
  | { readonly status: number }
  /**
   * connect: it was never reached. broken: no reply came. timeout: none in time. half-reply: of status 200, and not to its end.
   * error-reply: an error in one of status 200. bad-reply: none of OpenAI's.
   */
  | 'connect' | 'broken' | 'timeout' | 'half-reply' | 'error-reply' | 'bad-reply';

export interface Verdict {
  readonly blame: 'client' | 'upstream';
  /** anywhere: also at the same endpoint, after a pause. elsewhere: at the tier's other endpoints. never: not at this tier. */
  readonly again: 'anywhere' | 'elsewhere' | 'never';
  /** It counts against the endpoint's breaker. */
  readonly ill: boolean;
  /** It may have generated what never came, and bill for it. */
  readonly mayBeBilled: boolean;
}

/** The request itself is at fault: malformed, too large, of a wrong type, or not to be processed. */
const CLIENT_STATUSES: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** The endpoint is well and asks for patience. */
const PATIENCE_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);

const ILL_ANYWHERE: Verdict = { blame: 'upstream', again: 'anywhere', ill: true, mayBeBilled: false };
/** The endpoint may be at it still: it is not asked for the same twice. */
const ILL_ELSEWHERE: Verdict = { blame: 'upstream', again: 'elsewhere', ill: true, mayBeBilled: false };
const PATIENCE: Verdict = { blame: 'upstream', again: 'anywhere', ill: false, mayBeBilled: false };
const CLIENT: Verdict = { blame: 'client', again: 'never', ill: false, mayBeBilled: false };
/** Our key, our model's name or our address is wrong; it is so at each call there, and another endpoint has its own. */
const MISCONFIGURED: Verdict = ILL_ELSEWHERE;
/** A proxy that gave up on a model at work. */
const GATEWAY_TIMEOUT = 504;

export function verdictOn(cause: Cause): Verdict {
  switch (cause) {
    case 'connect':
    case 'error-reply': return ILL_ANYWHERE;
    case 'broken': return { ...ILL_ANYWHERE, mayBeBilled: true };
    case 'timeout':
    case 'half-reply': return { ...ILL_ELSEWHERE, mayBeBilled: true };
    case 'bad-reply': return ILL_ELSEWHERE;
  }
  if (CLIENT_STATUSES.has(cause.status)) return CLIENT;
  if (PATIENCE_STATUSES.has(cause.status)) return PATIENCE;
  if (cause.status === GATEWAY_TIMEOUT) return { ...ILL_ELSEWHERE, mayBeBilled: true };
  return cause.status >= 500 ? ILL_ANYWHERE : MISCONFIGURED;
}

/** What a document says went wrong, in OpenAI's shape or in vLLM's old one; undefined where it is no error. */
export function errorIn(document: Readonly<Record<string, unknown>>): unknown {
  if (document.object === 'error') return document;
  return document.error || undefined;
}

/** The HTTP status that an error inside a reply stands for, as vLLM and OpenRouter write it. */
export function statusOf(error: unknown): number | undefined {
  const code = propertyOf(error, 'code');
  return typeof code === 'number' && Number.isInteger(code) && code >= 400 && code < 600 ? code : undefined;
}

/** The error's code or type in brackets. Its message may quote a prompt or a part of a key, so it is not told. */
export function codeOf(error: unknown): string {
  const name = [propertyOf(error, 'code'), propertyOf(error, 'type')].find(value => typeof value === 'number' || (typeof value === 'string' && /^[\w.-]{1,60}$/.test(value)));
  return name === undefined ? '' : ` (${String(name)})`;
}

const propertyOf = (value: unknown, key: 'code' | 'type'): unknown => typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;

/** The header retry-after, in seconds or as a date, or the finer retry-after-ms; undefined where neither can be read. */
export function retryAfterMs(retryAfter: string | undefined, inMs: string | undefined, now: number): number | undefined {
  if (inMs !== undefined && /^\d{1,9}(\.\d+)?$/.test(inMs)) return Number(inMs);
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
