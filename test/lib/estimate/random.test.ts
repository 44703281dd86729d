/** Whatever stands in a template: nothing is thrown, nothing that is used costs nothing, and what is unknown has no cost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FAMILY_OF, FREE_TYPES } from '../../../lib/estimate/catalog';
import { StackCost } from '../../../lib/estimate/estimate';
import { TemplateResource, isRecord, parseTemplate } from '../../../lib/estimate/template';
import { ZERO, decimal } from '../../../lib/money';
import { estimate, linesOf } from './estimating';
import { PROPERTY_NAMES, VALUES, WRITTEN_ITEMS } from './vocabulary';

const IDS = ['R0', 'R1', 'R2', 'R3', 'R4', 'R5'];
const id = fc.constantFrom(...IDS);
const condition = fc.constantFrom('Yes', 'No', 'Circle', 'Nobody');
const KNOWN_TYPES = [...FAMILY_OF.keys()];

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...VALUES) },
  { weight: 3, arbitrary: fc.nat(5000) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 'true', '', '12', '1.5', -1, 0.5, 1e300, '${R1.Arn}', 'g6.xlarge', 't4g.micro'),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** JSON made of the words that families look for, with intrinsics in any place, well-formed or not. */
const { value, properties } = fc.letrec<{ value: unknown; properties: Record<string, unknown>; intrinsic: unknown; list: unknown }>(
  tie => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('properties'), tie('intrinsic')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    properties: fc.dictionary(fc.constantFrom(...PROPERTY_NAMES, 'toString', '__proto__'), tie('value'), { maxKeys: 12 }) as fc.Arbitrary<
      Record<string, unknown>
    >,
    intrinsic: fc.oneof(
      fc.record({ Ref: fc.oneof(id, fc.constantFrom<unknown>('AWS::NoValue', 'AWS::Region', 'Number', 'Text'), scalar) }),
      fc.record({
        'Fn::GetAtt': fc.oneof(
          id.map(i => [i, 'Arn']),
          id.map(i => `${i}.Arn`),
          tie('value'),
        ),
      }),
      fc.record({ 'Fn::If': fc.tuple(condition, tie('value'), tie('value')) }),
      fc
        .tuple(
          fc.constantFrom(
            'Fn::Join',
            'Fn::Sub',
            'Fn::Select',
            'Fn::Split',
            'Fn::FindInMap',
            'Fn::Equals',
            'Fn::If',
            'Fn::Other',
            'Condition',
          ),
          tie('value'),
        )
        .map(([name, argument]) => ({ [name]: argument })),
    ),
  }),
) as { value: fc.Arbitrary<unknown>; properties: fc.Arbitrary<Record<string, unknown>> };

/** Some of a family's own resources refer to one another, as in a real template. */
const resource: fc.Arbitrary<TemplateResource> = fc.record({
  Type: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...KNOWN_TYPES) },
    { weight: 2, arbitrary: fc.constantFrom(...FREE_TYPES) },
    { weight: 1, arbitrary: fc.string() },
  ),
  Properties: properties,
  Condition: fc.option(condition, { nil: undefined }),
});
const resources = fc.dictionary(id, resource, { minKeys: 1, maxKeys: IDS.length });
const usage = fc.array(
  fc.record({
    resource: id,
    quantities: fc.dictionary(fc.constantFrom(...WRITTEN_ITEMS), fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true }))),
  }),
  { maxLength: 4 },
);

const template = {
  Parameters: { Number: { Type: 'Number', Default: 3 }, Text: { Type: 'String', Default: 'gp3' } },
  Conditions: { Yes: { 'Fn::Equals': [1, 1] }, No: { 'Fn::Equals': [1, 2] }, Circle: { Condition: 'Circle' } },
};

function check(cost: StackCost): void {
  let total = ZERO;
  for (const line of linesOf(cost)) {
    if (line.status === 'unknown') expect([line.monthlyUsd, line.unitPriceUsd, typeof line.note]).toEqual([null, null, 'string']);
    if (line.quantity === null) expect([line.monthlyUsd, line.usageBased]).toEqual([null, true]);
    if (!line.quantity || !line.monthlyUsd) continue;
    const { low, expected, high } = line.monthlyUsd;
    expect(low.lte(expected) && expected.lte(high)).toBe(true); // Also false where one is not a number.
    expect([line.item, expected.isZero()]).toEqual([line.item, line.quantity.expected.isZero()]);
    total = total.plus(expected);
  }
  expect(cost.monthlyUsd.expected.toFixed()).toBe(total.toFixed());
  for (const { reason } of cost.unpriced) expect(reason).toMatch(/\S/);
}

test('random resources with random properties', () => {
  fc.assert(
    fc.property(resources, usage, fc.constantFrom('us-east-1', 'eu-west-1', 'xx-moon-1'), (Resources, declared, region) => {
      check(estimate(Resources, { region, template, declaration: { usage: declared } }));
    }),
    { numRuns: 1000 },
  );
});

/** A real template with some of its properties replaced by anything reaches deeper than one made up. */
const handWritten = parseTemplate(
  JSON.parse(readFileSync(join(__dirname, '../../fixtures/hand-bill/template.json'), 'utf8')),
  'template.json',
);
const pathsIn = (value: unknown, path: readonly string[] = []): string[][] => [
  ...(path.length > 2 ? [[...path]] : []),
  ...(isRecord(value) || Array.isArray(value) ? Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key])) : []),
];
const replacement = fc.tuple(fc.constantFrom(...pathsIn(handWritten.Resources)), value);

function replaced(replacements: readonly [string[], unknown][]): Record<string, TemplateResource> {
  const copy: Record<string, unknown> = structuredClone({ ...handWritten.Resources });
  for (const [path, put] of replacements) {
    let holder: unknown = copy;
    for (const step of path.slice(0, -1))
      holder = isRecord(holder) || Array.isArray(holder) ? (holder as Record<string, unknown>)[step] : undefined;
    if (isRecord(holder) || Array.isArray(holder)) (holder as Record<string, unknown>)[path.at(-1)!] = put;
  }
  return copy as Record<string, TemplateResource>;
}

test('a real template with random values in random places', () => {
  const { Parameters, Mappings, Conditions } = handWritten;
  fc.assert(
    fc.property(fc.array(replacement, { minLength: 1, maxLength: 40 }), fc.nat(300), (replacements, peak) => {
      check(
        estimate(replaced(replacements), {
          template: { Parameters, Mappings, Conditions },
          declaration: {
            capacity: [
              { resource: 'GpuGroup', concurrencyPerReplica: 7 },
              { resource: 'GatewayService', concurrencyPerReplica: 50 },
            ],
          },
          load: { peak: decimal(peak), average: decimal(peak).div(3) },
        }),
      );
    }),
    { numRuns: 400 },
  );
});

test('each type with random properties of its own, random loads and capacity', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KNOWN_TYPES), properties, resources, fc.nat(1000), (Type, Properties, others, peak) => {
      check(
        estimate(
          { ...others, R0: { Type, Properties } },
          {
            template,
            declaration: { capacity: [{ resource: 'R0', concurrencyPerReplica: 7 }] },
            load: { peak: decimal(peak), average: decimal(peak).div(3) },
          },
        ),
      );
    }),
    { numRuns: 1000 },
  );
});

test('every known type with no properties at all', () => {
  for (const Type of KNOWN_TYPES) check(estimate({ It: { Type } }));
});
