/** Which declared usage counts for which resource, and which declaration counts for none. */
import { UsageDeclaration } from '../contracts/declaration';
import { Charge, usage } from './charge';

/** A declared resource is a logical id (in a nested stack with its parent's: `Network/Nat`), a construct path, or a path above it. */
export const means = (declared: string, logicalId: string, path: string): boolean =>
  [logicalId, path].some(name => name !== '' && (name === declared || name.startsWith(`${declared}/`)));

/**
 * Items that any resource may have where somebody declares them. Names of one's own, priced by a declared commitment, stand
 * for what could not be priced; data transfer has no resource of its own. A declaration counts them once, at the first
 * resource below its path that fits, or at the very resource it names.
 */
function fitsHere(item: string, declared: string, names: readonly string[], charges: readonly Charge[]): boolean {
  const exact = names.some(name => name === declared || name === `${declared}/Resource`);
  if (item.startsWith('custom/')) return exact || charges.some(charge => charge.kind === 'unpriced');
  return item.startsWith('data-transfer/') && (exact || charges.length > 0);
}

export class DeclaredUsages {
  private readonly matched = new Set<string>();

  public constructor(private readonly all: readonly UsageDeclaration[]) {}

  /** The resource's charges with the items declared for it, and by item the declaration that counts: the most specific, then the last. */
  public applyTo(logicalId: string, path: string, charges: readonly Charge[]): { charges: readonly Charge[]; usage: Map<string, UsageDeclaration> } {
    const charged = new Set(charges.flatMap(charge => charge.kind === 'usage' ? [charge.item] : []));
    const counting = new Map<string, UsageDeclaration>();
    const added: Charge[] = [];
    for (const declaration of this.all) {
      if (!means(declaration.resource, logicalId, path)) continue;
      for (const item of Object.keys(declaration.quantities)) {
        const first = !this.matched.has(key(declaration, item));
        if (!charged.has(item) && !(first && fitsHere(item, declaration.resource, [logicalId, path], charges))) continue;
        this.matched.add(key(declaration, item));
        if (!charged.has(item)) {
          charged.add(item);
          added.push(usage(item));
        }
        const before = counting.get(item);
        if (!before || declaration.resource.length >= before.resource.length) counting.set(item, declaration);
      }
    }
    // An item of one's own stands for what could not be priced.
    const own = added.some(charge => charge.kind === 'usage' && charge.item.startsWith('custom/'));
    return { charges: [...own ? charges.filter(charge => charge.kind !== 'unpriced') : charges, ...added], usage: counting };
  }

  public unmatched(): { path: string; what: string }[] {
    return this.all.flatMap(declaration => Object.keys(declaration.quantities)
      .filter(item => !this.matched.has(key(declaration, item)))
      .map(item => ({ path: declaration.resource, what: item })));
  }
}

const key = (declaration: UsageDeclaration, item: string): string => `${declaration.resource} ${item}`;
