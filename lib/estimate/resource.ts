/** One resource as a service family sees it: typed, resolved reads, and the other resources of its template. */
import { Resolver, Unresolvable, isIntrinsic } from './intrinsics';
import { Template, TemplateResource, isRecord, pathOf } from './template';

export class Resource {
  public readonly type: string;
  public readonly path: string;

  public constructor(
    public readonly logicalId: string,
    private readonly raw: TemplateResource,
    private readonly resolver: Resolver,
    public readonly siblings: ResourceIndex,
  ) {
    this.type = raw.Type;
    this.path = pathOf(raw);
  }

  /** The property as written, intrinsics and all; `at` is dotted: `Ebs.VolumeSize`. */
  public written(at: string): unknown {
    return at.split('.').reduce<unknown>((value, key) => isRecord(value) ? value[key] : undefined, this.raw.Properties);
  }

  /** The property with intrinsics resolved, undefined where absent; throws Unresolvable where the template cannot tell. */
  public value(at: string): unknown {
    return this.guarded(this.reach(at), at);
  }

  public text(at: string, otherwise?: string): string {
    const value = this.value(at) ?? otherwise;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new Unresolvable(value === undefined ? `${at} is not set` : `${at} is not text`);
  }

  /** A finite, non-negative number; CloudFormation also writes numbers as text. */
  public number(at: string, otherwise?: number): number {
    const value = this.value(at) ?? otherwise;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
    throw new Unresolvable(value === undefined ? `${at} is not set` : `${at} is not a number of 0 or more`);
  }

  public flag(at: string, otherwise = false): boolean {
    const value = this.value(at) ?? otherwise;
    return value === true || value === 'true';
  }

  /** The elements of a list, resolved; an absent list is empty. */
  public list(at: string): unknown[] {
    const value = this.value(at);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw new Unresolvable(`${at} is not a list`);
    return value;
  }

  /** The records in a list, each read like a resource: `VolumeSize` rather than `BlockDeviceMappings.0.VolumeSize`. */
  public parts(at: string): Resource[] {
    const list = this.evaluated(this.reach(at), at) ?? [];
    if (!Array.isArray(list)) throw new Unresolvable(`${at} is not a list`);
    return list.map(item => this.evaluated(item, at)).filter(item => item !== undefined).map(item => {
      if (!isRecord(item)) throw new Unresolvable(`${at} is not a list of objects`);
      return new Resource(this.logicalId, { Type: this.type, Properties: item }, this.resolver, this.siblings);
    });
  }

  /** The record at a property, read like a resource. */
  public part(at: string): Resource {
    const record = this.evaluated(this.reach(at), at);
    if (!isRecord(record)) throw new Unresolvable(`${at} is not an object`);
    return new Resource(this.logicalId, { Type: this.type, Properties: record }, this.resolver, this.siblings);
  }

  /** Is there anything at the property? What AWS alone knows counts as something. */
  public has(at: string): boolean {
    try {
      return this.value(at) !== undefined;
    } catch (error) {
      if (error instanceof Unresolvable) return true;
      throw error;
    }
  }

  /** Length of a list whose elements AWS alone may know (subnets made elsewhere). */
  public lengthOf(at: string): number {
    const value = this.written(at);
    if (Array.isArray(value)) return value.length;
    return this.list(at).length;
  }

  /** The resources of this template that a property refers to, by Ref, Fn::GetAtt or Fn::Sub, in any depth. */
  public references(at: string): Resource[] {
    return [...referencedIds(this.written(at))].flatMap(id => this.siblings.get(id) ?? []);
  }

  /** The property as written, but through the intrinsics on the way to it: what lies beside it need not be resolvable. */
  private reach(at: string): unknown {
    let value: unknown = this.raw.Properties;
    for (const step of at.split('.')) {
      const holder = this.evaluated(value, at);
      if (!isRecord(holder)) return undefined;
      value = holder[step];
    }
    return value;
  }

  private evaluated(value: unknown, at: string): unknown {
    return isIntrinsic(value) ? this.guarded(value, at) : value;
  }

  private guarded(value: unknown, at: string): unknown {
    try {
      const resolved = this.resolver.resolve(value);
      return typeof resolved === 'symbol' ? undefined : resolved ?? undefined;
    } catch (error) {
      if (error instanceof Unresolvable) throw new Unresolvable(`${at}: ${error.message}`);
      throw error;
    }
  }
}

/** The resources of one template that exist (their condition holds or cannot be told), by id and by type. */
export class ResourceIndex {
  private readonly byId = new Map<string, Resource>();
  private readonly byType = new Map<string, Resource[]>();

  public constructor(template: Template, resolver: Resolver) {
    for (const [id, raw] of Object.entries(template.Resources)) {
      if (!resolver.holds(raw.Condition)) continue;
      const resource = new Resource(id, raw, resolver, this);
      this.byId.set(id, resource);
      const sameType = this.byType.get(resource.type);
      if (sameType) sameType.push(resource);
      else this.byType.set(resource.type, [resource]);
    }
  }

  public get all(): IterableIterator<Resource> {
    return this.byId.values();
  }

  public get(logicalId: string): Resource | undefined {
    return this.byId.get(logicalId);
  }

  public ofType(type: string): readonly Resource[] {
    return this.byType.get(type) ?? [];
  }

  private readonly pointing = new Map<string, Map<string, Resource[]>>();

  /** Resources of a type whose property refers to the given one. Each type and property is indexed once. */
  public pointingAt(target: Resource, type: string, at: string): readonly Resource[] {
    const key = `${type} ${at}`;
    let index = this.pointing.get(key);
    if (!index) {
      index = new Map();
      for (const resource of this.ofType(type)) {
        for (const { logicalId } of resource.references(at)) {
          index.set(logicalId, [...index.get(logicalId) ?? [], resource]);
        }
      }
      this.pointing.set(key, index);
    }
    return index.get(target.logicalId) ?? [];
  }
}

function referencedIds(value: unknown, found = new Set<string>(), depth = 0): Set<string> {
  if (depth > 64) return found;
  if (Array.isArray(value)) value.forEach(item => referencedIds(item, found, depth + 1));
  else if (isRecord(value)) {
    if (typeof value.Ref === 'string') found.add(value.Ref);
    const attribute = value['Fn::GetAtt'];
    const id = Array.isArray(attribute) ? attribute[0] : typeof attribute === 'string' ? attribute.split('.')[0] : undefined;
    if (typeof id === 'string') found.add(id);
    const sub = value['Fn::Sub'];
    const text = Array.isArray(sub) ? sub[0] : sub;
    if (typeof text === 'string') for (const match of text.matchAll(/\$\{([A-Za-z0-9]+)/g)) found.add(match[1]!);
    Object.values(value).forEach(item => referencedIds(item, found, depth + 1));
  }
  return found;
}
