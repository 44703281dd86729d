/** What a client is told when its call is not answered: an HTTP status and an error in OpenAI's shape that names the remedy. */

/** A refusal's name for programs: `error.code` of the reply and `error` of the usage record. */
export type RefusalCode =
  | 'invalid_api_key' | 'expired_api_key' | 'unknown_workflow' | 'unknown_model' | 'invalid_request' | 'invalid_json' | 'request_too_large'
  | 'unsupported_encoding' | 'not_found' | 'method_not_allowed' | 'rate_limit_exceeded' | 'budget_throttled' | 'budget_exhausted' | 'budget_store_unavailable'
  | 'upstream_failed' | 'overloaded' | 'internal_error';

const STATUS: Record<RefusalCode, number> = {
  invalid_api_key: 401, expired_api_key: 401, unknown_workflow: 400, unknown_model: 404, invalid_request: 400, invalid_json: 400, request_too_large: 413,
  unsupported_encoding: 415, not_found: 404, method_not_allowed: 405, rate_limit_exceeded: 429, budget_throttled: 429, budget_exhausted: 402,
  budget_store_unavailable: 503, upstream_failed: 503, overloaded: 503, internal_error: 500,
};

export class Refusal extends Error {
  public override readonly name = 'Refusal';
  public readonly status: number;

  public constructor(public readonly code: RefusalCode, message: string, public readonly retryAfterMs?: number) {
    super(message);
    this.status = STATUS[code];
  }

  /** Whole seconds, rounded up: what the retry-after header can say. */
  public get retryAfterSeconds(): number | undefined {
    return this.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(this.retryAfterMs / 1000));
  }

  public body(): string {
    return JSON.stringify({ error: { message: this.message, type: typeOf(this.status), param: null, code: this.code } });
  }
}

/** The types OpenAI's clients know. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
