/** `ai-margin route-eval` from its arguments to what it prints and its exit code. */
import { SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RouteEvalOptions, printRouteEvaluation } from '../../../lib/cli/route-eval';
import { GatewayConfigInput } from '../../../lib/contracts/gateway';
import { InputError } from '../../../lib/errors';
import { CHECKS, PROBLEMS, configuration, jsonLines } from '../gateway/evaluation/problems';
import { file, folder } from './files';

const data = file('problems.jsonl', jsonLines(PROBLEMS));
const route = file('gateway.json', configuration({ checks: CHECKS }));

interface Printed { readonly code: number; readonly out: string; readonly err: string }

async function routeEval(options: Partial<RouteEvalOptions> = {}): Promise<Printed> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await printRouteEvaluation(
    { data, route, format: 'table', seed: '1', ...options }, { stdout: text => void out.push(text), stderr: text => void err.push(text) },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** As a user runs it. */
const command = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, '../../../bin/ai-margin.ts'), 'route-eval', ...args], { encoding: 'utf8' });

test('the table is the one of the guide, word for word', async () => {
  // The figures are computed by hand in the tests of the evaluation.
  const [, printed] = /for the dozen problems of its tests it prints:\n\n```\n([^]*?)\n```/.exec(readFileSync(join(__dirname, '../../../docs/guides/routing.md'), 'utf8'))!;
  expect(await routeEval()).toEqual({ code: 0, out: printed, err: '' });
});

test('gzipped data is the same data', async () => {
  const gzipped = join(folder, 'problems.jsonl.gz');
  writeFileSync(gzipped, gzipSync(jsonLines(PROBLEMS)));
  expect(await routeEval({ data: gzipped })).toEqual(await routeEval());
});

