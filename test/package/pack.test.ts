/** The package as a stranger gets it: packed, installed into a fresh CDK app without a network, and used. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ai-margin-consumer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', [...args, '--cache', join(folder, 'empty-cache'), '--offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const APP = `
const { App, Duration, Stack, Validations } = require('aws-cdk-lib');
const { InstanceType } = require('aws-cdk-lib/aws-ec2');
const { AiMarginChecks, GpuInferenceGroup, ModelPreset, ModelUse, Revenue, ServedModel, UnitEconomics } = require('cdk-ai-margin');
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Notes', { env: { region: 'us-east-1' } });
const economics = new UnitEconomics(stack, 'Economics', { targetGrossMarginPercent: Number(process.env.TARGET) });
economics.addWorkflow('DraftNote', {
  revenue: Revenue.perRun(0.08), runsPerMonth: 400000, callsPerRun: 2,
  tokensPerCall: { input: 3200, output: 700 }, peakConcurrency: 120, averageDuration: Duration.seconds(28),
}).servedBy(ModelUse.bedrock('us.anthropic.claude-haiku-4-5-20251001-v1:0'));
new GpuInferenceGroup(new Stack(app, 'Gpus', { env: { region: 'us-east-1' } }), 'Llama', {
  model: ServedModel.preset(ModelPreset.QWEN3_8B), instanceTypes: [new InstanceType('g6e.xlarge')], scaling: { maxReplicas: 2, targetConcurrencyPerReplica: 16 },
});
Validations.of(app).addPlugins(new AiMarginChecks(app));
app.synth();
`;

test('a dozen lines print the table; a higher target fails the synth', () => {
  expect(existsSync(join(root, 'dist/constructs/index.js'))).toBe(true); // npm run build comes first
  const [{ filename, files }] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder)) as [{ filename: string; files: { path: string }[] }];
  const packed = files.map(f => f.path);
  expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'README.md', '.jsii', 'assets/ai-margin.js', 'assets/capacity-controller/index.js', 'assets/gateway.js', 'assets/gpu-metrics.js', 'assets/mock-model.js', 'assets/o200k-counter.js', 'dist/constructs/index.d.ts', 'dist/lib/prices/snapshots/us-east-1.json']));
  expect(packed.filter(path => /^(test|bin|constructs|lib|scripts)\//.test(path))).toEqual([]);

  writeFileSync(join(folder, 'package.json'), JSON.stringify({
    name: 'consumer', private: true,
    dependencies: { 'cdk-ai-margin': `file:./${filename}` },
  }));
  npm(folder, 'install', '--legacy-peer-deps');
  // The peers come from this checkout; everything else must be in the tarball.
  for (const peer of ['aws-cdk-lib', 'constructs']) symlinkSync(join(root, 'node_modules', peer), join(folder, 'node_modules', peer));
  writeFileSync(join(folder, 'app.js'), APP);

  const run = (target: string) => spawnSync(process.execPath, ['app.js'], { cwd: folder, encoding: 'utf8', env: { ...process.env, TARGET: target, CDK_VALIDATION: 'false' } });
  expect(run('70')).toMatchObject({ status: 0 });
  const table = spawnSync(join(folder, 'node_modules/.bin/ai-margin'), ['report', '--app', 'cdk.out'], { cwd: folder, encoding: 'utf8' });
  expect(table).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Notes {2}us-east-1[^]*OK {2}10x: margin 81\.6 %/) });
  expect(JSON.parse(readFileSync(join(folder, 'cdk.out/ai-margin/report.json'), 'utf8')).verdict).toBe('ok');
  // The controller's code came with the package, ready to run.
  const assets = readdirSync(join(folder, 'cdk.out')).filter(name => existsSync(join(folder, 'cdk.out', name, 'index.js')));
  expect(assets.some(name => readFileSync(join(folder, 'cdk.out', name, 'index.js'), 'utf8').includes('AI_MARGIN_CONTROLLER'))).toBe(true);

  expect(run('90')).toMatchObject({ status: 1, stderr: expect.stringMatching(/Notes\/Economics\/DraftNote[^]*MARGIN001/) });
});
