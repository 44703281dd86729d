/** A call to an endpoint that failed before its answer began: the reason in words fit for a client, and what may follow. */
import { Cause, Verdict, codeOf, errorIn, statusOf, verdictOn } from '../../../gateway/failures';
import { FailedAnswer } from './answer';
import { UpstreamError, UpstreamHead } from './upstream';

export interface Failure extends Omit<FailedAnswer, 'attempts' | 'blame'> {
  readonly verdict: Verdict;
}

export function failure(cause: Exclude<Cause, object>, reason: string): Failure {
  return { kind: 'failed', verdict: verdictOn(cause), reason, status: undefined, body: undefined, retryAfterMs: undefined };
}

/** A reply of another status than 200, with as much of its body as came. */
export function statusFailure({ status, retryAfterMs }: UpstreamHead, body: Buffer | undefined): Failure {
  const document = body && parseObject(body.toString('utf8'));
  return withStatus(status, document && errorIn(document), retryAfterMs);
}

/** An error in a reply of status 200: one that names a status of HTTP is judged by it. */
export function errorFailure(error: unknown): Failure {
  const status = statusOf(error);
  return status === undefined ? failure('error-reply', `the upstream replied with an error${codeOf(error)}`) : withStatus(status, error, undefined);
}

/** An upstream that broke off: before its head nobody knows what became of the request, after it the reply is half. */
export function brokenFailure(error: UpstreamError, headSeen: boolean): Failure {
  if (error.stage === 'connect') return failure('connect', `the upstream cannot be reached: ${error.message}`);
  return failure(headSeen ? 'half-reply' : 'broken', `the upstream broke off: ${error.message}`);
}

function withStatus(status: number, error: unknown, retryAfterMs: number | undefined): Failure {
  const verdict = verdictOn({ status });
  const reason = `the upstream replied with status ${status}${codeOf(error)}`;
  return { kind: 'failed', verdict, reason, status, retryAfterMs, body: verdict.blame === 'client' ? clientError(error, reason) : undefined };
}

/** The upstream's own error; one that is none of OpenAI's is told in its shape. */
function clientError(error: unknown, reason: string): Buffer {
  const told = isObject(error) ? error : { message: typeof error === 'string' ? error : reason, type: 'invalid_request_error', param: null, code: null };
  return Buffer.from(JSON.stringify({ error: told }));
}

/** A JSON object, or undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
