/** What a reply's headers tell about the way it came: everything that was done to the call is seen by who made it. */
import { RouteTrace } from './route/trace';

export const TIER = 'x-ai-margin-tier';
/** Of a stream that comes as the model makes it, a trailer. */
export const COST = 'x-ai-margin-cost-usd';

export interface Way {
  readonly trace: RouteTrace;
  /** That made the answer, now or when it was kept. */
  readonly tier?: string | undefined;
  /** Of a kept answer, seconds since it was made. */
  readonly age?: number;
  readonly degraded: boolean;
  /** Tiers: whose answer failed a check, and which was asked instead. The better answer of the two is given. */
  readonly escalated?: { readonly from: string; readonly to: string } | undefined;
}

export function replyHeaders({ trace, tier, age, degraded, escalated }: Way): Record<string, string> {
  const { answeredBy, bypass, failedChecks, trimmed } = trace;
  const headers: Record<string, string> = {};
  if (answeredBy !== null) headers['x-ai-margin-answered-by'] = bypass === null ? answeredBy : `${answeredBy} ${bypass}`;
  if (tier !== undefined) headers[TIER] = tier;
  // As HTTP's own caches say it.
  if (age !== undefined) headers.age = String(age);
  if (degraded) headers['x-ai-margin-degraded'] = 'budget';
  if (trimmed !== null) headers['x-ai-margin-trimmed'] = `${trimmed.before} to ${trimmed.after} tokens: ${trimmed.by.join(', ')}`;
  if (escalated !== undefined) headers['x-ai-margin-escalated'] = `${escalated.from} to ${escalated.to}`;
  if (failedChecks !== null && failedChecks.length > 0) headers['x-ai-margin-failed-checks'] = failedChecks.join(', ');
  return headers;
}
