/** Declarations for tests: a workflow that is easy to compute by hand. */
import { DeclarationInput, Declaration } from '../../../lib/contracts/declaration';
import { parseDeclaration } from '../../../lib/economics/declared';
import { StackForecast, forecastStack } from '../../../lib/economics/evaluate';
import { Template } from '../../../lib/estimate/template';
import { PriceBook } from '../../../lib/prices/book';

export const HAIKU = { provider: 'aws', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', sharePercent: 100 }; // 1.10 in, 5.50 out
export const SONNET = { provider: 'aws', model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', sharePercent: 100, premium: true }; // 3.30 in, 16.50 out

type WorkflowInput = NonNullable<DeclarationInput['workflows']>[number];

/** One call of 1,000 + 200 tokens on Haiku costs .0022. */
export const WORKFLOW = {
  id: 'Ask',
  revenue: { usdPerRun: 0.01 },
  runsPerMonth: 100_000,
  callsPerRun: 1,
  tokensPerCall: { input: 1_000, output: 200 },
  peakConcurrency: 20,
  averageDurationSeconds: 10,
  servedBy: [HAIKU],
} satisfies WorkflowInput;

export const declare = (
  workflow: Partial<WorkflowInput> = {}, economics: Partial<NonNullable<DeclarationInput['economics']>> = {}, rest: Partial<DeclarationInput> = {},
): Declaration => parseDeclaration({
  version: 1, economics: { targetGrossMarginPercent: 70, ...economics }, workflows: [{ ...WORKFLOW, ...workflow }], ...rest,
}, 'the test');

export const forecast = (declaration: Declaration, Resources: Template['Resources'] = {}, region = 'us-east-1'): StackForecast =>
  forecastStack({ name: 'Test', region, template: { Resources }, declaration }, PriceBook.builtIn());
