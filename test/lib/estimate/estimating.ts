/** What the estimator's tests share: a template of given resources, estimated with the built-in prices. */
import { DeclarationInput, declarationSchema } from '../../../lib/contracts/declaration';
import { CostLine, StackCharges, StackCost } from '../../../lib/estimate/estimate';
import { Load } from '../../../lib/estimate/replicas';
import { Template, TemplateResource } from '../../../lib/estimate/template';
import { PriceBook, withOverrides } from '../../../lib/prices/book';

export const BOOK = PriceBook.builtIn();
export const FAR_AWAY = 'eu-west-1';

export interface Circumstances {
  readonly region?: string;
  readonly declaration?: Omit<DeclarationInput, 'version'>;
  readonly multiple?: number;
  readonly load?: Load;
  readonly template?: Omit<Template, 'Resources'>;
  readonly nested?: (template: Template, logicalId: string) => Template | undefined;
}

export function estimate(resources: Record<string, TemplateResource>, circumstances: Circumstances = {}): StackCost {
  const { region = 'us-east-1', multiple = 1, load, nested } = circumstances;
  const declaration = declarationSchema.parse({ version: 1, ...circumstances.declaration });
  const template = { ...circumstances.template, Resources: resources };
  const lookup = withOverrides(item => BOOK.lookup(item, region), declaration.priceOverrides);
  return new StackCharges({ name: 'Product', region, template, declaration, nested }, lookup).priceAt(multiple, load);
}

export const linesOf = (cost: StackCost, logicalId?: string): readonly CostLine[] =>
  cost.resources.filter(resource => logicalId === undefined || resource.logicalId === logicalId).flatMap(resource => resource.lines);

/** `item quantity`, or `item low..expected..high` for a range, or `item -` for usage nobody declared. */
export const quantities = (cost: StackCost, logicalId?: string): string[] =>
  linesOf(cost, logicalId).map(({ item, quantity }) => {
    if (!quantity) return `${item} -`;
    const { low, expected, high } = quantity;
    const isExact = low.eq(high);
    return `${item} ${isExact ? expected.toFixed() : [low, expected, high].map(q => q.toFixed()).join('..')}`;
  });

/** The quantities of one resource, alone in its template. */
export const quantitiesOf = (
  type: string,
  properties: Record<string, unknown> = {},
  others: Record<string, TemplateResource> = {},
): string[] => quantities(estimate({ It: { Type: type, Properties: properties }, ...others }), 'It');

export const reasonsOf = (type: string, properties: Record<string, unknown> = {}): string[] =>
  estimate({ It: { Type: type, Properties: properties } })
    .unpriced.filter(u => !u.reason.startsWith('no price for '))
    .map(u => u.reason);
