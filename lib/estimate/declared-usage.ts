/** Which declaration counts for which resource, and which for none. Looks at all resources of a stack at once, in no order. */
import { CapacityDeclaration, Declaration, UsageDeclaration } from '../contracts/declaration';
import { Charge, usage } from './charge';

export interface Found {
  /** In a nested stack with its parent's before it: `Network/Nat`. */
  readonly logicalId: string;
  readonly path: string;
  readonly charges: readonly Charge[];
  /** Something else than its declared capacity says how many run, so that a capacity declared for it counts nowhere. */
  readonly sizedElsewhere?: boolean;
}

/** A charge with the usage that somebody declared for it. */
export interface Metered {
  readonly charge: Charge;
  readonly declared?: UsageDeclaration;
  /** What an item of one's own stands for. */
  readonly note?: string;
}

export interface Declared {
  readonly metered: readonly Metered[];
  readonly capacity?: CapacityDeclaration;
}

export interface Unmatched {
  readonly path: string;
  readonly what: string;
}

/**
 * The most specific declaration counts (the resource itself before a path above it), the last among equals. Items that
 * no resource has by nature are added once: names of one's own (`custom/...`), data transfer, metrics in logs and metrics read.
 */
export function applyDeclarations(found: readonly Found[], { usage: usages, capacity }: Declaration): { declared: Declared[]; unmatched: Unmatched[] } {
  const usagesAt = new ByResource(usages);
  const capacitiesAt = new ByResource(capacity);
  const matched = new Set<string>();
  const metered: Metered[][] = [];
  const capacities: (CapacityDeclaration | undefined)[] = [];
  for (const resource of found) {
    const own = usagesAt.meaning(resource);
    metered.push(resource.charges.map(charge => {
      const declared = charge.kind === 'usage' ? own.find(u => charge.item in u.quantities) : undefined;
      if (declared && charge.kind === 'usage') matched.add(key(declared, charge.item));
      return { charge, declared };
    }));
    const sized = !resource.sizedElsewhere && resource.charges.some(charge => charge.kind === 'replicas') ? capacitiesAt.meaning(resource)[0] : undefined;
    if (sized) matched.add(key(sized, CAPACITY));
    capacities.push(sized);
  }
  addOwnItems(found, usagesAt, matched, metered);
  const unmatched = [
    ...usages.flatMap(u => Object.keys(u.quantities).filter(item => !matched.has(key(u, item))).map(item => ({ path: u.resource, what: item }))),
    ...capacity.filter(c => !matched.has(key(c, CAPACITY))).map(c => ({ path: c.resource, what: CAPACITY })),
  ];
  return { declared: metered.map((m, i) => ({ metered: m, capacity: capacities[i] })), unmatched };
}

const CAPACITY = 'capacity';
/** Code may publish metrics through any log group (embedded metric format), and read metrics from anywhere. */
const ANYWHERE = /^(custom\/|data-transfer\/|cloudwatch\/(metric|get-metric-data)$)/;

function addOwnItems(found: readonly Found[], usagesAt: ByResource<UsageDeclaration>, matched: Set<string>, metered: Metered[][]): void {
  const meant = new Map<UsageDeclaration, number[]>();
  found.forEach((resource, i) => usagesAt.meaning(resource).forEach(u => meant.set(u, [...meant.get(u) ?? [], i])));
  for (const [declaration, places] of meant) {
    const charged = places.filter(i => found[i]!.charges.length > 0);
    const here = places.find(i => isExact(declaration.resource, found[i]!)) ?? charged[0] ?? places[0]!;
    for (const item of Object.keys(declaration.quantities).filter(name => ANYWHERE.test(name) && !matched.has(key(declaration, name)))) {
      // Overruled where it would have counted by nature: a more specific declaration stands there.
      if (places.some(i => found[i]!.charges.some(charge => charge.kind === 'usage' && charge.item === item))) continue;
      matched.add(key(declaration, item));
      const about = isExact(declaration.resource, found[here]!) || charged.length === 1;
      const standsFor = item.startsWith('custom/') && about ? unpricedIn(metered[here]!) : [];
      metered[here] = [
        ...metered[here]!.filter(({ charge }) => standsFor.length === 0 || charge.kind !== 'unpriced'),
        { charge: usage(item), declared: declaration, note: standsFor.length > 0 ? `stands for: ${standsFor.join('; ')}` : undefined },
      ];
    }
  }
}

const unpricedIn = (metered: readonly Metered[]): string[] => metered.flatMap(({ charge }) => charge.kind === 'unpriced' ? [charge.reason] : []);

const key = ({ resource }: { readonly resource: string }, what: string): string => `${resource} ${what}`;
const isExact = (declared: string, { logicalId, path }: Found): boolean => declared === logicalId || declared === path;

/** Declarations by the resource they name: a logical id, a construct path, or a path above. */
class ByResource<T extends { readonly resource: string }> {
  private readonly byName = new Map<string, T[]>();

  public constructor(declarations: readonly T[]) {
    // The last comes first, because it counts among equals.
    for (const declaration of declarations) this.byName.set(declaration.resource, [declaration, ...this.byName.get(declaration.resource) ?? []]);
  }

  /** Those that mean the resource, the most specific first. */
  public meaning({ logicalId, path }: Found): T[] {
    if (this.byName.size === 0) return [];
    const above = [...pathsAbove(path), ...pathsAbove(logicalId)].sort((a, b) => b.length - a.length);
    return [...new Set([logicalId, path, ...above])].flatMap(name => this.byName.get(name) ?? []);
  }
}

function pathsAbove(path: string): string[] {
  const above: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) above.push(path.slice(0, end));
  return above;
}
