/**
 * Ratios and growth, in one run: what the checks add to a synth, and how the estimator grows with a template. Medians of
 * alternating runs, because the machine's speed drifts. Prints; judges nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '../../lib/checks';
import { parseDeclaration } from '../../lib/economics/declared';
import { forecastStack } from '../../lib/economics/evaluate';
import { Template } from '../../lib/estimate/template';
import { PriceBook } from '../../lib/prices/book';
import { reportDocument } from '../../lib/report/document';
import { benchApp } from './app';
import { benchDecide } from './decide';

const folder = mkdtempSync(join(tmpdir(), 'ai-margin-bench-'));
let runs = 0;
const outdir = (): string => join(folder, String(runs++));

/** Milliseconds of `cdk synth` as a user runs it: one process, the core's validator on. */
function cdkSynth(resources: number, checked: boolean): number {
  return timed(() => {
    const args = ['synth', '--quiet', '--no-notices', '--app', 'tsx scripts/bench/app.ts', '--output', outdir(), '-c', `resources=${resources}`, '-c', `checked=${checked}`];
    const { status, stderr } = spawnSync('cdk', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`cdk synth of the bench app failed: ${stderr}`);
  });
}

/** Milliseconds of app.synth() alone, warm, the core's validator off: the hardest case for the ratio. */
function inProcess(resources: number, checked: boolean): number {
  const app = benchApp({ outdir: outdir(), context: { 'aws:cdk:enable-path-metadata': true, resources, checked } });
  return timed(() => app.synth());
}

function estimate(resources: number, monthlyPercent?: number): number {
  const Resources: Record<string, Template['Resources'][string]> = {};
  // Seven resources a round, five of which are charged, with the references that make a naive estimator quadratic.
  for (let i = 0; i < resources / 7; i++) {
    Resources[`Queue${i}`] = { Type: 'AWS::SQS::Queue' };
    Resources[`Instance${i}`] = { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 'g6e.xlarge', ImageId: 'ami-1' } };
    Resources[`Template${i}`] = { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'm7g.large' } } };
    Resources[`Group${i}`] = {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { MinSize: '1', MaxSize: '4', LaunchTemplate: { LaunchTemplateId: { Ref: `Template${i}` }, Version: '1' } },
    };
    Resources[`Service${i}`] = { Type: 'AWS::ECS::Service', Properties: { LaunchType: 'FARGATE', TaskDefinition: { Ref: `Task${i}` } } };
    Resources[`Task${i}`] = { Type: 'AWS::ECS::TaskDefinition', Properties: { Cpu: '1024', Memory: '2048' } };
    Resources[`Target${i}`] = {
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: { MinCapacity: 1, MaxCapacity: 4, ServiceNamespace: 'ecs', ResourceId: { 'Fn::Join': ['', ['service/c/', { 'Fn::GetAtt': [`Service${i}`, 'Name'] }]] } },
    };
  }
  const declaration = parseDeclaration({
    version: 1, economics: { targetGrossMarginPercent: 70, growth: { monthlyPercent } },
    workflows: [{
      id: 'Ask', revenue: { usdPerRun: 100 }, runsPerMonth: 100_000, callsPerRun: 1, tokensPerCall: { input: 1_000, output: 200 },
      peakConcurrency: 20, averageDurationSeconds: 10, servedBy: [{ provider: 'openai', model: 'gpt-5-mini', sharePercent: 100 }],
    }],
  }, 'bench');
  return timed(() => {
    const forecast = forecastStack({ name: 'Bench', region: 'us-east-1', template: { Resources }, declaration }, PriceBook.builtIn());
    reportDocument([forecast], check([forecast]));
  });
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const repeat = <T>(times: number, run: () => T): T[] => Array.from({ length: times }, run);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function compare(label: string, pairs: number, run: (checked: boolean) => number): void {
  run(true);
  const measured = repeat(pairs, () => ({ without: run(false), checked: run(true) }));
  const ratio = median(measured.map(m => m.checked / m.without));
  print(`  ${label}  ratio ${ratio.toFixed(2)}  (${median(measured.map(m => m.without)).toFixed(0)} ms -> ${median(measured.map(m => m.checked)).toFixed(0)} ms)`);
}

try {
  print('Synth with the checks against without (goal: under 1.15 for cdk synth)');
  for (const resources of [50, 400]) compare(`cdk synth, ${resources} resources`, 5, checked => cdkSynth(resources, checked));
  process.env.CDK_VALIDATION = 'false';
  for (const resources of [50, 400]) compare(`app.synth() alone, warm, core validator off, ${resources} resources`, 25, checked => inProcess(resources, checked));

  print('Forecast, checks and report document of a template (linear: the same ms per 1,000 at every size)');
  const SIZES = [500, 1_000, 2_000, 5_000];
  SIZES.forEach(size => repeat(4, () => estimate(size)));
  const perThousand = SIZES.map(size => median(repeat(9, () => estimate(size))) / size * 1_000);
  const searched = median(repeat(9, () => estimate(5_000, 5) / estimate(5_000)));
  SIZES.forEach((size, i) => print(`  ${size} resources  ${perThousand[i]!.toFixed(1)} ms per 1,000  ${(perThousand[i]! / perThousand[0]!).toFixed(2)} x the smallest`));
  print(`  5000 resources, with the search for the month of break (121 months)  ratio ${searched.toFixed(2)}`);
  print('The capacity controller (goal: a decision under 1 ms, its bundle under 2 MB)');
  benchDecide().forEach(line => print(`  ${line}`));
  print(`  bundle  ${(statSync('assets/capacity-controller/index.js').size / 1e6).toFixed(2)} MB, ${(statSync('assets/capacity-controller/index.js').size / 2e6).toFixed(2)} of the goal`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
