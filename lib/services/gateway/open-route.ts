/** A workflow's route made ready: its rules compiled, its functions' connections open. */
import { GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { routeSchema } from '../../contracts/gateway-route';
import { InputError } from '../../errors';
import { Bypass } from '../../gateway/bypass/bypass';
import { policyVersion } from '../../gateway/cache/cache-key';
import { compileChecks } from '../../gateway/checks/checks';
import { TaskClasses } from '../../gateway/choice/task-class';
import { TierChooser } from '../../gateway/choice/tier-chooser';
import { LiveRoute } from '../../gateway/route/live-route';
import { BypassFunction } from './bypass-function';
import { Secrets, secretAt } from './keys';
import { Log } from './log';
import { tokenCounter } from './token-counter/token-counter';

export interface OpenRoute extends LiveRoute {
  close(): Promise<void>;
}

export interface RouteOpening {
  readonly place: string;
  /** Of the workflow. */
  readonly tiers: readonly TierConfig[];
  readonly secrets: Secrets;
  readonly log: Log;
  /** The workflow's route until now: while its share stays, so does what it has learnt of its calls. */
  readonly before: LiveRoute | undefined;
}

export function openRoute(workflow: GatewayWorkflow, { place, tiers, secrets, log, before }: RouteOpening): OpenRoute {
  const { route } = workflow;
  const functions: BypassFunction[] = [];
  const bypass = new Bypass(route.bypass, {
    seconds: () => Math.floor(Date.now() / 1000),
    open: rule => {
      const at = `${place}.bypass (${rule.id})`;
      const apiKey = rule.apiKey === undefined ? undefined : secretAt(rule.apiKey, secrets, `${at}.apiKey`);
      const asked = opened(at, () => new BypassFunction(rule, apiKey, reason => { log.warn({ workflow: workflow.id, rule: rule.id, reason }, 'a bypass function did not answer'); }));
      functions.push(asked);
      return question => asked.ask(question);
    },
  });
  return {
    config: route, bypass, checks: compileChecks(route.checks), classes: new TaskClasses(route.classes),
    chooser: before !== undefined && before.config.maxPremiumSharePercent === route.maxPremiumSharePercent ? before.chooser : new TierChooser(route.maxPremiumSharePercent),
    policy: policyVersion(workflow, tiers),
    countTokens: route.tokenLimits?.maxInput === undefined ? undefined : tokenCounter(),
    close: async () => { await Promise.all(functions.map(each => each.close())); },
  };
}

/** Of a route all that concerns vectors, which have no prompt, no class and no better answer: whether they are kept. */
export function vectorRoute({ config: { cache }, policy }: LiveRoute): LiveRoute {
  return {
    config: routeSchema.parse({ cache }), bypass: new Bypass([], { seconds: () => 0, open: ({ id }) => { throw new Error(`${id} is a rule for texts.`); } }),
    checks: compileChecks([]), classes: new TaskClasses([]), chooser: new TierChooser(undefined), policy, countTokens: undefined,
  };
}

function opened<T>(place: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${place}: ${error.message}`) : error;
  }
}
