/** Options of a resource that cost extra and have no price in the book. */
import { Charge, unpriced } from '../charge';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { isRecord } from '../template';

/** Is an option on? Switched on by being there, unless what is there says off; on where the template cannot tell. */
export function isOn(resource: Resource, at: string): boolean {
  try {
    const value = resource.value(at);
    if (Array.isArray(value)) return value.length > 0;
    return value !== undefined && !OFF.has(isRecord(value) ? value.Enabled : value);
  } catch (error) {
    if (error instanceof Unresolvable) return true;
    throw error;
  }
}

const OFF: ReadonlySet<unknown> = new Set([false, 'false', 0, '0', '', 'DISABLED', 'Disabled', 'disabled', 'NONE', 'None', 'Suspended']);

/** `options` names by property what is charged for beyond the rest of the resource. */
export const extras = (resource: Resource, options: Readonly<Record<string, string>>): Charge[] =>
  Object.entries(options)
    .filter(([at]) => isOn(resource, at))
    .map(([at, what]) => unpriced(`${what} (${at}) has no price in the book`));
