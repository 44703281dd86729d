/** MARGIN002: a price is unknown or a usage undeclared on a workflow's path, so its margin is not proved. */
import { StackForecast } from '../economics/evaluate';
import { UNKNOWN_REGION } from '../prices/book';
import { Finding, Profile, Rule, Severity, economicsPath, workflowPath } from './rule';

export const margin002: Rule = {
  id: 'MARGIN002',
  title: 'A price or a usage on the path of a workflow is unknown',
  evaluate: (forecast, profile) => forecast.workflows.length === 0 ? [] : [
    ...forecast.workflows.flatMap(({ declared, tokens }) => tokens.unknown.map(reason => finding(forecast, profile, {
      path: workflowPath(forecast, declared),
      message: `${workflowPath(forecast, declared)}: ${reason}`,
      fix: 'correct the model id, or declare a price override with its source',
    }))),
    ...unknownPrices(forecast, profile),
    ...undeclared(forecast, profile),
  ],
};

function unknownPrices(forecast: StackForecast, profile: Profile): Finding[] {
  const missing = forecast.bill.unpriced.filter(u => u.cause === 'price');
  if (missing.length === 0) return [];
  const reasons = [...new Set(missing.map(u => u.reason))];
  return [finding(forecast, profile, {
    path: economicsPath(forecast),
    message: `${missing.length} lines of ${forecast.stack.name} have no price and are in no total: ${shorten(reasons, '; ')}`,
    fix: forecast.stack.region === UNKNOWN_REGION
      ? 'set the region of the stack, or pricingRegion'
      : `refresh the price book (ai-margin prices refresh --region ${forecast.stack.region}) or declare price overrides`,
  })];
}

function undeclared(forecast: StackForecast, profile: Profile): Finding[] {
  const lines = forecast.bill.resources.flatMap(r => r.lines.filter(l => l.quantity === null).map(l => `${r.path || r.logicalId}: ${l.item}`));
  if (lines.length === 0) return [];
  return [finding(forecast, profile, {
    path: economicsPath(forecast),
    message: `${lines.length} usage-based lines of ${forecast.stack.name} have no declared usage and are in no total: ${shorten(lines, ', ')}`,
    fix: 'declare the usage of these resources (economics.declareUsage, or usage in margin.yaml); 0 is a declaration too',
  })];
}

const shorten = (items: readonly string[], separator: string): string =>
  items.slice(0, 5).join(separator) + (items.length > 5 ? `${separator}and ${items.length - 5} more` : '');

const finding = (forecast: StackForecast, profile: Profile, what: Pick<Finding, 'path' | 'message' | 'fix'>): Finding => {
  const severity: Severity = profile === 'strict' ? 'error' : 'warning';
  return { rule: 'MARGIN002', severity, stack: forecast.stack.name, ...what };
};
