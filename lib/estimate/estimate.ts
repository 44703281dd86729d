/** A stack's template to cost lines with provenance: collect the charges once, price them at any scale. */
import { CapacityDeclaration, Declaration, UsageDeclaration } from '../contracts/declaration';
import { Decimal, NOTHING, Numeric, Range, ZERO, decimal, exactly, isExact, plus, sumRanges } from '../money';
import { KnownPrice, Price, costOf } from '../prices/price';
import { standIn, widened } from './alternatives';
import { FAMILY_OF, FREE_TYPES, isCustomResource } from './catalog';
import { Charge, unpriced } from './charge';
import { Declared, Found, applyDeclarations } from './declared-usage';
import { Resolver, Unresolvable } from './intrinsics';
import { GpuGroups, GroupLoads } from './gpu-groups';
import { ALL_PLATFORM, Split } from '../split';
import { Load, ReplicaPlan, planReplicas } from './replicas';
import { Resource, ResourceIndex } from './resource';
import { Template } from './template';

export interface CostLine {
  readonly item: string;
  /** null: usage that nobody declared. */
  readonly quantity: Range | null;
  readonly unit: string;
  /** The price of the first unit; null where unknown. */
  readonly unitPriceUsd: Decimal | null;
  /** null where the quantity or the price is unknown: outside every total. */
  readonly monthlyUsd: Range | null;
  readonly usageBased: boolean;
  readonly source: string | null;
  readonly asOf: string | null;
  readonly sku: string | null;
  readonly status: KnownPrice['status'] | 'unknown';
  readonly note?: string;
  readonly split: Split;
}

export interface ResourceCost {
  readonly logicalId: string;
  readonly path: string;
  readonly type: string;
  readonly lines: readonly CostLine[];
}

export interface Unpriced {
  readonly logicalId: string;
  readonly path: string;
  readonly type: string;
  readonly reason: string;
  /** A type the estimator does not know, or a price that is missing for one it does. */
  readonly cause: 'type' | 'price';
}

export interface StackCost {
  readonly resources: readonly ResourceCost[];
  readonly unpriced: readonly Unpriced[];
  readonly monthlyUsd: Range;
  /** The part of monthlyUsd that belongs to each declared GPU group, by its path. */
  readonly groupsUsd: ReadonlyMap<string, Range>;
  /** What somebody must still declare, by resource: usage of an item, or how many replicas run. */
  readonly undeclared: readonly { readonly path: string; readonly what: string }[];
  /** Declared usage that no resource is charged for. */
  readonly unmatched: readonly { readonly path: string; readonly what: string }[];
  /** Peak calls in flight that some group's maximum cannot hold. */
  readonly unserved: readonly { readonly path: string; readonly calls: Decimal }[];
}

/** What is in no total, or not for certain. */
export const unknownsOf = ({ unpriced, undeclared, unmatched }: StackCost): number => unpriced.length + undeclared.length + unmatched.length;

/** What the estimator is given: a template and everything needed to read it. */
export interface StackTemplate {
  readonly name: string;
  readonly region: string;
  readonly template: Template;
  readonly declaration: Declaration;
  /** The template of a nested stack, the same object for the same file; undefined where it cannot be found. */
  readonly nested?: (template: Template, logicalId: string) => Template | undefined;
}

interface FoundResource extends Found {
  readonly type: string;
  readonly unknownType: boolean;
}

/** What one resource adds to the cost of its stack at one scale. */
interface Part {
  readonly resource: ResourceCost;
  readonly missing: readonly Unpriced[];
  readonly undeclared: StackCost['undeclared'];
  readonly unservedCalls: Decimal;
  readonly monthlyUsd: Range;
}

/**
 * The charges of a stack and of the stacks nested in it. Pricing it at several scales does not read the template again,
 * nor price again what no scale moves: a month-by-month forecast asks a hundred times.
 */
export class StackCharges {
  private readonly found: FoundResource[] = [];
  private readonly gpuGroups: GpuGroups;
  /** By resource: the GPU group it is part of. */
  private readonly owners: readonly (string | undefined)[];
  private readonly declared: readonly Declared[];
  private readonly unmatched: StackCost['unmatched'];
  /** By resource; undefined for what moves with the scale. */
  private readonly steady: readonly (Part | undefined)[];
  private readonly steadyUsd: Range;

