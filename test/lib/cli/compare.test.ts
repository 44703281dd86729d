import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompareOptions, printComparison } from '../../../lib/cli/compare';
import { comparisonSchema } from '../../../lib/contracts/comparison';
import { DeclarationInput } from '../../../lib/contracts/declaration';
import { InputError } from '../../../lib/errors';
import { declaration, group, resources, workflow } from '../economics/compare-fixture';
import { HAIKU, declare } from '../economics/declared';
import { file } from './files';

const template = (changes: Partial<DeclarationInput> = {}) => ({ Resources: resources(), Metadata: { AiMargin: declaration(changes) } });
const app = file('app.json', template());
const MANAGED = `${HAIKU.provider}/${HAIKU.model}`;
const HOSTED = 'groq/llama-3.1-8b-instant';

/** A cdk.out with these stacks. */
function assembly(name: string, stacks: Record<string, unknown>): string {
  for (const [id, content] of Object.entries(stacks)) file(`${name}/${id}.json`, content);
  const artifacts = Object.fromEntries(Object.keys(stacks).map(id => [id, {
    type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/us-east-1', properties: { templateFile: `${id}.json` }, displayName: id,
  }]));
  return join(file(`${name}/manifest.json`, { version: '48.0.0', artifacts }), '..');
}

