/** Resolves CloudFormation intrinsics to literals where a template alone can tell; says what it could not resolve. */
import { Template, isRecord, own } from './template';

/** Thrown where a value is not in the template; its message is the reason a person reads. */
export class Unresolvable extends Error {}

/** What a template tells, or undefined where it alone cannot. */
export function ifTold<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unresolvable) return undefined;
    throw error;
  }
}

const DEPTH_LIMIT = 64;

export interface Surroundings {
  readonly template: Template;
  readonly region: string;
  /** Values a parent stack passes to a nested one. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export class Resolver {
  private readonly resolvingConditions = new Set<string>();

  public constructor(private readonly around: Surroundings) {}

  /** The literal for a value; throws Unresolvable where the template alone cannot tell. */
  public resolve(value: unknown, depth = 0): unknown {
    if (depth > DEPTH_LIMIT) throw new Unresolvable('intrinsics nested too deep');
    if (Array.isArray(value)) {
      return value.map(item => this.resolve(item, depth + 1)).filter(item => item !== NO_VALUE);
    }
    if (!isRecord(value)) return value;
    const key = Object.keys(value)[0]!;
    if (isIntrinsic(value)) return this.intrinsic(key, value[key], depth + 1);
    const entries = Object.entries(value).map(([k, v]) => [k, this.resolve(v, depth + 1)] as const);
    return Object.fromEntries(entries.filter(([, v]) => v !== NO_VALUE));
  }

  /** Does a resource under this condition exist? Unknown counts as existing: a cost is shown rather than lost. */
  public holds(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    try {
      return this.condition(condition, 0);
    } catch (error) {
      if (error instanceof Unresolvable) return true;
      throw error;
    }
  }

  private intrinsic(name: string, argument: unknown, depth: number): unknown {
    switch (name) {
      case 'Ref': return this.ref(argument);
      case 'Condition': return this.condition(textOf(argument, name), depth);
      case 'Fn::Join': {
        const [separator, list] = this.list(argument, depth, name);
        return this.list(list, depth, name).map(part => textOf(part, name)).join(textOf(separator, name));
      }
      case 'Fn::Sub': return this.sub(argument, depth);
      case 'Fn::Select': {
        const [index, list] = this.list(argument, depth, name);
        const chosen = this.list(list, depth, name)[Number(textOf(index, name))];
        if (chosen === undefined) throw new Unresolvable('Fn::Select outside its list');
        return chosen;
      }
      case 'Fn::Split': {
        const [separator, text] = this.list(argument, depth, name);
        return textOf(text, name).split(textOf(separator, name));
      }
      case 'Fn::FindInMap': return this.findInMap(argument, depth);
      case 'Fn::If': {
        if (!Array.isArray(argument) || argument.length !== 3) throw new Unresolvable('Fn::If needs three values');
        return this.resolve(this.condition(textOf(argument[0], name), depth) ? argument[1] : argument[2], depth);
      }
      case 'Fn::Equals': {
        const [a, b] = this.list(argument, depth, name);
        return JSON.stringify(a) === JSON.stringify(b) || (isScalar(a) && isScalar(b) && String(a) === String(b));
      }
      case 'Fn::Not': return !truthy(this.list(argument, depth, name)[0]);
      case 'Fn::And': return this.list(argument, depth, name).every(truthy);
      case 'Fn::Or': return this.list(argument, depth, name).some(truthy);
      default: throw new Unresolvable(`${name} is known only to AWS`);
    }
  }

  private list(argument: unknown, depth: number, name: string): unknown[] {
    const list = this.resolve(argument, depth);
    if (!Array.isArray(list)) throw new Unresolvable(`${name} needs a list`);
    return list;
  }

  private ref(argument: unknown): unknown {
    const name = textOf(argument, 'Ref');
    if (name === 'AWS::Region') return this.around.region;
    if (name === 'AWS::Partition') return 'aws';
    if (name === 'AWS::NoValue') return NO_VALUE;
    const parameter = own(this.around.template.Parameters, name) as { Default?: unknown; Type?: string } | undefined;
    const type = typeof parameter?.Type === 'string' ? parameter.Type : '';
    const value = own(this.around.parameters, name) ?? (type.startsWith('AWS::SSM') ? undefined : parameter?.Default);
    if (value === undefined && parameter?.Default !== undefined) throw new Unresolvable(`parameter ${name} is looked up at deployment`);
    if (value === undefined) throw new Unresolvable(parameter ? `parameter ${name} has no default` : `Ref ${name} is known only to AWS`);
    const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
    return isList && typeof value === 'string' ? value.split(',').map(part => part.trim()) : value;
  }

  private sub(argument: unknown, depth: number): unknown {
    const [text, variables] = Array.isArray(argument) ? argument as [unknown, unknown] : [argument, undefined];
    return textOf(text, 'Fn::Sub').replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const given = own(variables, name);
      if (given !== undefined) return textOf(this.resolve(given, depth), 'Fn::Sub');
      if (name.includes('.')) throw new Unresolvable(`\${${name}} is known only to AWS`);
      return textOf(this.ref(name), 'Fn::Sub');
    }).replace(/\$\{!([^}]+)\}/g, '${$1}');
  }

  private findInMap(argument: unknown, depth: number): unknown {
    let found: unknown = this.around.template.Mappings;
    for (const key of this.list(argument, depth, 'Fn::FindInMap').slice(0, 3)) {
      found = own(found, textOf(key, 'Fn::FindInMap'));
    }
    if (found === undefined) throw new Unresolvable('Fn::FindInMap finds nothing');
    return found;
  }

  private condition(name: string, depth: number): boolean {
    const expression = own(this.around.template.Conditions, name);
    if (expression === undefined) throw new Unresolvable(`condition ${name} does not exist`);
    if (this.resolvingConditions.has(name)) throw new Unresolvable(`condition ${name} refers to itself`);
    this.resolvingConditions.add(name);
    try {
      return truthy(this.resolve(expression, depth + 1));
    } finally {
      this.resolvingConditions.delete(name);
    }
  }
}

/** A record that CloudFormation replaces by what it computes. */
export function isIntrinsic(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const [key, ...others] = Object.keys(value);
  return key !== undefined && others.length === 0 && (key === 'Ref' || key === 'Condition' || key.startsWith('Fn::'));
}

/** Text of a scalar; lists and objects have none. */
function textOf(value: unknown, name: string): string {
  if (!isScalar(value)) throw new Unresolvable(`${name} needs text`);
  return String(value);
}

const NO_VALUE = Symbol('AWS::NoValue');
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const truthy = (value: unknown): boolean => value === true || value === 'true';