  public constructor(private readonly stack: StackTemplate, private readonly lookup: (item: string) => Price) {
    this.gpuGroups = new GpuGroups(stack.declaration.groups);
    this.collect(stack.template, '', undefined, []);
    this.owners = this.found.map(({ path }) => this.gpuGroups.ownerOf(path));
    ({ declared: this.declared, unmatched: this.unmatched } = applyDeclarations(this.found, stack.declaration));
    this.steady = this.declared.map((declared, i) => isSteady(declared) && !this.gpuGroups.isSizedByLoad(this.found[i]!.path)
      ? this.partAt(i, { multiple: decimal(1), groupLoads: NO_LOADS }) : undefined);
    this.steadyUsd = sumRanges(this.steady.flatMap(part => part?.monthlyUsd ?? []));
  }

  /** Usage-based quantities times `multiple`; replicas for the load; fixed quantities as they are. */
  public priceAt(multiple: Numeric, load?: Load, groupLoads: GroupLoads = NO_LOADS): StackCost {
    const scale = { multiple: decimal(multiple), load, groupLoads };
    let monthlyUsd = this.steadyUsd;
    const parts = this.steady.map((steady, i) => {
      if (steady) return steady;
      const part = this.partAt(i, scale);
      monthlyUsd = plus(monthlyUsd, part.monthlyUsd);
      return part;
    });
    return {
      resources: parts.map(part => part.resource).filter(resource => resource.lines.length > 0),
      unpriced: parts.flatMap(part => part.missing),
      monthlyUsd,
      groupsUsd: this.groupsUsd(parts),
      undeclared: parts.flatMap(part => part.undeclared),
      unmatched: this.unmatched,
      unserved: parts.filter(part => part.unservedCalls.gt(0)).map(({ resource, unservedCalls }) => ({ path: nameOf(resource), calls: unservedCalls })),
    };
  }

  private groupsUsd(parts: readonly Part[]): Map<string, Range> {
    const byGroup = new Map<string, Range>();
    parts.forEach(({ monthlyUsd }, i) => {
      const owner = this.owners[i];
      if (owner !== undefined) byGroup.set(owner, plus(byGroup.get(owner) ?? NOTHING, monthlyUsd));
    });
    return byGroup;
  }

  private partAt(i: number, scale: At): Part {
    const { logicalId, path, type, unknownType } = this.found[i]!;
    const { metered, capacity } = this.declared[i]!;
    const resource = { logicalId, path, type };
    const lines: CostLine[] = [];
    const missing: Unpriced[] = [];
    const undeclared = new Set<string>();
    let unservedCalls = ZERO;
    const sized = this.gpuGroups.planFor(path, scale.groupLoads);
    for (const { charge, declared, note } of metered) {
      if (charge.kind === 'unpriced') {
        missing.push({ ...resource, reason: charge.reason, cause: unknownType ? 'type' : 'price' });
        continue;
      }
      const { quantity, split, plan } = quantityOf(charge, { declared, capacity, sized, ...scale });
      const price = this.lookup(charge.item);
      if (quantity === null && price.known) undeclared.add(charge.item);
      if (plan?.undeclared) undeclared.add(`how many replicas run (${plan.undeclared})`);
      if (plan) unservedCalls = Decimal.max(unservedCalls, plan.unserved);
      const others = (charge.kind === 'replicas' && charge.alternatives || []).map(item => standIn(item, this.lookup));
      for (const other of others) {
        if (!other.known) missing.push({ ...resource, reason: other.reason, cause: 'price' });
      }
      const line = priced(charge, quantity, split, widened(price, others), note);
      if (line.status === 'unknown' || (line.quantity && !line.monthlyUsd)) {
        missing.push({ ...resource, reason: line.note!, cause: 'price' });
      }
      lines.push(line);
    }
    return {
      resource: { ...resource, lines }, missing, unservedCalls,
      undeclared: [...undeclared].map(what => ({ path: nameOf(resource), what })),
      monthlyUsd: sumRanges(lines.flatMap(line => line.monthlyUsd ?? [])),
    };
  }

  private collect(template: Template, prefix: string, parameters: Record<string, unknown> | undefined, above: readonly Template[]): void {
    const resolver = new Resolver({ template, region: this.stack.region, parameters });
    for (const resource of new ResourceIndex(template, resolver).all) {
      if (resource.type === 'AWS::CloudFormation::Stack') {
        this.collectNested(template, resource, prefix, [...above, template]);
        continue;
      }
      const logicalId = prefix + resource.logicalId;
      const known = chargesOf(resource);
      this.found.push({
        logicalId, path: resource.path, type: resource.type, unknownType: known === undefined,
        charges: known ?? [unpriced(`${resource.type} is not a type this knows how to price`)],
        sizedElsewhere: this.gpuGroups.isSizedByLoad(resource.path),
      });
    }
  }

