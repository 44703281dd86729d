/** The rule itself: records that explain their calls pass, and whatever is changed in one of them is seen. */
import { UsageRecord } from '../../../../lib/contracts/usage-record';
import { On, unexplained } from './explained';
import { ReplayedCall, traffic } from './traffic';

const ON: On = { cache: true, share: true, checks: true, trimming: true };
const calls = traffic(4_000);
const callOf = (holds: (call: ReplayedCall) => boolean): ReplayedCall => calls.find(call => !call.named && call.temperature === 0 && holds(call))!;

const base = ({ tenant, workflow, stream }: ReplayedCall): Pick<UsageRecord, Exclude<keyof UsageRecord, keyof Answer>> => ({
  type: 'usage', version: 1, process: 'p', seq: 1, request: 'r', at: '2026-02-01T08:00:00.000Z', kind: 'chat', key: tenant.id, tenant: tenant.id, workflow, run: null,
  outcome: 'answered', status: 200, error: null, stream, shadowOf: null, lostUsd: '0', unknownCost: null, revenueUsd: '0', runs: 1, latencyMs: 3, firstEventMs: 2,
});
type Answer = Pick<UsageRecord, 'tier' | 'model' | 'premium' | 'premiumCalls' | 'route' | 'otherAnswer' | 'degraded' | 'attempts' | 'usage' | 'tokens' | 'costUsd' | 'savedUsd'>;

const tokens = (input: number, output: number): UsageRecord['tokens'] => ({ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
const NOTHING: UsageRecord['route'] = {
  answeredBy: null, bypass: null, cache: 'off', class: null, choice: null, score: null, threshold: null, failedChecks: null, escalation: null, trimmed: null,
};
const FREE: Omit<Answer, 'route'> = {
  tier: null, model: null, premium: false, premiumCalls: 0, otherAnswer: null, degraded: false, attempts: 0, usage: 'none', tokens: tokens(0, 0), costUsd: '0', savedUsd: '0',
};
const CHEAP: Omit<Answer, 'route'> = { ...FREE, tier: 'Cheap', model: 'replay-small', attempts: 1, usage: 'provider', tokens: tokens(1_000, 100), costUsd: '0.00026' };
const PREMIUM: Omit<Answer, 'route'> = { ...CHEAP, tier: 'Premium', model: 'replay-large', premium: true, premiumCalls: 1, costUsd: '0.0045' };
const MODEL: UsageRecord['route'] = { ...NOTHING, answeredBy: 'model', cache: 'miss', class: 'math', failedChecks: [], escalation: 'not-needed' };

const math = callOf(({ question }) => question.kind === 'math');
const long = callOf(({ question, body }) => question.kind === 'rag' && body.length > 8_000);

const GOOD: Readonly<Record<string, readonly [ReplayedCall, Answer]>> = {
  'by a rule': [callOf(({ question }) => question.kind === 'faq'), { ...FREE, route: { ...NOTHING, answeredBy: 'bypass', bypass: 'listed' } }],
  'from the cache': [math, { ...FREE, savedUsd: '0.01', route: { ...NOTHING, answeredBy: 'cache', cache: 'hit' } }],
  'by gain': [math, { ...PREMIUM, route: { ...MODEL, choice: 'gain', score: 0.3, threshold: 0.2 } }],
  'below the threshold': [math, { ...CHEAP, route: { ...MODEL, choice: 'below-threshold', score: 0.3, threshold: 0.31 } }],
  'flagged': [math, { ...CHEAP, route: { ...MODEL, choice: 'share-full', score: 0.3, threshold: 0.2, failedChecks: ['numeric-recompute'], escalation: 'share-full' } }],
  'escalated': [math, {
    ...PREMIUM, attempts: 2, costUsd: '0.00476', route: { ...MODEL, choice: 'share-full', score: 0.3, threshold: null, escalation: 'made' },
    otherAnswer: { tier: 'Cheap', failedChecks: ['refusal'], usage: 'provider', tokens: tokens(1_000, 100), costUsd: '0.00026' },
  }],
  'degraded': [math, { ...CHEAP, degraded: true, route: { ...MODEL, choice: 'gain', score: 0.3, threshold: 0.2, failedChecks: ['refusal'], escalation: 'budget' } }],
};

describe.each(Object.entries(GOOD))('%s', (_, [call, answer]) => {
  const record: UsageRecord = { ...base(call), ...answer };

  test('is explained', () => { expect(unexplained(record, call, ON)).toEqual([]); });

  const others: { readonly [K in keyof UsageRecord]?: readonly UsageRecord[K][] } = {
    outcome: ['refused', 'cut-short'], status: [500], error: ['upstream_failed'], tenant: ['another', null], workflow: [null], stream: [!record.stream], shadowOf: ['r'],
    tier: [record.tier === 'Cheap' ? 'Premium' : 'Cheap'], premium: [!record.premium], premiumCalls: [record.premiumCalls + 1], attempts: [record.attempts + 1],
    usage: ['estimated'], tokens: [tokens(7, 7)], costUsd: ['0.123', null], savedUsd: ['0.5', '0'].filter(saved => saved !== record.savedUsd && (saved === '0') === (record.savedUsd !== '0')), lostUsd: ['0.1'],
  };
  const routes: { readonly [K in keyof UsageRecord['route']]?: readonly UsageRecord['route'][K][] } = {
    answeredBy: [null, 'bypass', 'cache', 'model'], bypass: [null, 'listed'], cache: ['off', 'miss', 'unsuited', 'failed'], class: ['code', null],
    choice: [null, 'named', 'pinned', 'order', 'no-gain'], score: [null, -1, 0], failedChecks: [null],
    escalation: [null, 'made', 'not-needed', 'is-premium', 'no-gain'], trimmed: [{ before: 1_400, after: 800, by: ['turns'] }],
  };
  const changed = [
    ...Object.entries(others).flatMap(([name, values]) => values.map(value => [name, value, { ...record, [name]: value }] as const)),
    ...Object.entries(routes).flatMap(([name, values]) => values.map(value => [name, value, { ...record, route: { ...record.route, [name]: value } }] as const)),
  ].filter(([, , other]) => JSON.stringify(other) !== JSON.stringify(record));

  test.each(changed)('but not with %s %j', (_name, _value, other) => {
    expect(unexplained(other, call, ON)).not.toEqual([]);
  });
});

test('a prompt near the limit is trimmed, and how is told', () => {
  const route = { ...MODEL, class: 'rag', choice: 'below-threshold', score: 0.1, threshold: 0.2 } as const;
  const record: UsageRecord = { ...base(long), ...CHEAP, route };
  expect(unexplained(record, long, ON)).toEqual([expect.stringContaining('trimmed where it is near the limit')]);
  expect(unexplained(record, long, { ...ON, trimming: false })).toEqual([]);
  expect(unexplained({ ...record, route: { ...route, trimmed: { before: 1_400, after: 1_390, by: [] } } }, long, ON)).toHaveLength(3);
});
