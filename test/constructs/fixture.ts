/** The smallest app that declares everything; each test changes what it is about. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, AppProps, Duration, Stack, Validations } from 'aws-cdk-lib';
import { AiMarginChecks, AiMarginChecksProps, ModelUse, Revenue, UnitEconomics, UnitEconomicsProps, WorkflowProps } from '../../constructs';

export const workflowProps: WorkflowProps = {
  revenue: Revenue.perRun(0.08),
  runsPerMonth: 100_000,
  callsPerRun: 2,
  tokensPerCall: { input: 3_200, output: 700 },
  peakConcurrency: 30,
  averageDuration: Duration.seconds(12),
};
/** Enough for every test that is not about quotas. */
const quotaTokensPerMinute = 1_000_000_000;
export const HAIKU = ModelUse.bedrock('us.anthropic.claude-haiku-4-5-20251001-v1:0', { quotaTokensPerMinute });
export const SONNET = ModelUse.bedrock('us.anthropic.claude-sonnet-4-5-20250929-v1:0', { premium: true, quotaTokensPerMinute });
export const US_EAST_1 = { env: { region: 'us-east-1' } };

/** Output folders of this suite; gone when it ends. */
const folders: string[] = [];
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })));

export function quietApp(props: AppProps = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), 'ai-margin-'));
  folders.push(outdir);
  return new App({ outdir, ...props, context: { 'aws:cdk:enable-path-metadata': true, ...props.context } });
}

// The CDK prints every report; the tests read it instead.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

export interface Declared {
  readonly stack: Stack;
  readonly economics: UnitEconomics;
}

/** A stack that earns 0.08 a run and pays 0.01408 for it, with changes. */
export function declaredStack(
  scope: App, economics: Partial<UnitEconomicsProps> = {}, workflow: Partial<WorkflowProps> = {}, stackProps: object = US_EAST_1,
): Declared {
  const stack = new Stack(scope, 'Stack', stackProps);
  const unit = new UnitEconomics(stack, 'Economics', { targetGrossMarginPercent: 70, ...economics });
  unit.addWorkflow('DraftNote', { ...workflowProps, ...workflow }).servedBy(HAIKU);
  return { stack, economics: unit };
}

export function checkedApp(context: Record<string, unknown> = {}, props: AiMarginChecksProps = {}): App {
  const app = quietApp({ context });
  Validations.of(app).addPlugins(new AiMarginChecks(app, props));
  return app;
}
