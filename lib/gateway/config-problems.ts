/** What a gateway's configuration must hold beyond its schema: names that exist, tiers that fit, budgets that can do what they say. */
import { Budget, GatewayConfig, GatewayWorkflow } from '../contracts/gateway';
import { routeProblems } from './route/route-problems';

/** Each problem in a sentence with its place; none: the configuration is sound. */
export function configProblems(config: GatewayConfig): string[] {
  return [
    ...twice('tiers', config.tiers.map(tier => tier.id)),
    ...twice('workflows', config.workflows.map(workflow => workflow.id)),
    ...twice('keys', config.keys.map(key => key.id)),
    ...config.workflows.flatMap((workflow, i) => workflowProblems(workflow, `workflows.${i}`, config)),
    ...config.keys.flatMap((key, i) => unknown(`keys.${i}.workflow`, key.workflow, config.workflows.map(w => w.id))),
    ...config.budgets.flatMap((budget, i) => budgetProblems(budget, `budgets.${i}`, config)),
    ...twice('budgets', config.budgets.map(budget => [budget.scope, budget.of ?? '*', budget.period, budget.onExhausted, ...budget.tiers ?? []].join(' '))),
  ];
}

function workflowProblems(workflow: GatewayWorkflow, place: string, { tiers }: GatewayConfig): string[] {
  const known = tiers.map(tier => tier.id);
  const seats = workflow.revenue !== undefined && 'seats' in workflow.revenue;
  return [
    ...workflow.tiers.flatMap((tier, i) => unknown(`${place}.tiers.${i}`, tier, known)),
    ...twice(`${place}.tiers`, workflow.tiers),
    ...routeProblems(workflow, `${place}.route`, tiers),
    ...(seats && workflow.runsPerMonth === undefined ? [`${place} (${workflow.id}) earns per seat: give runsPerMonth, over which a month's revenue is spread`] : []),
  ];
}

function budgetProblems(budget: Budget, place: string, config: GatewayConfig): string[] {
  const of = {
    global: [], workflow: config.workflows.map(w => w.id), tenant: [...new Set(config.keys.map(k => k.tenant))], key: config.keys.map(k => k.id),
  }[budget.scope];
  if (budget.scope === 'global' && budget.of !== undefined) return [`${place}.of is ${budget.of}: a global budget is of everything, so leave it out`];
  const tiers = config.tiers.map(tier => tier.id);
  const problems = [...unknown(`${place}.of`, budget.of, of), ...(budget.tiers ?? []).flatMap((tier, i) => unknown(`${place}.tiers.${i}`, tier, tiers))];
  const workflows = config.workflows.filter(w => budget.scope !== 'workflow' || budget.of === undefined || budget.of === w.id);
  if (budget.onExhausted === 'degrade' && problems.length === 0 && !workflows.some(w => chatTiers(w, config) > 1)) {
    problems.push(`${place} degrades, but no workflow it is about has a second chat tier to degrade to: add one, or throttle or block`);
  }
  return problems;
}

const chatTiers = (workflow: GatewayWorkflow, { tiers }: GatewayConfig): number =>
  tiers.filter(tier => tier.kind === 'chat' && workflow.tiers.includes(tier.id)).length;

const unknown = (place: string, given: string | undefined, known: readonly string[]): string[] =>
  given === undefined || known.includes(given) ? [] : [`${place} is ${given}; known are ${known.join(', ') || 'none'}`];

const twice = (place: string, names: readonly string[]): string[] =>
  [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map(name => `${place} has ${name} twice: leave one out, or tell them apart`);
