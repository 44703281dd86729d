/** A configuration at work: keys hashed, prices resolved once, connections open. Calls end on the one they began with. */
import { GatewayConfig, GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { InputError } from '../../errors';
import { ScopedCounter, countersOf } from '../../gateway/budget-scopes';
import { TokenCalibration } from '../../gateway/estimate';
import { Refusal } from '../../gateway/refusal';
import { LiveRoute } from '../../gateway/route/live-route';
import { RouteTier } from '../../gateway/route/ports';
import { TierRates, tierRates } from '../../gateway/tier-price';
import { Caller, KeyRing, Secrets, secretAt } from './keys';
import { Log } from './log';
import { OpenRoute, openRoute, vectorRoute } from './open-route';
import { providerNamed } from './providers/providers';
import { Tier } from './upstream/tier';

/** A tier as a workflow has it. */
export interface LiveTier extends RouteTier {
  /** Its maxOutputTokens is no higher than the route's. */
  readonly config: TierConfig;
  readonly rates: TierRates;
  readonly upstream: Tier;
  /** What calls are sent; undefined where the tier takes none. */
  readonly priority: number | undefined;
}

export interface LiveWorkflow {
  readonly config: GatewayWorkflow;
  readonly tiers: readonly LiveTier[];
  readonly route: OpenRoute;
  readonly vectorRoute: LiveRoute;
}

export class Runtime {
  public readonly keys: KeyRing;
  public readonly tiers: readonly LiveTier[];
  private readonly workflows: ReadonlyMap<string, LiveWorkflow>;
  private readonly counters = new Map<string, readonly ScopedCounter[]>();
  private callsUnderWay = 0;
  private retired = false;

  /**
   * Throws an InputError where something the configuration names is missing; nothing stays open then. `before`: the one it takes
   * over from: what its tiers and routes have learnt of their calls stays.
   */
  public constructor(public readonly config: GatewayConfig, secrets: Secrets, log: Log, before?: Runtime) {
    this.keys = new KeyRing(config.keys, secrets);
    const priced = config.tiers.map(tier => ({ config: tier, rates: tierRates(tier, config.priceOverrides) }));
    this.tiers = priced.map(({ config: tier, rates }, i) => ({
      id: tier.id, premium: tier.premium, config: tier, rates, priority: undefined,
      calibration: before?.calibrationOf(tier) ?? new TokenCalibration(), upstream: openTier(tier, i, secrets),
    }));
    const byId = new Map(this.tiers.map(tier => [tier.id, tier]));
    this.workflows = new Map(config.workflows.map((workflow, i) => {
      const tiers = workflow.tiers.map(id => ofWorkflow(byId.get(id)!, workflow));
      const route = openRoute(workflow, { place: `workflows.${i}.route`, tiers: tiers.map(tier => tier.config), secrets, log, before: before?.workflows.get(workflow.id)?.route });
      return [workflow.id, { config: workflow, tiers, route, vectorRoute: vectorRoute(route) }];
    }));
  }

  public workflow(id: string | undefined): LiveWorkflow {
    const workflow = id === undefined ? undefined : this.workflows.get(id);
    if (workflow) return workflow;
    const known = [...this.workflows.keys()].join(', ');
    if (id === undefined) throw new Refusal('unknown_workflow', `This call is for no workflow: send the header x-workflow with one of ${known}, or give the key a default.`);
    throw new Refusal('unknown_workflow', `The workflow ${JSON.stringify(id.slice(0, 80))} is not known here: send x-workflow with one of ${known}.`);
  }

  /** The budgets that this caller's calls of this workflow count in. */
  public countersFor(workflow: string, caller: Caller): readonly ScopedCounter[] {
    const name = `${workflow} ${caller.id}`;
    const known = this.counters.get(name);
    if (known) return known;
    const counters = countersOf(this.config.budgets, { workflow, tenant: caller.tenant, key: caller.id });
    this.counters.set(name, counters);
    return counters;
  }

  public enter(): void {
    this.callsUnderWay++;
  }

  public async leave(): Promise<void> {
    this.callsUnderWay--;
    await this.closeWhenIdle();
  }

  /** No new call begins here; its connections close with the last one. */
  public async retire(): Promise<void> {
    this.retired = true;
    await this.closeWhenIdle();
  }

  private calibrationOf({ id, model }: TierConfig): TokenCalibration | undefined {
    return this.tiers.find(tier => tier.config.id === id && tier.config.model === model)?.calibration;
  }

  private async closeWhenIdle(): Promise<void> {
    if (!this.retired || this.callsUnderWay > 0) return;
    await Promise.all([...this.tiers.map(tier => tier.upstream.close()), ...[...this.workflows.values()].map(({ route }) => route.close())]);
  }
}

function ofWorkflow(tier: LiveTier, { route: { priority, tokenLimits } }: GatewayWorkflow): LiveTier {
  const { maxOutputTokens, acceptsPriority } = tier.config;
  return {
    ...tier, priority: acceptsPriority ? priority : undefined,
    config: { ...tier.config, maxOutputTokens: Math.min(maxOutputTokens, tokenLimits?.maxOutput ?? Infinity) },
  };
}

function openTier(tier: TierConfig, index: number, secrets: Secrets): Tier {
  const place = `tiers.${index} (${tier.id})`;
  const provider = providerNamed(tier.provider, `${place}.provider`);
  const endpoints = tier.endpoints.map((endpoint, i) => {
    const at = `${place}.endpoints.${i}`;
    const apiKey = endpoint.apiKey === undefined ? undefined : secretAt(endpoint.apiKey, secrets, `${at}.apiKey`);
    try {
      return provider(tier, endpoint, apiKey);
    } catch (error) {
      throw error instanceof InputError ? new InputError(`${at}: ${error.message}`) : error;
    }
  });
  return new Tier(tier, endpoints);
}
