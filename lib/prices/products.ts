/** A product as the Price List API answers it: a JSON document inside a string, of which we read what a price needs. */
import { z } from 'zod';

const schema = z.object({
  product: z.object({
    sku: z.string().min(1),
    productFamily: z.string().optional(),
    attributes: z.record(z.string(), z.string()),
  }),
  terms: z.object({
    OnDemand: z.record(z.string(), z.object({
      effectiveDate: z.string().optional(),
      priceDimensions: z.record(z.string(), z.object({
        unit: z.string(),
        beginRange: z.string().default('0'),
        endRange: z.string().default('Inf'),
        pricePerUnit: z.record(z.string(), z.string()),
      })),
    })).optional(),
  }).optional(),
  publicationDate: z.string().optional(),
});

export type Product = z.infer<typeof schema>;
export type OnDemandTerm = NonNullable<NonNullable<Product['terms']>['OnDemand']>[string];
export type PriceDimension = OnDemandTerm['priceDimensions'][string];

/** null for a text that is not such a document: cut off, or not a product. */
export function parseProduct(text: string): Product | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export const attribute = (product: Product, name: string): string | undefined =>
  name === 'productFamily' ? product.product.productFamily : product.product.attributes[name];
