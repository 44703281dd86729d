/** Takes what the emulator cannot create out of a template, and everything that pointed to it. Pure, so that it is tested without an emulator. */
import type { Stripped } from '../stripped-types';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Resource { Type: string; Properties?: Record<string, Json>; DependsOn?: string | string[] }
export interface Template { Resources: Record<string, Resource>; Outputs?: Record<string, Json> }

export interface Removed { readonly logicalId: string; readonly type: string; readonly reason: string }

/** Stands where a removed resource was named, so that a reader of the deployed stack sees it. */
const placeholder = (logicalId: string): string => `stripped-${logicalId}`;

export function strip(template: Template, list: readonly Stripped[]): { template: Template; removed: Removed[] } {
  const removed = Object.entries(template.Resources).flatMap(([logicalId, { Type: type, Properties }]) => {
    const entry = list.find(one => one.type === type && (one.having === undefined || Properties?.[one.having] !== undefined));
    return entry ? [{ logicalId, type, reason: entry.reason }] : [];
  });
  const gone = new Set(removed.map(({ logicalId }) => logicalId));
  const resources = Object.entries(template.Resources).filter(([logicalId]) => !gone.has(logicalId))
    .map(([logicalId, resource]) => [logicalId, withoutDependencies(resource, gone)] as const);
  const kept = { ...template, Resources: Object.fromEntries(resources) } as unknown as Json;
  return { template: withoutReferences(kept, gone) as unknown as Template, removed };
}

function withoutDependencies({ DependsOn, ...resource }: Resource, gone: ReadonlySet<string>): Resource {
  const left = [DependsOn ?? []].flat().filter(logicalId => !gone.has(logicalId));
  return left.length > 0 ? { ...resource, DependsOn: left } : resource;
}

function withoutReferences(value: Json, gone: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map(one => withoutReferences(one, gone));
  if (value === null || typeof value !== 'object') return value;
  const target = referenced(value);
  if (target !== undefined && gone.has(target)) return placeholder(target);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, key === 'Fn::Sub' ? withoutSubstitutions(inner, gone) : withoutReferences(inner, gone)]));
}

function referenced(value: { [key: string]: Json }): string | undefined {
  if (typeof value.Ref === 'string') return value.Ref;
  const attribute = value['Fn::GetAtt'];
  const name = Array.isArray(attribute) ? attribute[0] : attribute;
  return typeof name === 'string' ? name.split('.')[0] : undefined;
}

/** `Fn::Sub` is a text, or a text with its own names, which hide logical ids. */
function withoutSubstitutions(value: Json, gone: ReadonlySet<string>): Json {
  const [text, names] = Array.isArray(value) ? value : [value];
  if (typeof text !== 'string') return withoutReferences(value, gone);
  const own = Object.keys(names ?? {});
  const plain = text.replace(/\$\{([^!}.]+)(\.[^}]*)?\}/g, (whole, name: string) =>
    gone.has(name) && !own.includes(name) ? placeholder(name) : whole);
  return names === undefined ? plain : [plain, withoutReferences(names, gone)];
}
