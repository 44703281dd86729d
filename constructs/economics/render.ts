/** From props to the rendered document: refuses tokens and says where a wrong value stands. */
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { ZodType, output } from 'zod';
import { InputError, parseWith } from '../../lib/errors';

/** Marks a UnitEconomics, whichever copy of this package made it. */
export const HOLDS_WORKFLOWS = Symbol.for('cdk-ai-margin.UnitEconomics');

/** The document a construct declares, checked at once, so that the error names the construct path and the value. */
export function render<S extends ZodType>(scope: IConstruct, schema: S, document: unknown): output<S> {
  const token = pathToToken(document);
  if (token !== undefined) {
    throw new InputError(`${scope.node.path}: ${token} is a token, known only at deploy; economics need a literal value at synth.`);
  }
  return parseWith(schema, document, scope.node.path);
}

function pathToToken(value: unknown, at = 'the value'): string | undefined {
  if (Token.isUnresolved(value)) return at;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = pathToToken(inner, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
