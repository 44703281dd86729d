/** The replay's own parts: the same calls each time, in the mix that is meant, and answers that fail the checks they are meant to fail. */
import { gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { choicesOf } from '../../../../lib/gateway/completion';
import { Checks, compileChecks } from '../../../../lib/gateway/checks/checks';
import { TaskClasses } from '../../../../lib/gateway/choice/task-class';
import { configProblems } from '../../../../lib/gateway/config-problems';
import { parseBody } from '../../../../lib/gateway/request-body';
import { FLAWS, Verdict, WRONG, answerTo } from './answers';
import { STEPS, configAt } from './config';
import { KINDS, Kind, Question } from './questions';
import { CALLS, HALF, ReplayedCall, TENANTS, traffic } from './traffic';
import { goodShare } from './upstream';

const calls = traffic();
const share = (of: readonly ReplayedCall[], holds: (call: ReplayedCall) => boolean): number => of.filter(holds).length / of.length;
const [before, after] = [calls.slice(0, HALF), calls.slice(HALF)];

test('it is the same each time', () => {
  expect(calls).toHaveLength(CALLS);
  expect(traffic()).toEqual(calls);
});

test('there are as many known questions, repeated calls and copies of another tenant\'s as a product has', () => {
  expect(share(calls, ({ question }) => question.kind === 'faq')).toBeCloseTo(0.08, 1);
  const repeated = share(calls, ({ repeats }) => repeats !== undefined);
  expect([repeated > 0.13, repeated < 0.17]).toEqual([true, true]);
  expect(calls.filter(({ copied }) => copied).length).toBeGreaterThan(100);
  for (const { body, tenant, repeats, copied } of calls) {
    if (repeats !== undefined) expect([body, tenant.id]).toEqual([calls[repeats]!.body, calls[repeats]!.tenant.id]);
    expect(!copied || calls.some(other => other.body === body && other.tenant.id !== tenant.id)).toBe(true);
  }
});

test('what a tenant asks names no other one, save a copy', () => {
  for (const { body, tenant } of calls) expect(TENANTS.filter(({ id, mark }) => id !== tenant.id && body.includes(mark))).toEqual([]);
});

test('the mix changes in the middle', () => {
  const mix = (of: readonly ReplayedCall[]): Record<string, number> => Object.fromEntries(KINDS.map(kind => [kind, share(of, ({ question }) => question.kind === kind)]));
  const [first, second] = [mix(before), mix(after)];
  for (const kind of ['math', 'code']) expect(second[kind]! / first[kind]!).toBeGreaterThan(2);
  expect(second.faq! / first.faq!).toBeLessThan(0.6);
  expect(share(after, ({ tenant }) => tenant.id === 'forge')).toBeGreaterThan(0.4);
  expect(goodShare(before, 'cheap') - goodShare(after, 'cheap')).toBeGreaterThan(0.1);
  for (const half of [before, after]) expect(goodShare(half, 'premium')).toBeGreaterThan(0.9);
});

test('calls are as long as they are meant to be', () => {
  const tokens = calls.map(({ body }) => body.length / 4);
  expect([Math.min(...tokens) > 190, Math.max(...tokens) < 3_000]).toEqual([true, true]);
  const near = share(calls, ({ body }) => body.length / 4 > 1_350);
  expect([near > 0.03, near < 0.15]).toEqual([true, true]);
});

test('without a header, a call is of the class that its text shows', () => {
  const config = gatewayConfigSchema.parse(configAt(STEPS.at(-1)!, 'http://127.0.0.1:1/v1'));
  for (const { workflow, question } of calls) {
    const classes = new TaskClasses(config.workflows.find(({ id }) => id === workflow)!.route.classes);
    expect(classes.classOf(undefined, question.text)?.id).toBe(question.kind === 'faq' ? undefined : question.kind);
  }
});

test.each(STEPS)('the configuration with %s holds', step => {
  expect(configProblems(gatewayConfigSchema.parse(configAt(step, 'http://127.0.0.1:1/v1')))).toEqual([]);
});

describe('the checks', () => {
  const { workflows } = gatewayConfigSchema.parse(configAt('checks and escalation', 'http://127.0.0.1:1/v1'));
  const [assist, extract] = workflows.map(({ route }) => compileChecks(route.checks)) as [Checks, Checks];
  const SEEN_BY: Readonly<Record<(typeof FLAWS)[number], (kind: Kind) => string[]>> = {
    'cut': kind => kind === 'extract' ? ['finish-reason', 'json-schema'] : ['finish-reason'],
    'refusal': () => ['refusal'], 'wrong-sum': () => ['numeric-recompute'], 'no-json': () => ['json-schema'], 'no-field': () => ['json-schema'], 'no-source': () => ['citations'],
  };
  const failed = ({ question, body }: ReplayedCall, verdict: Verdict): string[] => {
    const { content, finishReason } = answerTo(question, verdict);
    const completion = { choices: [{ message: { content }, finish_reason: finishReason }] };
    expect(choicesOf(completion)).toHaveLength(1);
    return (question.kind === 'extract' ? extract : assist).failed(completion, parseBody(Buffer.from(body), 'chat')).map(({ kind }) => kind);
  };
  const some = (kind: Kind): ReplayedCall[] => calls.filter(({ question }) => question.kind === kind).slice(0, 200);

  test.each(KINDS)('of %s see what is meant to be seen, and nothing else', kind => {
    for (const call of some(kind)) {
      for (const verdict of ['good', ...Object.keys(WRONG[kind])] as Verdict[]) {
        expect([verdict, failed(call, verdict)]).toEqual([verdict, verdict === 'good' || verdict === 'unseen' ? [] : SEEN_BY[verdict](kind)]);
      }
    }
  });

  test('a wrong answer is another one, and each names the account', () => {
    const texts = (question: Question, verdict: Verdict): string => answerTo(question, verdict).content;
    for (const { question } of KINDS.flatMap(some)) {
      for (const verdict of Object.keys(WRONG[question.kind]) as Verdict[]) {
        expect(texts(question, verdict)).not.toBe(texts(question, 'good'));
        expect(texts(question, verdict)).toContain(question.mark);
      }
    }
  });
});
