/**
 * A product's 20,000 calls, a new customer's among them from the middle on, through the gateway with every step of the route on:
 * the premium share is held before and after, each record explains its call, and records and upstream tell the same to the token.
 */
import { UsageRecord } from '../../lib/contracts/usage-record';
import { MAX_PREMIUM_SHARE_PERCENT, TRIAL_BUDGET, configAt } from './harness/replay/config';
import { unexplained } from './harness/replay/explained';
import { Replayed, Served, replay } from './harness/replay/replay';
import { Summary, WINDOW, billOf, byModel, premiumInWindows, premiumShareOf, summaryOf } from './harness/replay/summary';
import { CALLS, HALF, TENANTS, Workflow, traffic } from './harness/replay/traffic';
import { ReplayUpstream } from './harness/replay/upstream';

const WORKFLOWS: readonly Workflow[] = ['Assist', 'Extract'];

/**
 * The share is promised for calls in the order they arrive at a model. Records come in the order in which calls end: at the edges
 * of a window there are others, and one or two of them are premium that would not be.
 */
const MOST_ELSEWHERE = 3;

let upstream: ReplayUpstream;
let replayed: Replayed;
let summary: Summary;
let byRequest: ReadonlyMap<string, Served>;
/** Of the model's reply the call it was made for. */
let firstOf: ReadonlyMap<string, Served>;

beforeAll(async () => {
  const calls = traffic();
  upstream = await ReplayUpstream.start(calls.map(({ question }) => question));
  replayed = await replay(calls, upstream, configAt('trimming', upstream.url, TRIAL_BUDGET));
  summary = summaryOf(replayed);
  byRequest = new Map(replayed.served.map(each => [each.record.request, each]));
  firstOf = new Map(replayed.asked.map(({ id, request }) => [id, byRequest.get(request)!]));
}, 180_000);
afterAll(() => upstream?.stop());

const recordsOf = (holds: (served: Served) => boolean): UsageRecord[] => replayed.served.filter(holds).map(({ record }) => record);
const inOrder = (records: readonly UsageRecord[]): UsageRecord[] => records.toSorted((a, b) => a.seq - b.seq);
const fromCache = (): Served[] => replayed.served.filter(({ record }) => record.route.answeredBy === 'cache');

test('every call is answered whole, and has one record', () => {
  expect(replayed.served.filter(({ given }) => given.status !== 200 || !given.complete)).toEqual([]);
  expect(inOrder(recordsOf(() => true)).map(({ seq }) => seq)).toEqual(Array.from({ length: CALLS }, (_, i) => i + 1));
});

test('every record explains its call', () => {
  const open = replayed.served.flatMap(({ record, call }) => unexplained(record, call, { cache: true, share: true, checks: true, trimming: true }));
  expect([open.length, open.slice(0, 10)]).toEqual([0, []]);
});

test('each step has its part', () => {
  const { bypass, cache, shared, cheap, premium, escalated, flagged, trimmed, degraded } = summary;
  expect(bypass + cache + cheap + premium).toBe(CALLS);
  for (const [step, count, least] of [
    ['bypass', bypass, 1_500], ['cache', cache, 2_000], ['shared', shared, 50], ['escalated', escalated, 1_000], ['flagged', flagged, 100], ['trimmed', trimmed, 500], ['degraded', degraded, 50],
  ] as const) expect([step, count >= least]).toEqual([step, true]);
  const seen = new Set(replayed.served.flatMap(({ record: { route } }) => [`choice ${route.choice}`, `escalation ${route.escalation}`]));
  for (const decision of ['named', 'pinned', 'gain', 'below-threshold', 'no-gain', 'share-full']) expect([...seen]).toContain(`choice ${decision}`);
  for (const decision of ['not-needed', 'made', 'is-premium', 'no-gain', 'share-full', 'budget']) expect([...seen]).toContain(`escalation ${decision}`);
});

describe('the premium share', () => {
  /** A share is only a share of enough calls; it is held from the first one on, but used in full later. */
  const settled = (records: readonly UsageRecord[], after: number): UsageRecord[] => records.filter(byModel).slice(after);

  test.each(['before', 'after'] as const)('is used, and kept, %s the new customer comes', half => {
    const records = recordsOf(({ call }) => call.index < HALF === (half === 'before'));
    const share = premiumShareOf(settled(records, half === 'before' ? WINDOW : 0));
    expect(share).toBeGreaterThan(MAX_PREMIUM_SHARE_PERCENT - 1);
    expect(share).toBeLessThanOrEqual(MAX_PREMIUM_SHARE_PERCENT);
  });

  test.each(WORKFLOWS)('is never more in any 1,000 calls of %s in a row', workflow => {
    const windows = premiumInWindows(inOrder(recordsOf(({ record }) => record.workflow === workflow)));
    expect(windows.length).toBeGreaterThan(1_000);
    expect(Math.max(...windows)).toBeLessThanOrEqual(WINDOW * MAX_PREMIUM_SHARE_PERCENT / 100 + MOST_ELSEWHERE);
    // Nor does it sink: what is not used for long was lost.
    expect(Math.min(...windows)).toBeGreaterThan(WINDOW * (MAX_PREMIUM_SHARE_PERCENT - 3) / 100);
  });

  test('is that of what the upstream was asked', () => {
    expect(recordsOf(() => true).reduce((sum, { premiumCalls }) => sum + premiumCalls, 0)).toBe(replayed.accounts.premium.calls);
    expect(recordsOf(() => true).reduce((sum, { attempts }) => sum + attempts, 0)).toBe(replayed.accounts.premium.calls + replayed.accounts.cheap.calls);
  });
});

test('the records cost what the upstream bills, exactly', () => {
  expect(summary.costUsd.toFixed()).toBe(billOf(replayed).toFixed());
});

test('what the cache saved is what the answers had cost', () => {
  for (const { record, given } of fromCache()) expect(record.savedUsd).toBe(firstOf.get(given.id)!.record.costUsd);
});

test('no tenant is given what was made for another', () => {
  const others = (id: string): string[] => TENANTS.filter(tenant => tenant.id !== id).map(({ mark }) => mark);
  const wrong = replayed.served.filter(({ call: { tenant, question }, given, record }) =>
    (record.route.answeredBy !== 'bypass' && firstOf.get(given.id)!.call.tenant.id !== tenant.id)
    || !given.content.includes(question.mark) || others(tenant.id).some(mark => given.content.includes(mark)));
  expect(wrong).toEqual([]);
  expect(replayed.served.filter(({ call, record }) => call.copied && byModel(record)).length).toBeGreaterThan(50);
});

test('a kept answer is the first one again', () => {
  for (const { call, given } of fromCache()) {
    const { call: first, given: { content, finishReason, fingerprint }, record: { route, degraded } } = firstOf.get(given.id)!;
    expect(first.body).toBe(call.body);
    expect([route.failedChecks, route.trimmed, degraded]).toEqual([[], null, false]);
    expect(given).toMatchObject({ content, finishReason, fingerprint });
  }
});

test('it pays, and the answers are good', () => {
  // By the premium model alone it is $62.33 and 94.2%, by the cheap one 79.8% (npm run replay:routing).
  expect(summary.costUsd.toNumber()).toBeLessThan(16);
  expect(summary.quality).toBeGreaterThan(89);
});
