/** JSON schemas, compiled once: a route's own, where a typing error is an error, and those of the tools that a client sends. */
import Ajv2020, { AnySchemaObject, Options } from 'ajv/dist/2020';
import { compilePattern, has } from '../patterns';

type Fields = Readonly<Record<string, unknown>>;

/** Why the value is not allowed, without a word of it; undefined where it is. */
export type SchemaCheck = (value: unknown) => string | undefined;

/** Compiling takes milliseconds, and longer with what a client may send: a tool's schema is rarely a tenth of these. */
const MOST_CHARACTERS = 20_000;
/** Of any kind, sub-schemas and the members of an enum among them: each value of an answer may be held against every one. */
const MOST_VALUES = 500;
/** Two for each level of properties. */
const DEEPEST = 32;
const MOST_COMPILED = 256;

interface Tested {
  test(text: string): boolean;
  toString(): string;
}

/** ajv takes two patterns for one where they have one name. */
const named = (pattern: string, test: (text: string) => boolean): Tested => ({ test, toString: () => pattern });

/** `format` says what a value is for and forbids nothing: so has it draft 2020-12. The first error is enough. */
const options = (regExp: (pattern: string) => Tested): Options => ({ validateFormats: false, logger: false, code: { regExp: Object.assign(regExp, { code: '' }) } });

/** As for every other pattern of a configuration, one that may take exponential time is an error. */
const OWN: Options = {
  ...options(pattern => {
    const compiled = compilePattern(pattern, '', `pattern ${JSON.stringify(pattern.slice(0, 60))}`);
    return named(pattern, text => has(text, compiled));
  }),
  // Only what is surely a mistake is one: generators of schemas write what these would forbid.
  strict: true, strictTypes: false, strictRequired: false, strictTuples: false,
};

/** What lets a short schema take long over an answer: what looks a part up again, and what compares each item with each other. */
const SLOW = ['$ref', '$dynamicRef', 'uniqueItems'];

/** Whether it is a schema at all, which is itself told by a schema with patterns and references. */
const drafts = new Ajv2020({ logger: false });

const notTried = (keyword: string): never => {
  throw new Error(`${keyword} is not tried`);
};

/**
 * Of a schema that a client sends nothing is run that can stop the gateway. One with a pattern or a slow keyword does not compile:
 * to leave out such a keyword alone could also forbid what the schema allows, as under `not`.
 */
export function clientsAjv(): Ajv2020 {
  const ajv = new Ajv2020({ ...options(() => notTried('pattern')), strict: false, meta: false, validateSchema: false });
  for (const keyword of SLOW) ajv.removeKeyword(keyword).addKeyword({ keyword, compile: () => notTried(keyword) });
  return ajv;
}

/** Of a route. Throws where it is no schema of draft 2020-12. */
export const compileSchema = (schema: Fields): SchemaCheck => compiledBy(new Ajv2020(OWN), schema);

/** Those of the tools of late, so that a client that sends the same tools with each call costs a compilation once. */
export class ClientSchemas {
  private ajv: Ajv2020;
  /** By the schema's text. */
  private readonly compiled = new Map<string, SchemaCheck>();

  public constructor(private readonly newAjv = clientsAjv) {
    this.ajv = newAjv();
  }

  /** A schema that cannot be compiled, is too large, or has a pattern, a `$ref`, a `$dynamicRef` or `uniqueItems` allows every object. */
  public check(schema: unknown): SchemaCheck {
    if (!isObject(schema) || valuesIn(schema) > MOST_VALUES) return anyObject;
    const text = JSON.stringify(schema);
    const known = this.compiled.get(text);
    if (known !== undefined) return known;
    if (this.compiled.size >= MOST_COMPILED) this.forget();
    const check = this.compile(schema, text);
    this.compiled.set(text, check);
    return check;
  }

  private compile(schema: Fields, text: string): SchemaCheck {
    if (text.length > MOST_CHARACTERS) return anyObject;
    // What a tool's schema uses of the older drafts is nearly always the same in this one.
    const rest = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
    try {
      if (drafts.validateSchema(rest) !== true) return anyObject;
      const check = compiledBy(this.ajv, rest);
      return value => anyObject(value) ?? check(value);
    } catch {
      return anyObject;
    } finally {
      // It would refuse another one with the same $id.
      this.ajv.removeSchema(rest);
    }
  }

  /** All of them: ajv keeps a part of each schema it has compiled, and each check keeps its ajv. */
  private forget(): void {
    this.compiled.clear();
    this.ajv = this.newAjv();
  }
}

function compiledBy(ajv: Ajv2020, schema: Fields): SchemaCheck {
  const validate = ajv.compile(schema as AnySchemaObject);
  if ('$async' in validate) throw new Error('$async is not accepted: leave it out');
  return value => {
    try {
      // The place is the schema's: one of the answer would have the answer's own names.
      return validate(value) ? undefined : `is not what the schema allows: ${validate.errors?.[0]?.schemaPath.slice(0, 200) ?? '#'}`;
    } catch {
      return 'is nested too deeply for its schema';
    }
  };
}

/** Itself and all values in it; Infinity where it is too deep. */
function valuesIn(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (depth >= DEEPEST) return Infinity;
  return Object.values(value).reduce((sum: number, each: unknown) => sum + valuesIn(each, depth + 1), 1);
}

const anyObject: SchemaCheck = value => isObject(value) ? undefined : 'is not a JSON object';

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
