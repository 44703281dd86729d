/** Nothing of a stripped resource is left in a template, and nothing else changes. */
import fc from 'fast-check';
import { Template, strip } from './strip';

const LIST = [
  { type: 'AWS::EC2::EIP', reason: 'none' },
  { type: 'AWS::CloudWatch::Alarm', having: 'Metrics', reason: 'no metric math' },
];
const gone = { Type: 'AWS::EC2::EIP' };

test('every way to name a removed resource becomes the same placeholder', () => {
  const { template, removed } = strip({
    Resources: {
      Gone: gone,
      Kept: {
        Type: 'AWS::SNS::Topic',
        DependsOn: ['Gone', 'Other'],
        Properties: {
          Ref: { Ref: 'Gone' },
          GetAtt: { 'Fn::GetAtt': ['Gone', 'AllocationId'] },
          Join: { 'Fn::Join': ['', ['a', { 'Fn::GetAtt': 'Gone.AllocationId' }]] },
          Sub: { 'Fn::Sub': '${Gone}/${Gone.AllocationId}/${!Gone}/${Goner}/${AWS::Region}' },
          SubWithNames: { 'Fn::Sub': ['${Gone}/${Name}', { Name: { Ref: 'Gone' } }] },
          SubWithHiding: { 'Fn::Sub': ['${Gone}', { Gone: 'own' }] },
        },
      },
      Other: { Type: 'AWS::SNS::Topic', DependsOn: 'Gone' },
    },
    Outputs: { Id: { Value: { Ref: 'Gone' } } },
  }, LIST);
  expect(removed).toEqual([{ logicalId: 'Gone', type: 'AWS::EC2::EIP', reason: 'none' }]);
  expect(template).toEqual({
    Resources: {
      Kept: {
        Type: 'AWS::SNS::Topic',
        DependsOn: ['Other'],
        Properties: {
          Ref: 'stripped-Gone',
          GetAtt: 'stripped-Gone',
          Join: { 'Fn::Join': ['', ['a', 'stripped-Gone']] },
          Sub: { 'Fn::Sub': 'stripped-Gone/stripped-Gone/${!Gone}/${Goner}/${AWS::Region}' },
          SubWithNames: { 'Fn::Sub': ['stripped-Gone/${Name}', { Name: 'stripped-Gone' }] },
          SubWithHiding: { 'Fn::Sub': ['${Gone}', { Gone: 'own' }] },
        },
      },
      Other: { Type: 'AWS::SNS::Topic' },
    },
    Outputs: { Id: { Value: 'stripped-Gone' } },
  });
});

test('an entry with a property removes only the resources that have it', () => {
  const alarm = (Properties: Record<string, string>) => ({ Type: 'AWS::CloudWatch::Alarm', Properties });
  const { template } = strip({ Resources: { Math: alarm({ Metrics: 'm1 / 2' }), Plain: alarm({ MetricName: 'M' }) } }, LIST);
  expect(Object.keys(template.Resources)).toEqual(['Plain']);
});

test('a template without anything of the list comes back as it was', () => {
  const topics = fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{0,5}$/), fc.jsonValue());
  fc.assert(fc.property(topics, values => {
    const written = JSON.stringify({
      Resources: Object.fromEntries(Object.entries(values).map(([logicalId, Value]) => [logicalId, { Type: 'AWS::SNS::Topic', Properties: { Value } }])),
    });
    expect(strip(JSON.parse(written) as Template, LIST)).toEqual({ template: JSON.parse(written) as unknown, removed: [] });
  }));
});
