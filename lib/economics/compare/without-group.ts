/** What is left of a stack once a GPU group leaves it: the group's resources go, and what was declared for them alone. */
import { Declaration } from '../../contracts/declaration';
import { StackCharges, StackTemplate } from '../../estimate/estimate';
import { Template, pathOf } from '../../estimate/template';

export function withoutGroup(stack: StackTemplate, group: string): StackTemplate {
  const { declaration } = stack;
  const rest = {
    ...stack,
    ...templatesWithout(stack, group),
    declaration: { ...declaration, groups: declaration.groups.filter(({ path }) => path !== group) },
  };
  return { ...rest, declaration: withoutOrphans(rest, new Set(unmatchedOf(stack))) };
}

/** The template and those nested in it; the same template always becomes the same one, so that a stack nested in itself is still seen. */
function templatesWithout({ template, nested }: StackTemplate, group: string): Pick<StackTemplate, 'template' | 'nested'> {
  const done = new Map<Template, Template>();
  const without = (whole: Template): Template => {
    const rest = done.get(whole) ?? { ...whole, Resources: Object.fromEntries(Object.entries(whole.Resources).filter(([, resource]) => !isUnder(group, pathOf(resource)))) };
    done.set(whole, rest);
    return rest;
  };
  return {
    template: without(template),
    nested: nested && ((parent, logicalId) => {
      const below = nested(parent, logicalId);
      return below && without(below);
    }),
  };
}

const isUnder = (group: string, path: string): boolean => path === group || path.startsWith(`${group}/`);

/** Usage or capacity that was charged with the group and is charged nowhere without it, was the group's own. */
function withoutOrphans(rest: StackTemplate, before: ReadonlySet<string>): Declaration {
  const orphans = new Set(unmatchedOf(rest).filter(name => !before.has(name)));
  const isKept = (resource: string, what: string): boolean => !orphans.has(nameOf(resource, what));
  const { usage, capacity } = rest.declaration;
  return {
    ...rest.declaration,
    usage: usage
      .map(u => ({ ...u, quantities: Object.fromEntries(Object.entries(u.quantities).filter(([item]) => isKept(u.resource, item))) }))
      .filter(u => Object.keys(u.quantities).length > 0),
    capacity: capacity.filter(c => isKept(c.resource, 'capacity')),
  };
}

/** Needs no price: what a declaration is charged to depends on the resources alone. */
const unmatchedOf = (stack: StackTemplate): string[] =>
  new StackCharges(stack, item => ({ known: false, item, reason: 'not asked' })).priceAt(1).unmatched.map(({ path, what }) => nameOf(path, what));

const nameOf = (resource: string, what: string): string => `${resource} ${what}`;
