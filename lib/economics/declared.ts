/** Checks across the fields of a declaration that a schema cannot make; each problem names its place and what would do. */
import { Declaration, WorkflowDeclaration, declarationSchema } from '../contracts/declaration';
import { InputError, parseWith } from '../errors';
import { averageInFlight } from './load';

/** A checked declaration, or an InputError; `from` names the document. */
export function parseDeclaration(document: unknown, from: string): Declaration {
  const declaration = parseWith(declarationSchema, document, from);
  const problems = inconsistencies(declaration);
  if (problems.length > 0) throw new InputError(`${from} is not valid. ${problems.join(' ')}`);
  return declaration;
}

export function inconsistencies(declaration: Declaration): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  if (declaration.workflows.length > 0 && !declaration.economics) {
    problems.push('Workflows are declared without economics: a target gross margin is needed to judge them.');
  }
  const growth = declaration.economics?.growth;
  if (growth?.usageMultiple === 1 && growth.revenueMultiple !== 1) {
    problems.push(`growth.revenueMultiple is ${growth.revenueMultiple} while usageMultiple is 1, which means no growth; give a usageMultiple above 1.`);
  }
  for (const w of declaration.workflows) {
    if (seen.has(w.id)) problems.push(`Workflow ${w.path ?? w.id}: the id ${w.id} is used twice.`);
    seen.add(w.id);
    problems.push(...workflowProblems(w));
  }
  if (declaration.workflows.length > 0 && declaration.workflows.every(w => w.fixedCostWeight === 0)) {
    problems.push('Every workflow has fixedCostWeight 0, so nobody would carry the shared cost; give at least one a weight.');
  }
  return problems;
}

export function workflowProblems(w: WorkflowDeclaration): string[] {
  const where = `Workflow ${w.path ?? w.id}`;
  const problems: string[] = [];
  const average = averageInFlight(w);
  if (average.gt(w.peakConcurrency)) {
    problems.push(`${where}: peakConcurrency ${w.peakConcurrency} is below the ${average.toDecimalPlaces(2).toFixed()} calls in flight that `
      + `Little's law gives on average (${w.runsPerMonth} runs x ${w.callsPerRun} calls x ${w.averageDurationSeconds} s over a month); `
      + 'give the true peak, or correct runs, calls or duration.');
  }
  const shares = w.servedBy.reduce((sum, use) => sum + use.sharePercent, 0);
  if (w.servedBy.length > 0 && Math.abs(shares - 100) > 0.01) {
    problems.push(`${where}: the shares of its models add up to ${shares} %, they must add up to 100 %.`);
  }
  return problems;
}
