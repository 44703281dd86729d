/** A stack's template to cost lines with provenance: collect the charges once, price them at any scale. */
import { CapacityDeclaration, Declaration, UsageDeclaration } from '../contracts/declaration';
import { Decimal, NOTHING, Numeric, Range, ZERO, decimal, exactly, isExact, plus } from '../money';
import { KnownPrice, Price, costOf } from '../prices/price';
import { widened } from './alternatives';
import { FAMILY_OF, FREE_TYPES, isCustomResource } from './catalog';
import { Charge, unpriced, usage } from './charge';
import { Resolver, Unresolvable } from './intrinsics';
import { ALL_PLATFORM, Load, ReplicaPlan, Split, planReplicas } from './replicas';
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
  /** A price or a usage that is missing, rather than a type or a property this cannot read. */
  readonly cause: 'price' | 'resource';
}

export interface StackCost {
  readonly resources: readonly ResourceCost[];
  readonly unpriced: readonly Unpriced[];
  readonly monthlyUsd: Range;
  /** Peak calls in flight that some group's maximum cannot hold. */
  readonly unserved: readonly { path: string; calls: Decimal }[];
}

/** What the estimator is given: a template and everything needed to read it. */
export interface StackTemplate {
  readonly name: string;
  readonly region: string;
  readonly template: Template;
  readonly declaration: Declaration;
  /** The template of a nested stack, by the logical id of its resource; undefined where it cannot be found. */
  readonly nested?: (template: Template, logicalId: string) => Template | undefined;
}

interface Charged {
  readonly resource: { readonly logicalId: string; readonly path: string; readonly type: string };
  readonly charges: readonly Charge[];
  readonly usage: readonly UsageDeclaration[];
  readonly capacity?: CapacityDeclaration;
}

/** The charges of a stack and of the stacks nested in it. Pricing it at several scales does not read the template again. */
export class StackCharges {
  private readonly charged: Charged[] = [];

  public constructor(private readonly stack: StackTemplate) {
    this.collect(stack.template, '', undefined, 0);
  }

  /** Usage-based quantities times `multiple`; replicas for the load; fixed quantities as they are. */
  public priceAt(multiple: Numeric, lookup: (item: string) => Price, load?: Load): StackCost {
    const resources: ResourceCost[] = [];
    const missing: Unpriced[] = [];
    const unserved: { path: string; calls: Decimal }[] = [];
    let monthlyUsd: Range = NOTHING;
    for (const { resource, charges, usage, capacity } of this.charged) {
      const lines: CostLine[] = [];
      let unservedCalls = ZERO;
      for (const charge of charges) {
        if (charge.kind === 'unpriced') {
          missing.push({ ...resource, reason: charge.reason, cause: 'resource' });
          continue;
        }
        const { quantity, split, plan } = quantityOf(charge, { usage, capacity, multiple: decimal(multiple), load });
        if (plan) unservedCalls = Decimal.max(unservedCalls, plan.unserved);
        const others = (charge.kind === 'replicas' && charge.alternatives || []).map(lookup);
        for (const other of others) {
          if (!other.known) missing.push({ ...resource, reason: other.reason, cause: 'price' });
        }
        const line = priced(charge, quantity, split, widened(lookup(charge.item), others));
        if (line.status === 'unknown' || (line.quantity && !line.monthlyUsd)) {
          missing.push({ ...resource, reason: line.note!, cause: 'price' });
        }
        if (line.monthlyUsd) monthlyUsd = plus(monthlyUsd, line.monthlyUsd);
        lines.push(line);
      }
      if (unservedCalls.gt(0)) unserved.push({ path: resource.path || resource.logicalId, calls: unservedCalls });
      if (lines.length > 0) resources.push({ ...resource, lines });
    }
    return { resources, unpriced: missing, monthlyUsd, unserved };
  }

  private collect(template: Template, prefix: string, parameters: Record<string, unknown> | undefined, depth: number): void {
    const resolver = new Resolver({ template, region: this.stack.region, parameters });
    for (const resource of new ResourceIndex(template, resolver).all) {
      if (resource.type === 'AWS::CloudFormation::Stack') {
        this.collectNested(template, resource, prefix, depth);
        continue;
      }
      const logicalId = prefix + resource.logicalId;
      const names = [logicalId, resource.logicalId, resource.path];
      const usage = this.stack.declaration.usage.filter(u => means(u.resource, names));
      const charges = withOwnItems(chargesOf(resource), usage);
      if (charges.length === 0) continue;
      this.charged.push({
        resource: { logicalId, path: resource.path, type: resource.type },
        charges,
        usage,
        capacity: this.stack.declaration.capacity.findLast(c => means(c.resource, names)),
      });
    }
  }