test('Markdown has the same figures in a table', async () => {
  const { code, out } = await routeEval({ format: 'markdown' });
  expect(code).toBe(0);
  expect(out).toMatch(/^## Maths {2}small and large \(premium\)/);
  expect(out).toContain('| of these wrong (precision) | 75.0 % |');
  expect(out).toContain('\n- Tokens are counted');
});

test('JSON has them as numbers', async () => {
  const document = JSON.parse((await routeEval({ format: 'json', seed: '3' })).out);
  expect(document).toMatchObject({
    version: 1, workflow: 'Maths', tiers: { cheap: 'small', premium: 'large' }, seed: 3, calls: 12, answeredByRule: 0,
    premiumCalls: { byChoice: 0, byEscalation: 4, sharePercent: 33.3333, maxSharePercent: null },
    checks: { flagged: { part: 4, of: 12 }, precision: { part: 3, of: 4, percent: 75 }, recall: { percent: 75 }, kinds: [{ kind: 'regex', part: 1, of: 2 }, { kind: 'numeric-recompute', part: 2, of: 2 }] },
    givenAlthoughFailing: { calls: 1, quality: { percent: 0 } }, notEscalated: {},
    quality: { allCheap: { percent: 66.6667 }, allPremium: { percent: 83.3333 }, route: { percent: 75 } },
    recoveredGap: { percent: 50 }, costUsd: { route: expect.stringMatching(/^0\.0\d+$/) }, tokens: 'o200k', unknown: [],
  });
});

test('another seed is another order and another interval, the same one the same', async () => {
  const [first, again, other] = [await routeEval({ seed: '1' }), await routeEval({ seed: '1' }), await routeEval({ seed: '2' })];
  expect(first).toEqual(again);
  expect(other.out.replace('seed 2', 'seed 1')).not.toBe(first.out);
});

test('a share that is full, parts that are left out and tasks without a class are told', async () => {
  const tight = file('tight.json', configuration({
    checks: CHECKS, maxPremiumSharePercent: 0, cache: { ttlSeconds: 60 }, shadowPercent: 2, classes: [{ id: 'sums' }],
    bypass: [{ kind: 'function', id: 'stock', url: 'http://127.0.0.1:9/' }, { kind: 'regex', id: 'clock', pattern: 'A clock .*', answer: '62' }],
  }));
  const { code, out } = await routeEval({ data: file('tasks.jsonl', jsonLines(PROBLEMS.map(each => ({ ...each, task: 'poetry' })))), route: tight });
  expect(code).toBe(0);
  expect(out).toMatch(/premium calls +0\.0 % +0 of 11 that reach a model; cap 0 %/);
  expect(out).toMatch(/given although failing a check +36\.4 % +4 of 11, 4 not escalated: share-full/);
  expect(out).toContain('Answered by rules, without a model: 1 of 12 calls.');
  expect(out).toContain('Left out: the functions stock');
  expect(out).toContain('Left out: the cache');
  expect(out).toContain('Left out: shadowPercent');
  expect(out).toContain('The task of 12 records is no class of the route, so they came without one; it has sums.');
});

test('data in which premium is no better has no gap, and says so', async () => {
  const alike = file('alike.jsonl', jsonLines(PROBLEMS.map(each => ({ ...each, strong_correct: each.weak_correct }))));
  const { code, out } = await routeEval({ data: alike });
  expect(code).toBe(0);
  expect(out).toMatch(/gap recovered \(PGR\) +none\n/);
  expect(out).toContain('There is no gap to recover: the answers of large are on the whole no better than those of small.');
});

test('3: an unknown price is unknown, with its reason, and quality is told all the same', async () => {
  const { tiers, ...rest } = configuration({ checks: CHECKS });
  const unpriced = file('unpriced.json', { ...rest, tiers: tiers.map(tier => tier.id === 'large' ? { ...tier, price: { provider: 'aws', model: 'nobody.nothing-v1' } } : tier) });
  const { code, out } = await routeEval({ route: unpriced });
  expect(code).toBe(3);
  expect(out).toMatch(/cost, all small +<?\$0\.00\d+ [^]*cost, all large +unknown\ncost, this route +unknown\nsaved against all large +none\n/);
  expect(out).toMatch(/Unknown cost: The tier large has no known price: .*nobody\.nothing-v1/);
  expect(out).toMatch(/gap recovered \(PGR\) +50\.0 %/);
});

describe('bad input is one clear error', () => {
  const two = ({ workflows: [workflow], ...rest }: GatewayConfigInput): GatewayConfigInput => ({ ...rest, workflows: [workflow!, { ...workflow!, id: 'Letters', tiers: ['small'] }] });
  const several = file('several.json', two(configuration()));
  const line = file('line.jsonl', `${jsonLines(PROBLEMS.slice(0, 2))}{"prompt": "Confidential", "weak_correct": 7}\n`);
  const broken = file('broken.jsonl.gz', '');
  writeFileSync(broken, gzipSync('nothing much').subarray(0, 15));
  const latin = file('latin.jsonl', '');
  writeFileSync(latin, Buffer.from('{"prompt": "Grüße"}', 'latin1'));
  test.each<[string, Partial<RouteEvalOptions>, RegExp]>([
    ['a line that is no record', { data: line }, /^.*line\.jsonl line 3: weak_correct is 7\. Each line is to be a JSON object with prompt/],
    ['no record at all', { data: file('empty.jsonl', '\n') }, /empty\.jsonl has no records/],
    ['no file', { data: join(folder, 'nowhere.jsonl') }, /^--data .*nowhere\.jsonl cannot be read: ENOENT/],
    ['a broken gzip', { data: broken }, /^--data .*broken\.jsonl\.gz cannot be read: .*\. Give a file of JSON lines, gzipped or not\./],
    ['not UTF-8', { data: latin }, /latin\.jsonl is not UTF-8/],
    ['no configuration', { route: data }, /problems\.jsonl cannot be read as JSON/],
    ['several workflows', { route: several }, /more than one workflow to evaluate: give --workflow with one of Maths, Letters\./],
    ['a workflow that is not there', { route: several, workflow: 'Notes' }, /^--workflow is Notes, which is not in the configuration; give one of Maths, Letters\./],
    ['a workflow of one tier', { route: several, workflow: 'Letters' }, /The workflow Letters lacks a premium one among its chat tiers \(small\)/],
    ['a seed below 0', { seed: '-1' }, /^--seed is -1; give a whole number from 0 to 4294967295\./],
    ['a seed beyond 32 bits', { seed: '4294967296' }, /^--seed is 4294967296/],
    ['a seed that is empty', { seed: '' }, /^--seed is ; give/],
  ])('%s', async (_, options, message) => {
    const failed: unknown = await routeEval(options).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(InputError);
    expect((failed as InputError).message).toMatch(message);
    expect((failed as InputError).message).not.toContain('Confidential');
  });

  test('one of several workflows is evaluated by its name', async () => {
    expect((await routeEval({ route: several, workflow: 'Maths' })).code).toBe(0);
  });

  test('the command tells it on standard error, without a stack trace', () => {
    expect(command('--data', line, '--route', route)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^ai-margin: .*line 3: weak_correct is 7\.[^\n]*\n$/) });
    expect(command('--route', route)).toMatchObject({ status: 2, stderr: expect.stringContaining('--data') });
    expect(command('--data', data, '--route', route, '--format', 'xml')).toMatchObject({ status: 2, stderr: expect.stringContaining('table, json, markdown') });
  });
});

test('the command prints the evaluation, by its options', async () => {
  expect(command('--data', data, '--route', route, '--workflow', 'Maths', '--format', 'markdown', '--seed', '5')).toMatchObject({
    status: 0, stderr: '', stdout: `${(await routeEval({ format: 'markdown', seed: '5' })).out}\n`,
  });
});

test('the help says what is left out', () => {
  expect(command('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/weak_correct[^]*except the cache[^]*rules that ask a function/) });
});