  private collectNested(template: Template, resource: Resource, prefix: string, above: readonly Template[]): void {
    const logicalId = prefix + resource.logicalId;
    const nested = this.stack.nested?.(template, resource.logicalId);
    if (nested && !above.includes(nested)) {
      this.collect(nested, `${logicalId}/`, parametersFor(resource), above);
      return;
    }
    const reason = nested ? 'this stack is nested in itself' : 'the template of this nested stack was not found, so what it costs is not in any total';
    this.found.push({ logicalId, path: resource.path, type: resource.type, unknownType: false, charges: [unpriced(reason)] });
  }
}

const nameOf = ({ path, logicalId }: { readonly path: string; readonly logicalId: string }): string => path || logicalId;

/** Neither growing usage nor replicas that follow a load. */
const isSteady = ({ metered, capacity }: Declared): boolean => capacity === undefined && metered.every(({ declared }) => !declared?.grows);

function parametersFor(resource: Resource): Record<string, unknown> {
  const given = resource.written('Parameters');
  const resolved: Record<string, unknown> = {};
  for (const name of Object.keys(typeof given === 'object' && given !== null ? given : {})) {
    try {
      resolved[name] = resource.value(`Parameters.${name}`);
    } catch (error) {
      if (!(error instanceof Unresolvable)) throw error; // What the parent cannot tell, the nested stack cannot either.
    }
  }
  return resolved;
}

/** undefined for a type that no family knows. */
function chargesOf(resource: Resource): readonly Charge[] | undefined {
  if (FREE_TYPES.has(resource.type) || isCustomResource(resource.type)) return [];
  const charge = FAMILY_OF.get(resource.type);
  if (!charge) return undefined;
  try {
    return charge(resource);
  } catch (error) {
    if (error instanceof Unresolvable) return [unpriced(error.message)];
    throw error;
  }
}

/** At which scale a stack is priced. */
interface At {
  readonly multiple: Decimal;
  readonly load?: Load;
  readonly groupLoads: GroupLoads;
}

const NO_LOADS: GroupLoads = new Map();

interface Circumstances extends At {
  readonly declared?: UsageDeclaration;
  readonly capacity?: CapacityDeclaration;
  /** The plan of a GPU group, which goes before the bounds of the template. */
  readonly sized?: ReplicaPlan;
}

function quantityOf(charge: Exclude<Charge, { kind: 'unpriced' }>, now: Circumstances): { quantity: Range | null; split: Split; plan?: ReplicaPlan } {
  if (charge.kind === 'fixed') return { quantity: charge.quantity, split: ALL_PLATFORM };
  if (charge.kind === 'replicas') {
    const plan = now.sized ?? planReplicas(charge.group, now.capacity, now.load);
    const { low, expected, high } = charge.perReplica;
    const share = charge.share ?? (count => count);
    const quantity = {
      low: share(plan.count.low).times(low), expected: share(plan.count.expected).times(expected), high: share(plan.count.high).times(high),
    };
    return { quantity, split: plan.split, plan };
  }
  const { declared } = now;
  if (!declared) return { quantity: null, split: ALL_PLATFORM };
  const used = decimal(declared.quantities[charge.item]!).times(declared.grows ? now.multiple : 1);
  return { quantity: exactly(Decimal.max(used, charge.atLeast ?? 0)), split: ALL_PLATFORM };
}

function priced(charge: Exclude<Charge, { kind: 'unpriced' }>, quantity: Range | null, split: Split, price: Price, note?: string): CostLine {
  const usageBased = charge.kind === 'usage';
  if (!price.known) {
    return {
      item: charge.item, quantity, unit: price.unit ?? '', unitPriceUsd: null, monthlyUsd: null, usageBased, split,
      source: null, asOf: null, sku: null, status: 'unknown', note: price.reason,
    };
  }
  const monthlyUsd = quantity && costOfRange(price, quantity);
  return {
    item: charge.item, quantity, unit: price.unit, unitPriceUsd: price.tiers[0].usd.expected, monthlyUsd, usageBased, split,
    source: price.source, asOf: price.asOf, sku: price.sku, status: price.status,
    note: quantity && !monthlyUsd ? `the price of ${charge.item} is unknown beyond ${price.tiers.at(-1)!.upTo?.toFixed()} ${price.unit}` : note ?? price.note,
  };
}

function costOfRange(price: KnownPrice, quantity: Range): Range | null {
  if (isExact(quantity)) return costOf(price, quantity.expected);
  const [low, expected, high] = [costOf(price, quantity.low), costOf(price, quantity.expected), costOf(price, quantity.high)];
  return low && expected && high ? { low: low.low, expected: expected.expected, high: high.high } : null;
}