  private collectNested(template: Template, resource: Resource, prefix: string, depth: number): void {
    const logicalId = prefix + resource.logicalId;
    const nested = depth < 8 ? this.stack.nested?.(template, resource.logicalId) : undefined;
    if (nested) {
      this.collect(nested, `${logicalId}/`, parametersFor(resource), depth + 1);
      return;
    }
    const reason = 'the template of this nested stack was not found, so what it costs is not in any total';
    this.charged.push({ resource: { logicalId, path: resource.path, type: resource.type }, charges: [unpriced(reason)], usage: [] });
  }
}

/** Items that people name themselves, priced by a declared commitment: for what the estimator cannot price. */
const OWN_ITEM = 'custom/';

function withOwnItems(charges: readonly Charge[], declared: readonly UsageDeclaration[]): readonly Charge[] {
  const own = declared.flatMap(u => Object.keys(u.quantities)).filter(item => item.startsWith(OWN_ITEM));
  return own.length === 0 ? charges : [...charges.filter(c => c.kind !== 'unpriced'), ...own.map(item => usage(item))];
}

/** A declared resource is a logical id, a construct path, or a path above it. */
const means = (declared: string, [prefixed, logicalId, path]: readonly string[]): boolean =>
  declared === logicalId || declared === prefixed || (path !== undefined && path !== '' && (path === declared || path.startsWith(`${declared}/`)));

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

function chargesOf(resource: Resource): readonly Charge[] {
  if (FREE_TYPES.has(resource.type) || isCustomResource(resource.type)) return [];
  const charge = FAMILY_OF.get(resource.type);
  if (!charge) return [unpriced(`${resource.type} is not a type this knows how to price`)];
  try {
    return charge(resource);
  } catch (error) {
    if (error instanceof Unresolvable) return [unpriced(error.message)];
    throw error;
  }
}

interface Circumstances {
  readonly usage: readonly UsageDeclaration[];
  readonly capacity?: CapacityDeclaration;
  readonly multiple: Decimal;
  readonly load?: Load;
}

function quantityOf(charge: Exclude<Charge, { kind: 'unpriced' }>, now: Circumstances): { quantity: Range | null; split: Split; plan?: ReplicaPlan } {
  if (charge.kind === 'fixed') return { quantity: charge.quantity, split: ALL_PLATFORM };
  if (charge.kind === 'replicas') {
    const plan = planReplicas(charge.group, now.capacity, now.load);
    const { low, expected, high } = charge.perReplica;
    const share = charge.share ?? (count => count);
    const quantity = {
      low: share(plan.count.low).times(low), expected: share(plan.count.expected).times(expected), high: share(plan.count.high).times(high),
    };
    return { quantity, split: plan.split, plan };
  }
  const declared = now.usage.filter(u => charge.item in u.quantities);
  if (declared.length === 0) return { quantity: null, split: ALL_PLATFORM };
  const used = declared.reduce((total, u) => total.plus(decimal(u.quantities[charge.item]!).times(u.grows ? now.multiple : 1)), ZERO);
  return { quantity: exactly(Decimal.max(used, charge.atLeast ?? 0)), split: ALL_PLATFORM };
}

function priced(charge: Exclude<Charge, { kind: 'unpriced' }>, quantity: Range | null, split: Split, price: Price): CostLine {
  const usageBased = charge.kind === 'usage';
  if (!price.known) {
    return {
      item: charge.item, quantity, unit: '', unitPriceUsd: null, monthlyUsd: null, usageBased, split,
      source: null, asOf: null, sku: null, status: 'unknown', note: price.reason,
    };
  }
  const monthlyUsd = quantity && costOfRange(price, quantity);
  return {
    item: charge.item, quantity, unit: price.unit, unitPriceUsd: price.tiers[0].usd.expected, monthlyUsd, usageBased, split,
    source: price.source, asOf: price.asOf, sku: price.sku, status: price.status,
    note: quantity && !monthlyUsd ? `the price of ${charge.item} is unknown beyond ${price.tiers.at(-1)!.upTo?.toFixed()} ${price.unit}` : price.note,
  };
}

function costOfRange(price: KnownPrice, quantity: Range): Range | null {
  if (isExact(quantity)) return costOf(price, quantity.expected);
  const [low, expected, high] = [costOf(price, quantity.low), costOf(price, quantity.expected), costOf(price, quantity.high)];
  return low && expected && high ? { low: low.low, expected: expected.expected, high: high.high } : null;
}

