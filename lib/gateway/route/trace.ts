/** What the steps of a route decide about a call, told as it happens: the usage record explains it even when a later step fails. */
import { RouteRecord } from '../../contracts/usage-record';

export type RouteTrace = { -readonly [K in keyof RouteRecord]: RouteRecord[K] };

export const newTrace = (): RouteTrace => ({
  answeredBy: null, bypass: null, cache: 'off', class: null, choice: null, score: null, threshold: null, failedChecks: null, escalation: null, trimmed: null,
});
