import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { CfnNatGateway } from 'aws-cdk-lib/aws-ec2';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { AiMarginChecks, CheckProfile, ModelUse, PriceOverride, UnitEconomics } from '../../../constructs';
import { Synthesized, synth } from './synthesized';
import { HAIKU, SONNET, checkedApp, declaredStack, quietApp, workflowProps } from '../fixture';

describe('the margin gate', () => {
  test('a margin that holds passes and leaves the report beside the templates', () => {
    const app = checkedApp();
    declaredStack(app);
    const { failed, findings, report } = synth(app);
    expect(failed).toBeUndefined();
    expect(findings).toEqual([]);
    expect(report.verdict).toBe('ok');
    expect(report.workflows[0]!.scales.map(s => s.costPerRunUsd.expected)).toEqual(['0.01474', '0.01474']);
    expect(readFileSync(join(app.outdir, 'ai-margin/report.md'), 'utf8')).toContain('OK  10x');
  });

  test('MARGIN001: a higher target fails synth, and names path, figures, largest lines and what would mend it', () => {
    const app = checkedApp();
    declaredStack(app, { targetGrossMarginPercent: 90 });
    const { failed, findings } = synth(app);
    expect(failed).toContain('MARGIN001');
    expect(failed).toContain('Stack/Economics/DraftNote');
    expect(findings).toEqual([expect.objectContaining({ rule: 'MARGIN001', severity: 'error', path: 'Stack/Economics/DraftNote' })]);
    // By hand: two calls of .00737 are .01474 a run; 20 % more tokens and 10 % more calls .0194568, less of both .0106128
    expect(findings[0]!.message).toContain('1x margin 81.6 % (75.7 %..86.7 %), target 90 %: $0.0147 a run, acceptable $0.0080');
    expect(findings[0]!.message).toContain('Largest at 10x: aws/us.anthropic.claude-haiku-4-5-20251001-v1:0 $14,740');
    expect(findings[0]!.fix).toContain('revenue of at least $0.1474 a run at 10x instead of $0.08');
  });

  test('MARGIN001 at growth only, where revenue grows slower than usage', () => {
    const app = checkedApp();
    declaredStack(app, { growth: { usageMultiple: 10, revenueMultiple: 6 } });
    const { findings, report } = synth(app);
    expect(report.workflows[0]!.scales.map(s => s.verdict)).toEqual(['ok', 'breaks']);
    expect(findings[0]!.message).toContain('10x margin 69.3 %');
    expect(findings[0]!.message).not.toContain('1x margin 81');
  });

  test('MARGIN001 for the stack beside its only workflow, when their targets differ', () => {
    const app = checkedApp();
    declaredStack(app, { targetGrossMarginPercent: 85 }, { targetGrossMarginPercent: 90 });
    expect(synth(app).findings.filter(f => f.rule === 'MARGIN001').map(f => f.path)).toEqual(['Stack/Economics/DraftNote', 'Stack/Economics']);
  });

  test('MARGIN001 for the stack, when only the total breaks', () => {
    const app = checkedApp();
    const { economics } = declaredStack(app, { targetGrossMarginPercent: 75 }, { targetGrossMarginPercent: 10 });
    economics.addWorkflow('Translate', { ...workflowProps, targetGrossMarginPercent: 10 }).servedBy(SONNET);
    const { findings } = synth(app);
    expect(findings.filter(f => f.rule === 'MARGIN001').map(f => f.path)).toEqual(['Stack/Economics']);
  });

  test('what would mend it moves the dearest model', () => {
    const app = checkedApp();
    const { economics } = declaredStack(app);
    const mixed = economics.addWorkflow('Mixed', workflowProps);
    mixed.servedBy(SONNET, { sharePercent: 50 });
    mixed.servedBy(HAIKU, { sharePercent: 50 });
    const { findings } = synth(app);
    const mend = findings.find(f => f.path.endsWith('Mixed'))!.fix;
    const [, share] = /sonnet.* 50 -> ([\d.]+) % of calls/.exec(mend)!;
    // By hand: s x 0.04422 + (1 - s) x 0.01474 (two calls of .02211 and .00737) = 0.024 at s = 31.4 %
    expect(share).toBe('31.4');
  });

  test('gate=report is the break-glass: the same finding, nothing fails', () => {
    const app = checkedApp({ 'ai-margin:gate': 'report' });
    declaredStack(app, { targetGrossMarginPercent: 90 });
    const { failed, findings, report } = synth(app);
    expect(failed).toBeUndefined();
    expect(findings).toEqual([expect.objectContaining({ rule: 'MARGIN001', severity: 'info' })]);
    expect(report.verdict).toBe('breaks');
  });

  test('a gate mode nobody knows is refused', () => {
    expect(() => checkedApp({ 'ai-margin:gate': 'off' })).toThrow('"off"; it takes "report"');
  });

  test('MARGIN002: an unknown model and undeclared usage warn, and fail in the strict profile', () => {
    const build = (profile: CheckProfile): Synthesized => {
      const app = checkedApp({}, { profile });
      const { stack, economics } = declaredStack(app);
      economics.addWorkflow('Guess', workflowProps).servedBy(ModelUse.bedrock('us.meta.llama9-900b-v1:0', { quotaTokensPerMinute: 1e9 }));
      new CfnQueue(stack, 'Queue');
      return synth(app);
    };
    const lenient = build(CheckProfile.DEFAULT);
    expect(lenient.failed).toBeUndefined();
    expect(lenient.findings.map(f => [f.rule, f.severity, f.path])).toEqual([
      ['MARGIN002', 'warning', 'Stack/Economics/Guess'], ['MARGIN002', 'warning', 'Stack/Economics'],
    ]);
    expect(lenient.findings[0]!.message).toContain('us.meta.llama9-900b-v1:0');
    expect(lenient.findings[1]!.message).toContain('Stack/Queue: sqs/request');
    expect(lenient.report.verdict).toBe('unknown');

    const strict = build(CheckProfile.STRICT);
    expect(strict.failed).toContain('MARGIN002');
    expect(strict.findings.map(f => f.severity)).toEqual(['error', 'error']);
  });

  test('MARGIN003: the target holds as expected and not in the low estimate; the widest doubt is named', () => {
    const app = checkedApp();
    declaredStack(app, { targetGrossMarginPercent: 80 }, { uncertainty: { inputPercent: 5, outputPercent: 60, callsPercent: 0 } });
    const { failed, findings } = synth(app);
    expect(failed).toBeUndefined();
    expect(findings).toEqual([expect.objectContaining({ rule: 'MARGIN003', severity: 'warning' })]);
    expect(findings[0]!.message).toContain('Widest doubt: output tokens of DraftNote +-60 %');
  });

  test('MARGIN003 for the stack, when only the total is in doubt', () => {
    const app = checkedApp();
    declaredStack(app, { targetGrossMarginPercent: 80 }, { targetGrossMarginPercent: 10 });
    expect(synth(app).findings).toEqual([expect.objectContaining({ rule: 'MARGIN003', path: 'Stack/Economics' })]);
  });

  test('COST001: what has no price is said, once per reason', () => {
    const app = checkedApp();
    const { stack } = declaredStack(app);
    new CfnResource(stack, 'A', { type: 'AWS::Nothing::Yet' });
    new CfnResource(stack, 'B', { type: 'AWS::Nothing::Yet' });
    const { failed, findings, report } = synth(app);
    expect([failed, report.verdict]).toEqual([undefined, 'unknown']);
    expect(findings).toEqual([expect.objectContaining({ rule: 'COST001', severity: 'info', message: expect.stringContaining('Stack/A, Stack/B') })]);
  });

  test('COST001 is an error in the strict profile, where unknown is no pass', () => {
    const app = checkedApp({}, { profile: CheckProfile.STRICT });
    new CfnResource(declaredStack(app).stack, 'A', { type: 'AWS::Nothing::Yet' });
    expect(synth(app).failed).toContain('COST001');
  });

  test('MARGIN002: declared usage that no resource is charged for is said, not lost', () => {
    const app = checkedApp();
    const { stack, economics } = declaredStack(app);
    economics.declareUsage(new CfnQueue(stack, 'Queue'), { quantities: { 'sqs/request': 1, 'sqs/requests': 1e9 } });
    economics.declareUsage(new CfnQueue(new Stack(app, 'Other'), 'Queue'), { quantities: { 'sqs/request': 1e9 } });
    const { findings, report } = synth(app);
    expect(findings.map(f => f.message)).toEqual([
      expect.stringMatching(/^2 on the path of Stack are declared and no resource is charged .*Stack\/Queue: sqs\/requests; Other\/Queue: sqs\/request$/),
    ]);
    expect(report.verdict).toBe('unknown');
  });

  test('data transfer may be declared where it leaves, and is counted once', () => {
    const app = checkedApp();
    const { stack, economics } = declaredStack(app);
    new CfnQueue(stack, 'Queue');
    new CfnQueue(stack, 'Second');
    economics.declareUsage(stack, { quantities: { 'sqs/request': 0, 'data-transfer/internet-out': 100 } });
    expect(synth(app).report.stacks[0]!.monthlyUsd).toBe('9');
  });

  test('the most specific declaration of an item counts', () => {
    const app = checkedApp();
    const { stack, economics } = declaredStack(app);
    economics.declareUsage(new CfnQueue(stack, 'Queue'), { quantities: { 'sqs/request': 1_000_000 } });
    economics.declareUsage(stack, { quantities: { 'sqs/request': 9_000_000 } });
    expect(synth(app).report.stacks[0]!.monthlyUsd).toBe('0.4');
  });

  test('what has no price can be given one under an item of your own', () => {
    const app = checkedApp();
    const { stack, economics } = declaredStack(app, {
      priceOverrides: [PriceOverride.commitment('custom/guardrail', { usd: 0.15, unit: '1,000 text units', reason: 'price page, read by hand', date: '2026-11-01' })],
    });
    economics.declareUsage(new CfnResource(stack, 'Guard', { type: 'AWS::Nothing::Yet' }), { quantities: { 'custom/guardrail': 200 } });
    const { findings, report } = synth(app);
    expect([findings, report.verdict, report.stacks[0]!.monthlyUsd]).toEqual([[], 'ok', '30']);
  });

  test('an acknowledged finding no longer fails', () => {
    const app = checkedApp();
    const { stack } = declaredStack(app, { targetGrossMarginPercent: 90 });
    Validations.of(stack).acknowledge({ id: 'AiMargin::MARGIN001', reason: 'launch pricing until the contract renews' });
    expect(synth(app).failed).toBeUndefined();
  });

  test('Dev and Prod are stages of their own: neither adds to the other', () => {
    const app = checkedApp();
    for (const name of ['Dev', 'Prod']) {
      const stage = new Stage(app, name, { env: { region: 'us-east-1' } });
      declaredStack(stage as unknown as App);
    }
    const { report } = synth(app);
    expect(report.totals.map(t => [t.stack, t.scales[0]!.costUsd.expected])).toEqual([['Dev/Stack', '1474'], ['Prod/Stack', '1474']]);
  });

  test.each([true, undefined])('what a nested stack costs is counted, asset metadata %s', metadata => {
    const app = checkedApp({ 'aws:cdk:enable-asset-metadata': metadata });
    const { stack } = declaredStack(app);
    const nested = new NestedStack(stack, 'Network');
    new CfnNatGateway(nested, 'Nat', { subnetId: 'subnet-1', connectivityType: 'private' });
    const { report } = synth(app);
    const lines = report.stacks[0]!.resources.flatMap(r => r.lines.map(l => [r.path, l.item, l.monthlyUsd]));
    expect(lines).toContainEqual(['Stack/Network/Nat', 'nat/hour', '32.85']);
  });

  test('without a region prices are unknown; pricingRegion names one', () => {
    const build = (props: object): Synthesized => {
      const app = checkedApp({}, props);
      const { stack, economics } = declaredStack(app, {}, {}, {});
      const nat = new CfnNatGateway(stack, 'Nat', { subnetId: 'subnet-1', connectivityType: 'private' });
      economics.declareUsage(nat, { quantities: { 'nat/data': 10 } });
      return synth(app);
    };
    const agnostic = build({});
    expect(agnostic.report.verdict).toBe('unknown');
    expect(agnostic.findings[0]!.message).toContain('the stack names no region');
    expect(build({ pricingRegion: 'us-east-1' }).report.stacks[0]!.monthlyUsd).toBe('33.3');
    expect(build({ pricingRegion: 'eu-central-9' }).findings[0]!.message).toContain('eu-central-9');
  });

  test('declared usage finds its resource without path metadata', () => {
    const app = checkedApp({ 'aws:cdk:enable-path-metadata': undefined });
    const { stack, economics } = declaredStack(app);
    economics.declareUsage(new CfnQueue(stack, 'Queue'), { quantities: { 'sqs/request': 1_000_000 } });
    expect(synth(app).report.stacks[0]!.monthlyUsd).toBe('0.4');
  });

  test('a refreshed price file is used; a missing or corrupt one is one clear error', () => {
    const build = (file: string): App => {
      const app = checkedApp({ 'ai-margin:prices': file });
      declaredStack(app);
      return app;
    };
    expect(() => build('nowhere.json').synth()).toThrow('nowhere.json does not exist');
    expect(() => build(join(__dirname, '../../../package.json')).synth()).toThrow(/price snapshot .*package.json.*version is "/s);
  });

  test('overrides and credits change the forecast and say so', () => {
    const app = checkedApp();
    const source = { reason: 'enterprise agreement 2026', date: '2026-10-01' };
    const { stack, economics } = declaredStack(app, {
      priceOverrides: [PriceOverride.discount('nat/*', { percentOff: 50, ...source }), PriceOverride.discount('aws/us.anthropic.claude-haiku-4-5-20251001-v1:0', { percentOff: 10, ...source })],
      credits: [{ monthlyUsd: 10, ...source }],
    });
    const nat = new CfnNatGateway(stack, 'Nat', { subnetId: 'subnet-1', connectivityType: 'private' });
    economics.declareUsage(nat, { quantities: { 'nat/data': 0 } });
    const { report } = synth(app);
    expect(report.stacks[0]!.resources[0]!.lines[0]).toMatchObject({ monthlyUsd: '16.425', status: 'override', source: 'declared: enterprise agreement 2026' });
    // 1,474 x .9 + 16.425 - 10
    expect(report.totals[0]!.scales[0]!.costUsd.expected).toBe('1333.025');
  });

  test('a stale report does not outlive the next synth', () => {
    const app = checkedApp();
    declaredStack(app);
    app.synth();
    expect(existsSync(join(app.outdir, 'ai-margin/report.json'))).toBe(true);
    const again = quietApp({ outdir: app.outdir });
    new AiMarginChecks(again);
    expect(existsSync(join(app.outdir, 'ai-margin/report.json'))).toBe(false);
  });

  test('a stack without economics costs and is not judged', () => {
    const app = checkedApp();
    new CfnNatGateway(new Stack(app, 'Plain', { env: { region: 'us-east-1' } }), 'Nat', { subnetId: 'subnet-1', connectivityType: 'private' });
    const { failed, report } = synth(app);
    expect(failed).toBeUndefined();
    expect(report.stacks[0]!.monthlyUsd).toBe('32.85');
    expect([report.workflows, report.verdict]).toEqual([[], 'unknown']);
  });

  test('economics without a workflow judge nothing', () => {
    const app = checkedApp();
    new UnitEconomics(new Stack(app, 'Bare', { env: { region: 'us-east-1' } }), 'Economics', { targetGrossMarginPercent: 70 });
    expect(synth(app)).toMatchObject({ failed: undefined, findings: [], report: { verdict: 'unknown' } });
  });
});

