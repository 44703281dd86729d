/** Each intrinsic function, and what is refused: what AWS alone knows, circles, depth and nonsense. */
import { Resolver, Unresolvable } from '../../../lib/estimate/intrinsics';
import { Template } from '../../../lib/estimate/template';

const template: Template = {
  Resources: {},
  Parameters: {
    Stage: { Type: 'String', Default: 'prod' },
    Given: { Type: 'String', Default: 'default' },
    Subnets: { Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a, b,c' },
    Names: { Type: 'CommaDelimitedList', Default: 'x,y' },
    Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/aws/service/ami' },
    NoDefault: { Type: 'String' },
  },
  Mappings: { Sizes: { prod: { Cpu: 4, Zones: ['a', 'b'] } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
    Egg: { 'Fn::Not': [{ Condition: 'Hen' }] },
    Hen: { 'Fn::Not': [{ Condition: 'Egg' }] },
  },
};
const resolver = new Resolver({ template, region: 'eu-west-1', parameters: { Given: 'passed' } });
const resolve = (value: unknown) => resolver.resolve(value);

test.each([
  ['a literal', { a: [1, 'two', null] }, { a: [1, 'two', null] }],
  ["a parameter's default", { Ref: 'Stage' }, 'prod'],
  ['a value passed by a parent', { Ref: 'Given' }, 'passed'],
  ['a list parameter', { Ref: 'Subnets' }, ['a', 'b', 'c']],
  ['a comma-delimited parameter', { 'Fn::Select': [1, { Ref: 'Names' }] }, 'y'],
  ['the region', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
  ['no value in a list', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
  ['no value in an object', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 3]] }, 'a-prod-3'],
  ['Fn::Split', { 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
  ['Fn::Select', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [0, { 'Fn::Split': ['/', 'x/y'] }] }, 'x'],
  ['Fn::Sub', { 'Fn::Sub': '${AWS::Region}/${Stage}/${!literal}' }, 'eu-west-1/prod/${literal}'],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${Stage}-${own}', { own: { 'Fn::Join': ['', ['a', 'b']] } }] }, 'prod-ab'],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Cpu'] }, 4],
  ['Fn::FindInMap of a list', { 'Fn::FindInMap': ['Sizes', 'prod', 'Zones'] }, ['a', 'b']],
  ['Fn::If that holds', { 'Fn::If': ['IsProd', 1, 2] }, 1],
  ['Fn::If that does not', { 'Fn::If': ['IsDev', 1, { 'Fn::If': ['Either', 3, 4] }] }, 3],
  ['Fn::And', { 'Fn::If': ['Both', 1, 2] }, 2],
  ['Fn::Equals of a number and its text', { 'Fn::Equals': [1, '1'] }, true],
  ['Fn::Equals of lists', { 'Fn::Equals': [['a'], ['a']] }, true],
  ['Fn::Equals of a list and text', { 'Fn::Equals': [['a'], 'a'] }, false],
  ['only the branch taken', { 'Fn::If': ['IsProd', 1, { 'Fn::GetAtt': ['A', 'B'] }] }, 1],
])('resolves %s', (_, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});

test.each([
  ['a resource', { Ref: 'Bucket' }, 'Ref Bucket is known only to AWS'],
  ['a parameter without a default', { Ref: 'NoDefault' }, 'parameter NoDefault has no default'],
  ['an SSM parameter, whose default is only its name', { Ref: 'Image' }, 'parameter Image is looked up at deployment'],
  ['an attribute', { 'Fn::GetAtt': ['A', 'Arn'] }, 'Fn::GetAtt is known only to AWS'],
  ['an attribute in Fn::Sub', { 'Fn::Sub': '${A.Arn}' }, '${A.Arn} is known only to AWS'],
  ['Fn::ImportValue', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue is known only to AWS'],
  ['Fn::Select beyond its list', { 'Fn::Select': [2, ['a']] }, 'Fn::Select outside its list'],
  ['a map without the key', { 'Fn::FindInMap': ['Sizes', 'dev', 'Cpu'] }, 'Fn::FindInMap finds nothing'],
  ['a condition that does not exist', { 'Fn::If': ['Nobody', 1, 2] }, 'condition Nobody does not exist'],
  ['conditions in a circle', { 'Fn::If': ['Egg', 1, 2] }, 'condition Egg refers to itself'],
  ['Fn::If of two', { 'Fn::If': ['IsProd', 1] }, 'Fn::If needs three values'],
  ['Fn::Join of no list', { 'Fn::Join': ['-', 'a'] }, 'Fn::Join needs a list'],
  ['Fn::Join of objects', { 'Fn::Join': ['-', [{ a: 1, b: 2 }]] }, 'Fn::Join needs text'],
  ['Fn::Sub of an object', { 'Fn::Sub': { a: 1, b: 2 } }, 'Fn::Sub needs text'],
  ['objects that cannot be text', { 'Fn::Split': [{ toString: 1, b: 2 }, 'a'] }, 'Fn::Split needs text'],
  ['Ref of a list', { Ref: ['Stage'] }, 'Ref needs text'],
])('refuses %s', (_, value, reason) => {
  expect(() => resolve(value)).toThrow(new Unresolvable(reason));
});

test('refuses what is nested too deep, without overflowing', () => {
  const deep = (build: (inner: unknown) => unknown): unknown => Array.from({ length: 5000 }).reduce<unknown>(build, 'x');
  for (const value of [
    deep(inner => [inner]),
    deep(inner => ({ 'Fn::Join': ['', [inner]] })),
    deep(inner => ({ 'Fn::Sub': ['${a}', { a: inner }] })),
  ]) {
    expect(() => resolve(value)).toThrow(Unresolvable);
  }
});

test('holds where a condition cannot be told, does not where it says no', () => {
  expect(['IsProd', 'IsDev', 'Egg', 'Nobody', undefined].map(condition => resolver.holds(condition))).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});

test('a circle does not stick: the next condition resolves', () => {
  expect(() => resolve({ Condition: 'Egg' })).toThrow(Unresolvable);
  expect(resolve({ 'Fn::If': ['IsProd', 1, 2] })).toBe(1);
  expect(() => resolve({ Condition: 'Egg' })).toThrow('refers to itself');
});
