/** What the AI SDK threw, as an upstream's answer in OpenAI's shape, or as no answer. Its errors carry the prompt: only their message goes on. */
import { z } from 'zod';
import { retryAfterMs } from '../../../gateway/failures';
import { UpstreamError, UpstreamHead } from '../upstream/upstream';
import { BadRequest } from './bad-request';

export interface FailedReply {
  readonly head: UpstreamHead;
  readonly body: string;
}

/** Names of errors stay the same across versions of the SDK, of which more than one is loaded. */
const thrown = z.object({
  name: z.string().optional(),
  message: z.string(),
  cause: z.unknown().optional(),
  statusCode: z.number().optional(),
  responseHeaders: z.record(z.string(), z.string()).optional(),
  /** Of an error within a stream. */
  type: z.string().optional(),
  /** Of Anthropic's: the whole document, or as text the error within it. */
  data: z.unknown().optional(),
  responseBody: z.string().optional(),
});
type Thrown = z.infer<typeof thrown>;

const named = z.object({ type: z.string() });
const anthropicError = z.union([z.object({ error: named }).transform(({ error }) => error), named]);
const causes = z.object({ code: z.string().optional(), cause: z.unknown().optional() });

/** The SDK's own refusals of a request that its provider cannot express. */
const UNSUPPORTED = new Set(['AI_UnsupportedFunctionalityError', 'AI_InvalidPromptError', 'AI_InvalidArgumentError', 'AI_TooManyEmbeddingValuesForCallError']);
const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

export function failureOf(error: unknown, now: number): FailedReply | UpstreamError {
  const said = thrown.safeParse(error).data;
  if (!said) return new UpstreamError('reply', 'failed without saying why');
  if (error instanceof BadRequest) return failedReply(400, said.message, { param: error.param, code: 'invalid_request' });
  if (said.name !== undefined && UNSUPPORTED.has(said.name)) return failedReply(400, said.message, { code: 'invalid_request' });
  if (said.statusCode !== undefined && said.statusCode >= 400) {
    return failedReply(statusFor(said.statusCode), said.message || `HTTP status ${said.statusCode}`, { code: codeOf(said), retryAfterMs: retryAfterMs(said.responseHeaders?.['retry-after'], said.responseHeaders?.['retry-after-ms'], now) });
  }
  return brokenOff(said);
}

/** Within a stream that has begun there is no status left to give. */
export function cutOf(error: unknown): UpstreamError {
  const said = thrown.safeParse(error).data;
  return said ? brokenOff(said) : new UpstreamError('reply', 'broke off without saying why');
}

/** A code such as ECONNREFUSED where there is one: messages name addresses, or quote the answer that does not fit. */
function brokenOff(said: Thrown): UpstreamError {
  // The SDK asks for credentials before it sends anything.
  if (said.message.startsWith('AWS credential provider failed')) return new UpstreamError('connect', 'the process has no AWS credentials');
  const code = codeWithin(said.cause);
  if (code !== undefined) return new UpstreamError(NOT_REACHED.has(code) || TLS.test(code) ? 'connect' : 'reply', code);
  if (said.name === 'AI_APICallError' || said.name === 'AI_TypeValidationError' || said.name === 'AI_JSONParseError') return new UpstreamError('reply', 'sent what is not in the shape of its API');
  return new UpstreamError('reply', said.message);
}

function codeWithin(error: unknown, depth = 0): string | undefined {
  const said = causes.safeParse(error).data;
  if (!said || depth > 5) return undefined;
  return said.code ?? codeWithin(said.cause, depth + 1);
}

/** 424 is a model of Bedrock that failed, not the caller's mistake. */
const statusFor = (status: number): number => status === 424 ? 502 : status;

/** The provider's own name of the error: Anthropic in its body, Bedrock in a header. */
function codeOf({ type, data, responseBody, responseHeaders }: Thrown): string | null {
  const ofBedrock = responseHeaders?.['x-amzn-errortype']?.split(':')[0];
  return type ?? ofBedrock ?? anthropicError.safeParse(data ?? parsed(responseBody)).data?.type ?? null;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failedReply(status: number, message: string, more: { param?: string | null; code: string | null; retryAfterMs?: number | undefined }): FailedReply {
  return {
    head: { status, contentType: 'application/json', retryAfterMs: more.retryAfterMs },
    body: JSON.stringify({ error: { message, type: typeOf(status), param: more.param ?? null, code: more.code } }),
  };
}

/** The types OpenAI's clients know. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
