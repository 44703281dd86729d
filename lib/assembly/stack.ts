/** A template that was read, with its region and declaration settled: what the estimator takes. */
import { Declaration, emptyDeclaration } from '../contracts/declaration';
import { parseDeclaration } from '../economics/declared';
import { StackTemplate } from '../estimate/estimate';
import { Template } from '../estimate/template';
import { UNKNOWN_REGION } from '../prices/book';

/** Key under `Metadata` of a template. */
export const METADATA_KEY = 'AiMargin';

export interface ReadStack {
  /** Name a person knows it by: the construct path of the stack, or the template's file name. */
  readonly name: string;
  /** undefined for an environment-agnostic stack. */
  readonly region: string | undefined;
  readonly template: Template;
  readonly nested?: StackTemplate['nested'];
}

/** What the template itself declares; a template that never knew our constructs declares nothing. */
export function declarationIn({ name, template }: ReadStack): Declaration {
  const document = template.Metadata?.[METADATA_KEY];
  return document === undefined ? emptyDeclaration() : parseDeclaration(document, `Metadata.${METADATA_KEY} of ${name}`);
}

export const settled = (stack: ReadStack, declaration: Declaration, pricingRegion?: string): StackTemplate => ({
  name: stack.name,
  region: stack.region ?? declaration.pricingRegion ?? pricingRegion ?? UNKNOWN_REGION,
  template: stack.template,
  declaration,
  nested: stack.nested,
});
