/** Plays recorded calls through a workflow's route, one after another: the gateway's own pipeline, the recorded answers as its models. */
import { GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { CheckKind, RouteConfig } from '../../contracts/gateway-route';
import { RouteRecord } from '../../contracts/usage-record';
import { InputError } from '../../errors';
import { Bypass } from '../bypass/bypass';
import { compileChecks } from '../checks/checks';
import { TaskClasses } from '../choice/task-class';
import { TierChooser } from '../choice/tier-chooser';
import { writtenCompletion } from '../completion';
import { TokenCalibration } from '../estimate';
import { Refusal } from '../refusal';
import { parseBody } from '../request-body';
import { LiveRoute } from '../route/live-route';
import { Order } from '../route/order';
import { pipeline } from '../route/pipeline';
import { ModelAnswer, RouteTier, Routed } from '../route/ports';
import { newTrace } from '../route/trace';
import { randomFrom, shuffled } from './random';
import { Recorded, Side } from './recorded';

/** Whose answers the data holds. */
export type Pair = Readonly<Record<Side, TierConfig>>;

export interface Played {
  readonly record: Recorded;
  /** In turn; none: a rule answered. */
  readonly asked: readonly Side[];
  readonly given: Side | undefined;
  /** Kinds of the checks that the cheap answer failed; undefined: there is none, or it was not checked. */
  readonly cheapFailed: readonly string[] | undefined;
  readonly route: RouteRecord;
}

interface ReplayTier extends RouteTier {
  readonly side: Side | undefined;
}

type ReplayAnswer = ModelAnswer<ReplayTier> & { readonly side: Side };

/** The first chat tier of the workflow that is not premium, and the first that is. */
export function pairOf({ id }: Pick<GatewayWorkflow, 'id'>, chatTiers: readonly TierConfig[]): Pair {
  const [weak, strong] = [chatTiers.find(tier => !tier.premium), chatTiers.find(tier => tier.premium)];
  if (weak !== undefined && strong !== undefined) return { weak, strong };
  const missing = weak === undefined ? 'one that is not premium' : 'a premium one';
  throw new InputError(`The workflow ${id} lacks ${missing} among its chat tiers (${chatTiers.map(tier => tier.id).join(', ') || 'none'}): an evaluation compares the two, so add it to the workflow's tiers.`);
}

/** In an order by the seed, since what a route has seen decides where the next call begins; so in the order returned. */
export async function replay(records: readonly Recorded[], workflow: GatewayWorkflow, chatTiers: readonly TierConfig[], seed: number): Promise<Played[]> {
  const { weak, strong } = pairOf(workflow, chatTiers);
  const tiers = chatTiers.map(({ id, premium }): ReplayTier => ({
    id, premium, calibration: new TokenCalibration(), side: id === weak.id ? 'weak' : id === strong.id ? 'strong' : undefined,
  }));
  const route = replayedRoute(workflow.route);
  const played: Played[] = [];
  // Not all at once: the next call is to be chosen by what became of this one.
  for (const record of shuffled(records, randomFrom(seed))) played.push(await play(record, workflow.id, tiers, route, `${seed}-${record.line}`));
  return played;
}

/** Recorded answers are texts: how they ended, and what tools they called, is not there. */
export const NOT_RECORDED: readonly CheckKind[] = ['finish-reason', 'tool-call'];

/**
 * Without the rules that ask functions, which are not there; without the cache, which is not measured by calls that all differ;
 * without trimming, since the recorded answers are to whole prompts; and without checks of what is not recorded.
 */
function replayedRoute(configured: RouteConfig): LiveRoute {
  const config = { ...configured, cache: undefined, checks: configured.checks.filter(({ kind }) => !NOT_RECORDED.includes(kind)), bypass: configured.bypass.filter(({ kind }) => kind !== 'function') };
  return {
    config,
    bypass: new Bypass(config.bypass, { seconds: () => 0, open: ({ id }) => { throw new Error(`The function ${id} was to be left out.`); } }),
    checks: compileChecks(config.checks), classes: new TaskClasses(config.classes), chooser: new TierChooser(config.maxPremiumSharePercent), policy: '', countTokens: undefined,
  };
}

/** What a client sends. */
export const bodyOf = (prompt: string): { readonly messages: readonly unknown[] } => ({ messages: [{ role: 'user', content: prompt }] });

async function play(record: Recorded, workflow: string, tiers: readonly ReplayTier[], route: LiveRoute, request: string): Promise<Played> {
  const sent = Buffer.from(JSON.stringify({ model: workflow, ...bodyOf(record.prompt) }));
  const call = {
    request, kind: 'chat' as const, body: parseBody(sent, 'chat'), sent, tenant: 'replay', workflow, run: null,
    taskClass: route.config.classes.find(({ id }) => id === record.task)?.id, tiers, named: undefined,
  };
  const asked: Side[] = [];
  const trace = newTrace();
  const routed = await pipeline<ReplayTier, ReplayAnswer>(call, route, {
    ask: async (_, order) => {
      const tier = admitted(order);
      const side = tier.side ?? unrecorded(tier, trace.class);
      asked.push(side);
      return { tier, side, completion: writtenCompletion({ id: request, model: tier.id, content: record[side].response, created: 0 }) };
    },
    failedChecks: () => undefined,
    notEscalated: () => undefined,
    look: () => Promise.reject(new Error('The cache was to be left out.')),
  }, trace);
  return { record, asked, given: routed.by === 'model' ? routed.answer.side : undefined, cheapFailed: cheapFailures(routed, trace), route: trace };
}

/** As the gateway asks: a premium tier without a permit is passed over. */
function admitted({ tiers, admit, reached }: Order<ReplayTier>): ReplayTier {
  const tier = tiers.find(each => admit(each) !== undefined);
  if (tier === undefined) throw new Refusal('upstream_failed', 'No model of this workflow could be asked.');
  reached();
  return tier;
}

function unrecorded({ id }: ReplayTier, taskClass: string | null): never {
  throw new InputError(`Calls of class ${taskClass} begin at tier ${id}, of which the data has no answers: pin the class to one of the two tiers that are compared, or leave its records out.`);
}

function cheapFailures(routed: Routed<ReplayAnswer>, { failedChecks }: RouteRecord): readonly string[] | undefined {
  if (routed.by !== 'model') return undefined;
  if (routed.other?.answer.side === 'weak') return routed.other.failed;
  return routed.answer.side === 'weak' ? failedChecks ?? undefined : undefined;
}
