/** Templates: conditions, nested stacks, and what an estimate says of a resource it cannot read. */
import { InputError } from '../../../lib/errors';
import { Template, parseTemplate } from '../../../lib/estimate/template';
import { estimate, linesOf, quantities } from './estimating';

const volume = (Size: unknown) => ({ Type: 'AWS::EC2::Volume', Properties: { VolumeType: 'gp3', Size } });
const storage = (...args: Parameters<typeof estimate>) =>
  estimate(...args)
    .monthlyUsd.expected.div('0.08')
    .toFixed();

describe('conditions', () => {
  const Conditions = {
    Yes: { 'Fn::Equals': ['a', 'a'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Unknown: { 'Fn::Equals': [{ Ref: 'Elsewhere' }, 'a'] },
  };

  test('remove a resource where they do not hold, and keep it where nobody can tell', () => {
    const resources = {
      A: { ...volume(1), Condition: 'Yes' },
      B: { ...volume(2), Condition: 'No' },
      C: { ...volume(4), Condition: 'Unknown' },
      D: { ...volume(8), Condition: 'Missing' },
    };
    expect(storage(resources, { template: { Conditions } })).toBe('13');
  });

  test('choose a property', () => {
    expect(storage({ A: volume({ 'Fn::If': ['No', 100, 50] }) }, { template: { Conditions } })).toBe('50');
  });

  test('remove a property', () => {
    expect(
      storage(
        { A: { ...volume(10), Properties: { ...volume(10).Properties, Iops: { 'Fn::If': ['No', 16000, { Ref: 'AWS::NoValue' }] } } } },
        { template: { Conditions } },
      ),
    ).toBe('10');
  });
});

describe('a nested stack', () => {
  const Child = {
    Type: 'AWS::CloudFormation::Stack',
    Properties: {
      TemplateURL: 'https://...',
      Parameters: { Size: { Ref: 'AWS::Region' }, Gigabytes: 40, Vpc: { 'Fn::GetAtt': ['Vpc', 'Id'] } },
    },
  };
  const inner: Template = {
    Parameters: { Gigabytes: { Type: 'Number', Default: 1 }, Vpc: { Type: 'String' } },
    Resources: { Data: volume({ Ref: 'Gigabytes' }) },
  };

  test('is followed with the parameters passed to it, though AWS alone knows one of them', () => {
    const cost = estimate({ Child, Own: volume(2) }, { nested: (_, id) => (id === 'Child' ? inner : undefined) });
    expect(cost.resources.map(r => r.logicalId)).toEqual(['Child/Data', 'Own']);
    expect(quantities(cost, 'Child/Data')[0]).toBe('ebs/gp3-storage 40');
  });

  test('takes usage declared for it or for a resource in it', () => {
    for (const resource of ['Child', 'Child/Data']) {
      const cost = estimate(
        { Child },
        { nested: () => ({ ...inner }), declaration: { usage: [{ resource, quantities: { 'ebs/snapshot': 7 } }] } },
      );
      expect(quantities(cost).slice(-1)).toEqual(['ebs/snapshot 7']);
    }
  });

  test('takes no usage declared for a resource of the same id in its parent', () => {
    const cost = estimate({ Child }, { nested: () => ({ ...inner }), declaration: { usage: [{ resource: 'Data', quantities: { 'ebs/snapshot': 7 } }] } });
    expect(quantities(cost).slice(-1)).toEqual(['ebs/snapshot -']);
    expect(cost.unmatched).toEqual([{ path: 'Data', what: 'ebs/snapshot' }]);
  });

  test('that is not found is unpriced', () => {
    const cost = estimate({ Child });
    expect(cost.resources).toEqual([]);
    expect(cost.unpriced).toMatchObject([{ logicalId: 'Child', reason: expect.stringContaining('nested stack was not found') as string }]);
  });

  test('that contains itself ends', () => {
    const loop: Template = { Resources: { Child } };
    expect(estimate({ Child }, { nested: () => loop }).unpriced).toHaveLength(1);
    const wide: Template = { Resources: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`Child${i}`, Child])) };
    expect(estimate(wide.Resources, { nested: () => wide }).unpriced).toHaveLength(64);
  });
});

describe('a resource that cannot be read', () => {
  test('is unpriced with the property and the reason', () => {
    const cost = estimate({ A: volume({ 'Fn::ImportValue': 'size' }) });
    expect(cost.unpriced).toEqual([
      { logicalId: 'A', path: '', type: 'AWS::EC2::Volume', cause: 'price', reason: 'Size: Fn::ImportValue is known only to AWS' },
    ]);
    expect(cost.monthlyUsd.high.toFixed()).toBe('0');
  });

  test('does not suffer from what lies beside the property', () => {
    const Template = {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData: {
          InstanceType: 'g6.xlarge',
          UserData: { 'Fn::Base64': 'x' },
          SecurityGroupIds: [{ 'Fn::GetAtt': ['G', 'GroupId'] }],
        },
      },
    };
    const Group = {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { MinSize: 1, MaxSize: 1, LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } } },
    };
    expect(quantities(estimate({ Template, Group }))).toEqual(['ec2/g6.xlarge 730', 'ebs/gp3-storage -']);
  });

  test.each([
    ['text', 'large'],
    ['a list', [1]],
    ['negative', -1],
    ['an object', { a: 1 }],
    ['nothing', null],
  ])('is unpriced where a number is %s', (_, size) => {
    expect(estimate({ A: volume(size) }).unpriced).toHaveLength(1);
  });

  test('of an unknown type is unpriced by name', () => {
    const cost = estimate({ A: { Type: 'AWS::Quantum::Computer' } });
    expect(linesOf(cost)).toEqual([]);
    expect(cost.unpriced).toMatchObject([
      { logicalId: 'A', cause: 'type', reason: 'AWS::Quantum::Computer is not a type this knows how to price' },
    ]);
  });

  test('of a free type or a custom resource is not mentioned', () => {
    expect(
      estimate({
        A: { Type: 'AWS::IAM::Role' },
        B: { Type: 'Custom::S3AutoDeleteObjects' },
        C: { Type: 'AWS::CloudFormation::CustomResource' },
      }),
    ).toMatchObject({ resources: [], unpriced: [] });
  });
});

describe('a document that is not a template', () => {
  test.each([
    ['a list', []],
    ['without Resources', {}],
    ['with Resources that are a list', { Resources: [] }],
    ['with a resource without a Type', { Resources: { A: {} } }],
    ['with Properties that are a list', { Resources: { A: { Type: 'T', Properties: [] } } }],
  ])('is refused: %s', (_, document) => {
    expect(() => parseTemplate(document, 'stack.json')).toThrow(InputError);
    expect(() => parseTemplate(document, 'stack.json')).toThrow(/stack\.json/);
  });
});
