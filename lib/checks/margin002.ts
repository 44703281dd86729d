/** MARGIN002: something on a workflow's path is unknown (a price, a usage, a peak that is not served), so its margin is not proved. */
import { StackForecast } from '../economics/evaluate';
import { GpuGroups } from '../estimate/gpu-groups';
import { count } from '../figures';
import { UNKNOWN_REGION } from '../prices/book';
import { Finding, Rule, economicsPath, workflowPath } from './rule';

type Gap = Pick<Finding, 'path' | 'message' | 'fix'>;

export const margin002: Rule = {
  id: 'MARGIN002',
  title: 'A price or a usage on the path of a workflow is unknown',
  evaluate: (forecast, profile) => forecast.workflows.length === 0 ? [] : [
    ...unknownModels(forecast), ...unknownPrices(forecast), ...undeclared(forecast), ...unmatched(forecast), ...unserved(forecast),
  ].map(gap => ({ rule: 'MARGIN002', severity: profile === 'strict' ? 'error' : 'warning', stack: forecast.stack.name, ...gap })),
};

const unknownModels = (forecast: StackForecast): Gap[] => forecast.workflows.flatMap(({ declared, tokens }) => tokens.unknown.map(reason => ({
  path: workflowPath(forecast, declared),
  message: `${workflowPath(forecast, declared)}: ${reason}`,
  fix: 'correct the model id, declare a price override with its source, or declare the workflow in the stack of its GPU group',
})));

/** At every scale: a volume may leave the tiers whose price is known only at growth. */
function unknownPrices(forecast: StackForecast): Gap[] {
  const missing = forecast.totals.flatMap(total => total.shared.unpriced.filter(u => u.cause === 'price'));
  const reasons = [...new Set(missing.map(u => `${u.path || u.logicalId}: ${u.reason}`))];
  return gap(forecast, reasons, 'have no price and are in no total', forecast.stack.region === UNKNOWN_REGION
    ? 'set the region of the stack, or pricingRegion'
    : `what has an item: refresh the price book (ai-margin prices refresh --region ${forecast.stack.region}) or declare a price override; what has none: an item of your own (custom/...)`);
}

const undeclared = (forecast: StackForecast): Gap[] => gap(
  forecast, forecast.bill.undeclared.map(({ path, what }) => `${path}: ${what}`), 'have no declared usage',
  'declare the usage of these resources (economics.declareUsage, or usage in margin.yaml; 0 is a declaration too) and the capacity of groups (economics.declareCapacity)',
);

const unmatched = (forecast: StackForecast): Gap[] => gap(
  forecast, forecast.bill.unmatched.map(({ path, what }) => `${path}: ${what}`), 'are declared and no resource is charged for them, so they are in no total',
  'correct the resource or the item; the report lists the items of each resource',
);

/** Of groups with declared capacity; a GPU group has a rule of its own, CAP001. */
function unserved(forecast: StackForecast): Gap[] {
  const gpuGroups = new GpuGroups(forecast.stack.declaration.groups);
  return gap(
    forecast,
    forecast.totals.flatMap(({ multiple, shared }) => shared.unserved
      .filter(({ path }) => gpuGroups.ownerOf(path) === undefined)
      .map(({ path, calls }) => `${path}: ${count(calls)} calls in flight at ${multiple.toFixed()}x`)),
    'are not served at the peak, so the revenue there is not proved', 'raise the maximum of the group, or the capacity of a replica',
  );
}

const MOST = 12;

/** One finding for all gaps of a kind in a stack. */
function gap(forecast: StackForecast, entries: readonly string[], what: string, fix: string): Gap[] {
  if (entries.length === 0) return [];
  const shown = entries.slice(0, MOST).join('; ') + (entries.length > MOST ? `; and ${entries.length - MOST} more` : '');
  return [{ path: economicsPath(forecast), message: `${entries.length} on the path of ${forecast.stack.name} ${what}: ${shown}`, fix }];
}