function compare(options: Partial<CompareOptions> = {}): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const code = printComparison(
    { app, managed: MANAGED, hosted: HOSTED, premiumShare: '20', format: 'table', today: '2026-10-08', ...options },
    { stdout: text => void out.push(text), stderr: text => void err.push(text) },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('the table is the one of the guide, word for word', () => {
  // The figures are computed by hand in the tests of the comparison.
  const [, printed] = /it prints:\n\n```\n([^]*?)\n```/.exec(readFileSync(join(__dirname, '../../../docs/guides/compare.md'), 'utf8'))!;
  expect(compare({ peopleHours: '4' })).toMatchObject({ code: 0, out: printed });
});

test('prices too old to build on are told, on stderr', () => {
  expect(compare({ today: '2026-10-08' }).err).toContain('over 90 days old');
});

describe('exit codes', () => {
  test('3: a cost is unknown, which is shown as a floor with its reason', () => {
    const { code, out } = compare({ managed: 'aws/nobody.nothing-v1' });
    expect(code).toBe(3);
    expect(out).toMatch(/ 1x {2}managed API +aws\/nobody\.nothing-v1 +>= \$1\.00 +<= 100\.0 % .* >= \$501 +<= 75\.0 % +unknown/);
    expect(out).toContain('Not in the cost of managed API: no token price for aws nobody.nothing-v1');
    expect(out).toContain('No recommendation');
  });
  test('3: today\'s peak is not served', () => {
    const { code, out } = compare({ app: file('peak.json', template({ workflows: [workflow({ peakConcurrency: 200 })] })) });
    expect(code).toBe(3);
    expect(out).toContain('Beyond 0.57x: the peak is beyond what the 2 replicas at most of App/Llama serve (CAP001).');
  });
});

describe('formats', () => {
  test('JSON is the document of the schema, in plain decimals', () => {
    const document = comparisonSchema.parse(JSON.parse(compare({ format: 'json', peopleHours: '4' }).out));
    expect(document).toMatchObject({
      stack: 'app', group: 'App/Llama', pricesAsOf: '2024-07-01', people: { hourlyUsd: 50, hoursPerMonth: 10, ownGpuHoursPerMonth: 4 },
      recommendation: { variant: 'hosted', meetsTarget: true },
    });
    expect(document.variants.map(v => [v.kind, v.unknown, ...v.scales.map(s => s.costWithPeopleUsd)])).toEqual([
      ['managed', [], '721', '2701'], ['hosted', [], '507.6', '567'], ['selfHosted', [], '1876.408', '1876.408'], ['hybrid', [], '1920.408', '2316.408'],
    ]);
    const [managed, hosted] = document.breakEven;
    expect(Number(managed!.fromRunsPerMonth)).toBe(Math.ceil(Number(managed!.fromMultiple) * 100_000));
    expect(Number(managed!.fromMultiple)).toBeCloseTo(1375.408 / 220, 2);
    expect(hosted).toMatchObject({ against: 'hosted', cheaper: [], fromMultiple: null, limitedBy: [expect.stringContaining('CAP001')] });
  });

  test('a break-even that is unknown has reasons and no figures', () => {
    const { out } = compare({ format: 'json', managed: 'aws/nobody.nothing-v1' });
    const { breakEven, recommendation } = comparisonSchema.parse(JSON.parse(out));
    expect(breakEven[0]).toMatchObject({ unknown: [expect.stringContaining('nobody')], cheaper: null, comparedUpTo: null });
    expect(recommendation).toMatchObject({ variant: null, meetsTarget: null });
  });

  test('Markdown puts the recommendation first', () => {
    const { out } = compare({ format: 'markdown' });
    expect(out).toMatch(/^## app {2}us-east-1[^\n]*\n\n\*\*Don't self-host[^\n]*\*\*\n\n```\n {5}variant[^]*\n```\n\n- Self-hosted against/);
  });
});

describe('what is compared', () => {
  test('--hosted may stand in the declaration, with the hours of people; without either it is left out in words', () => {
    const economics = { ...declaration().economics!, selfHosting: {
      instanceType: 'g6.xlarge', tokensPerSecondPerReplica: 500, concurrencyPerReplica: 16, engineeringHoursPerMonth: 7,
      hosted: { provider: 'groq', model: 'llama-3.1-8b-instant' },
    } };
    const declared = compare({ app: file('declared.json', template({ economics })), hosted: undefined }).out;
    expect(declared).toContain('hosted open model  groq/llama-3.1-8b-instant');
    expect(declared).toContain('10 hours a month in every variant, 7 more with own GPUs');
    const without = compare({ hosted: undefined }).out;
    expect(without).toContain('left out: name it with --hosted provider/model');
    expect(without).not.toContain('hosted open model');
    expect(without).toContain('20 more with own GPUs');
  });

  test('one stack of several, by name', () => {
    const none = { Resources: {}, Metadata: { AiMargin: { ...declare() } } };
    expect(compare({ app: assembly('one', { Api: none, Gpu: template() }) }).out).toMatch(/^Gpu {2}/);
    const two = assembly('two', { Api: none, Gpu: template(), Other: template() });
    expect(() => compare({ app: two })).toThrow('There is more than one stack to compare: give --stack with one of Gpu, Other.');
    expect(compare({ app: two, stack: 'Other' }).out).toMatch(/^Other {2}/);
    expect(() => compare({ app: two, stack: 'Api' })).toThrow('--stack is Api, where no GPU group serves a workflow; give one of Gpu, Other.');
  });

  test('one group of several, by path', () => {
    const groups = [group(), group({ path: 'App/Other', onDemandGroup: 'App/Other/ASG' })];
    const workflows = [workflow(), workflow({ id: 'Second', servedBy: [{ provider: 'gpu-group', model: 'App/Other', sharePercent: 100 }] })];
    const both = file('both.json', template({ groups, workflows }));
    expect(() => compare({ app: both })).toThrow('There is more than one GPU group to compare: give --group with one of App/Llama, App/Other.');
    expect(compare({ app: both, group: 'App/Other' }).out).toMatch(/^both .* App\/Other, target 60 %/);
    // A group that serves nobody is no choice.
    expect(compare({ app: file('idle.json', template({ groups })) }).out).toMatch(/ App\/Llama, target 60 %/);
  });

  test('margin.yaml stands in place of what the template declares, field by field', () => {
    const yaml = file('margin.yaml', 'version: 1\nstacks:\n  app:\n    economics: { targetGrossMarginPercent: 95 }\n');
    expect(compare({ declare: yaml }).out).toMatch(/target 95 %[^]*10 hours a month in every variant[^]*of 95 % at 10x/);
    expect(() => compare({ declare: file('wrong.yaml', 'version: 1\nstacks:\n  nope: {}\n') })).toThrow('declares stack nope, which is not in the app; it has app.');
  });
});

describe('bad input is refused in a sentence', () => {
  const refusals: [Partial<CompareOptions>, string][] = [
    [{ app: file('none.json', { Resources: {} }) }, 'has a workflow that a GPU group serves, so there is nothing to compare; it has none.'],
    [{ managed: 'haiku' }, '--managed is haiku; give provider/model'],
    [{ managed: 'gpu-group/App/Llama' }, '--managed is gpu-group/App/Llama; give provider/model'],
    [{ hosted: 'groq/' }, '--hosted is groq/; give provider/model'],
    ...['0', '100', '-3', 'many', ''].map((premiumShare): [Partial<CompareOptions>, string] => [{ premiumShare }, `--premium-share is ${premiumShare}; give a percentage`]),
    ...['-1', 'few', '', 'Infinity'].map((peopleHours): [Partial<CompareOptions>, string] => [{ peopleHours }, `--people-hours is ${peopleHours}; give hours`]),
  ];
  test.each(refusals)('%j', (options, message) => {
    expect(() => compare(options)).toThrow(InputError);
    expect(() => compare(options)).toThrow(message);
  });
});

test('on the command line', () => {
  const command = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, '../../../bin/ai-margin.ts'), 'compare', '--app', app, ...args], { encoding: 'utf8' });
  const compared = command('--managed', MANAGED, '--premium-share', '50', '--people-hours', '0');
  expect(compared).toMatchObject({ status: 0, stdout: expect.stringMatching(/50 % self-hosted, 50 % managed API[^]* 0 more with own GPUs/) });
  expect(command('--managed', 'haiku')).toMatchObject({
    status: 2, stdout: '', stderr: 'ai-margin: --managed is haiku; give provider/model, such as groq/llama-3.1-8b-instant.\n',
  });
  expect(command()).toMatchObject({ status: 2, stderr: expect.stringContaining('--managed') });
});
