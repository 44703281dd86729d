/** What a workflow's route must hold beyond its schema: parts that have the tiers they need, and rules that can be compiled. */
import { GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { TaskClass } from '../../contracts/gateway-route';
import { bypassProblems } from '../bypass/bypass-problems';
import { checkProblems } from '../checks/checks';
import { patternProblem } from '../patterns';

/** `tiers`: all of the configuration. Each problem in a sentence with its place. */
export function routeProblems({ tiers: ids, route }: GatewayWorkflow, place: string, tiers: readonly TierConfig[]): string[] {
  const chat = tiers.filter(tier => tier.kind === 'chat' && ids.includes(tier.id));
  const both = chat.some(tier => tier.premium) && chat.some(tier => !tier.premium);
  const needsBoth = (part: string, set: boolean): string[] =>
    set && !both ? [`${place}.${part} is about premium tiers and others, and the workflow has not both among its chat tiers: add one, mark one with premium, or leave it out`] : [];
  const classes = route.classes.map(each => each.id);
  return [
    ...bypassProblems(route.bypass, `${place}.bypass`),
    ...route.classes.flatMap((each, i) => classProblems(each, `${place}.classes.${i}`, chat)),
    ...[...new Set(classes.filter((id, i) => classes.indexOf(id) !== i))].map(id => `${place}.classes has ${id} twice: leave one out, or tell them apart`),
    ...checkProblems(route.checks, `${place}.checks`),
    ...needsBoth('maxPremiumSharePercent', route.maxPremiumSharePercent !== undefined),
    ...needsBoth('shadowPercent', route.shadowPercent > 0),
  ];
}

function classProblems({ tier, patterns }: TaskClass, place: string, chat: readonly TierConfig[]): string[] {
  const known = chat.map(each => each.id);
  return [
    ...(tier === undefined || known.includes(tier) ? [] : [`${place}.tier is ${tier}; the workflow's chat tiers are ${known.join(', ') || 'none'}`]),
    ...patterns.flatMap((pattern, i) => patternProblem(pattern, '', `${place}.patterns.${i}`) ?? []),
  ];
}
