import { DeclarationInput } from '../../../lib/contracts/declaration';
import { withoutGroup } from '../../../lib/economics/compare/without-group';
import { StackCharges, StackTemplate } from '../../../lib/estimate/estimate';
import { Template } from '../../../lib/estimate/template';
import { GROUP, declaration, resources, stackOf } from './compare-fixture';

const usageLeft = (usage: DeclarationInput['usage'], Resources: Template['Resources'] = resources()): unknown =>
  withoutGroup(stackOf({ usage }, Resources), GROUP).declaration.usage.map(u => [u.resource, Object.keys(u.quantities)]);

test('what is under the path goes, a path that only begins alike stays', () => {
  const alike = { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': `${GROUP}2/Queue` } };
  const rest = withoutGroup(stackOf({}, { ...resources(), Alike: alike, Handmade: { Type: 'AWS::SQS::Queue' } }), GROUP);
  expect(Object.keys(rest.template.Resources)).toEqual(['Key', 'Alike', 'Handmade']);
  expect(rest.declaration.groups).toEqual([]);
});

test('usage goes with the resources it was charged for, however it names them', () => {
  expect(usageLeft([
    { resource: 'App/Key', quantities: { 'kms/request': 0 } },
    { resource: 'Secret', quantities: { 'secrets-manager/request': 5 } },
    { resource: 'App', quantities: { 'ebs/gp3-storage': 1, 'custom/mine': 3 } },
    { resource: GROUP, quantities: { 'custom/its': 3 } },
  ])).toEqual([['App/Key', ['kms/request']], ['App', ['custom/mine']]]);
});

test('usage that was charged for nothing before is still told', () => {
  const stack = stackOf({ usage: [...declaration().usage!, { resource: 'App/Nothing', quantities: { 'sqs/request': 1 } }], capacity: [
    { resource: 'App/Nowhere', concurrencyPerReplica: 4 }, { resource: GROUP, concurrencyPerReplica: 4 },
  ] });
  const rest = withoutGroup(stack, GROUP);
  expect(new StackCharges(rest, item => ({ known: false, item, reason: 'not asked' })).priceAt(1).unmatched)
    // The group sizes itself, so a capacity declared for it counted nowhere before either.
    .toEqual([{ path: 'App/Nothing', what: 'sqs/request' }, { path: 'App/Nowhere', what: 'capacity' }, { path: GROUP, what: 'capacity' }]);
});

test('nested stacks lose their part, and one nested in itself is still an end', () => {
  const nestedStack = { Type: 'AWS::CloudFormation::Stack', Properties: {}, Metadata: { 'aws:cdk:path': 'App/Nested' } };
  const below: Template = { Resources: { ...resources(), Again: nestedStack } };
  const stack: StackTemplate = { ...stackOf({}, { Nested: nestedStack }), nested: () => below };
  const rest = withoutGroup(stack, GROUP);
  const inside = rest.nested!(rest.template, 'Nested')!;
  expect(Object.keys(inside.Resources)).toEqual(['Key', 'Again']);
  expect(rest.nested!(inside, 'Again')).toBe(inside);
  expect(Object.keys(below.Resources)).toContain('Secret');
});
