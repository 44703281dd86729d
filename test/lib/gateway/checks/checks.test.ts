/** The checks together: every choice counts, no answer makes one throw, no reason has a word of the answer, mistakes in them are told. */
import fc from 'fast-check';
import { checkProblems, compileChecks } from '../../../../lib/gateway/checks/checks';
import { ASKED, check, reason, said } from './answers';

const ALL = [
  check({ kind: 'finish-reason' }), check({ kind: 'json-schema', schema: { type: 'object', required: ['a'], properties: { a: { pattern: '^x+$' } } } }), check({ kind: 'regex', pattern: 'a.*b', flags: 's' }),
  check({ kind: 'regex', pattern: '\\d', absent: true }), check({ kind: 'length', min: 2, max: 50 }), check({ kind: 'refusal' }), check({ kind: 'language', languages: ['en'] }), check({ kind: 'numeric-recompute' }),
  check({ kind: 'citations', min: 1 }), check({ kind: 'tool-call', tool: 'refund' }),
];

test('an answer that is not there fails each of them', () => {
  for (const completion of [{}, { choices: [] }, { choices: 'none' }]) {
    expect(compileChecks(ALL).failed(completion, ASKED)).toEqual(ALL.map(({ kind }) => ({ kind, reason: 'there is no answer' })));
  }
});

test('without checks nothing fails', () => {
  expect(compileChecks([]).any).toBe(false);
  expect(compileChecks([]).failed({}, ASKED)).toEqual([]);
  expect(compileChecks(ALL).any).toBe(true);
});

test('one choice of several that fails is enough, and is told once', () => {
  const [first] = said('15 + 25 = 40').choices as unknown[];
  const [second] = said('15 + 25 = 45').choices as unknown[];
  expect(reason({ kind: 'numeric-recompute' }, { choices: [first, first] })).toBeUndefined();
  expect(compileChecks([check({ kind: 'numeric-recompute' })]).failed({ choices: [first, second, second] }, ASKED)).toEqual([{ kind: 'numeric-recompute', reason: 'wrong-arithmetic' }]);
});

const wild = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', '[1', ']', '####', '=', '1+1', ' ', '```', '{', '}', 'I can\'t help', '<<', '>>', '\n', '\uD800', '漢') }), fc.jsonValue());
const choice = fc.oneof(wild, fc.record({
  finish_reason: wild,
  message: fc.oneof(wild, fc.record({ content: wild, refusal: wild, tool_calls: fc.oneof(wild, fc.array(fc.oneof(wild, fc.record({ function: fc.oneof(wild, fc.record({ name: fc.oneof(wild, fc.constant('refund')), arguments: wild }, { requiredKeys: [] })) })))) }, { requiredKeys: [] })),
}, { requiredKeys: [] }));
const tools = fc.oneof(wild, fc.array(fc.oneof(wild, fc.record({ function: fc.oneof(wild, fc.record({ name: fc.constant('refund'), parameters: wild }, { requiredKeys: [] })) }))));
const body = fc.record({ model: fc.constant('m'), messages: fc.oneof(wild, fc.array(fc.oneof(wild, fc.record({ content: wild })))), tools }, { requiredKeys: ['model'] });

test('no answer and no request makes a check throw', () => {
  const checks = compileChecks(ALL);
  fc.assert(fc.property(fc.record({ choices: fc.oneof(wild, fc.array(choice)) }), body, (completion, asked) => {
    const failed = checks.failed(completion, asked);
    expect(failed.every(({ kind, reason: why }) => ALL.some(config => config.kind === kind) && why !== '')).toBe(true);
    expect(failed.length).toBeLessThanOrEqual(ALL.length);
  }), { numRuns: 1000 });
});

test('a reason says nothing of the answer', () => {
  const checks = compileChecks(ALL);
  fc.assert(fc.property(fc.constantFrom('Xylophonia', 'Quetzalburg'), fc.constantFrom(0, 1, 2, 3), (secret, shape) => {
    const text = [`I can't help ${secret}.`, `{"a": "${secret}"}`, `It is "${secret} said so and nobody else did" [${secret}9]`, `Der Kunde ${secret} hat heute noch einmal angerufen und möchte sein Geld zurück. 1 + 1 = 3`][shape]!;
    const calls = [{ function: { name: secret, arguments: `{"${secret}": 1}` } }];
    for (const message of [{ content: text }, { content: text, tool_calls: calls }]) {
      const failed = checks.failed({ choices: [{ message, finish_reason: secret }] }, ASKED);
      expect(failed.length).toBeGreaterThan(1);
      expect(JSON.stringify(failed)).not.toContain(secret);
    }
  }));
});

test('mistakes are told with their places', () => {
  expect(checkProblems(ALL, 'workflows.0.route.checks')).toEqual([]);
  const problems = checkProblems([
    check({ kind: 'regex', pattern: '(a+)+' }), check({ kind: 'regex', pattern: '(' }), check({ kind: 'length' }), check({ kind: 'length', min: 9, max: 3 }), check({ kind: 'language', languages: ['en', 'xx'] }),
    check({ kind: 'json-schema', schema: { type: 'object', requierd: ['a'] } }), check({ kind: 'json-schema', schema: { type: 'objekt' } }), check({ kind: 'json-schema', schema: { type: 'string', pattern: '^(a|a)*$' } }),
  ], 'checks');
  expect(problems).toHaveLength(8);
  expect(problems[0]).toMatch(/^checks\.0 \(regex\)\.pattern may take exponential time/);
  expect(problems[1]).toMatch(/^checks\.1 \(regex\)\.pattern with flags "" is no regular expression/);
  expect(problems[2]).toBe('checks.2 (length) has neither min nor max: give at least one');
  expect(problems[3]).toBe('checks.3 (length).min is 9, more than its max of 3: no answer has such a length');
  expect(problems[4]).toMatch(/^checks\.4 \(language\)\.languages\.1 is xx, which nothing here can tell: known are ar, bn, /);
  expect(problems[5]).toMatch(/^checks\.5 \(json-schema\)\.schema is no JSON schema .*requierd/);
  expect(problems[6]).toMatch(/^checks\.6 \(json-schema\)\.schema is no JSON schema .*type/);
  expect(problems[7]).toMatch(/^checks\.7 \(json-schema\)\.schema .*exponential/);
});
