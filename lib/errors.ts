/** What a person did wrong, in one paragraph: what was given, where, and what would be accepted. */
import type { ZodError, ZodType, output } from 'zod';

export class InputError extends Error {
  public override readonly name = 'InputError';
}

/** A document that fits its schema, or an InputError that names the first problems: place, value given, what is accepted. */
export function parseWith<S extends ZodType>(schema: S, document: unknown, what: string): output<S> {
  const parsed = schema.safeParse(document, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InputError(explainSchema(what, parsed.error));
}

/** The first problems of a refused document in one paragraph; parse with `reportInput`, so that the values are told. */
export function explainSchema(what: string, { issues }: ZodError): string {
  const shown = issues.slice(0, 3).map(issue => `${issue.path.map(String).join('.') || 'the document'} is ${given(issue.input)}: ${issue.message}`);
  const more = issues.length - shown.length;
  return `${what} is not valid. ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function given(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
