/** JSON schemas, compiled once: a route's own, where a typing error is an error, and those of the tools that a client sends. */
import Ajv2020, { AnySchemaObject, Options } from 'ajv/dist/2020';
import { compilePattern, has, patternProblem } from '../patterns';

type Fields = Readonly<Record<string, unknown>>;

/** Why the value is not allowed, without a word of it; undefined where it is. */
export type SchemaCheck = (value: unknown) => string | undefined;

/** Compiling takes milliseconds, and longer with what a client may send: a tool's schema is rarely a tenth of it. */
const MOST_CHARACTERS = 20_000;
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

/** A client's pattern that is none, or that may take exponential time, is not tried. */
const CLIENTS: Options = {
  ...options(pattern => {
    if (patternProblem(pattern, '', 'pattern') !== undefined) return named(pattern, () => true);
    const compiled = compilePattern(pattern, '');
    return named(pattern, text => has(text, compiled));
  }),
  strict: false,
};

/** Of a route. Throws where it is no schema of draft 2020-12. */
export const compileSchema = (schema: Fields): SchemaCheck => compiledBy(new Ajv2020(OWN), schema);

/** Those of the tools of late, so that a client that sends the same tools with each call costs a compilation once. */
export class ClientSchemas {
  private readonly ajv = new Ajv2020(CLIENTS);
  /** By the schema's text, the latest used last. */
  private readonly compiled = new Map<string, SchemaCheck>();

  /** A schema that cannot be compiled allows every object. */
  public check(schema: unknown): SchemaCheck {
    if (!isObject(schema)) return anyObject;
    const text = JSON.stringify(schema);
    const known = this.compiled.get(text) ?? this.compile(schema, text);
    this.compiled.delete(text);
    this.compiled.set(text, known);
    if (this.compiled.size > MOST_COMPILED) this.compiled.delete(this.compiled.keys().next().value!);
    return known;
  }

  private compile(schema: Fields, text: string): SchemaCheck {
    if (text.length > MOST_CHARACTERS) return anyObject;
    // What a tool's schema uses of the older drafts is nearly always the same in this one.
    const rest = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
    try {
      const check = compiledBy(this.ajv, rest);
      return value => anyObject(value) ?? check(value);
    } catch {
      return anyObject;
    } finally {
      // It would keep each schema for ever, and refuse another one with the same $id.
      this.ajv.removeSchema(rest);
    }
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

const anyObject: SchemaCheck = value => isObject(value) ? undefined : 'is not a JSON object';

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
