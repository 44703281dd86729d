/** The list of what is stripped tells the truth: the emulator refuses each entry today, and anything else it refuses fails the deploy. */
import { cloudFormation, eventually } from './harness/aws';
import { useEmulator } from './harness/use-emulator';
import { STRIPPED } from './stripped-types';

useEmulator();

const validate = (type: string) => cloudFormation('ValidateTemplate', { TemplateBody: JSON.stringify({ Resources: { One: { Type: type } } }) });

test('the list grows only in this test too', () => {
  expect(STRIPPED).toHaveLength(9);
  expect(new Set(STRIPPED.map(({ type }) => type)).size).toBe(STRIPPED.length);
});

test.each(STRIPPED.filter(({ having }) => having === undefined))('the emulator still has no $type', async ({ type }) => {
  await expect(validate(type)).rejects.toThrow(`Unrecognized resource types: [${type}]`);
});

test.each(STRIPPED.filter(({ having }) => having !== undefined))('the emulator has $type, but refuses $having', async ({ type, having }) => {
  expect(await validate(type)).toContain('ValidateTemplateResult');
  const StackName = 'Refused';
  const TemplateBody = JSON.stringify({ Resources: { One: REFUSED[`${type} ${having}`] } });
  await cloudFormation('CreateStack', { StackName, TemplateBody, OnFailure: 'DO_NOTHING' });
  await eventually(() => cloudFormation('DescribeStacks', { StackName }), answer => answer.includes('<StackStatus>CREATE_FAILED</StackStatus>'));
  expect(await cloudFormation('DescribeStackEvents', { StackName })).toContain(`Properties.${having}`);
});

test('a type that the emulator lacks and the list does not name is refused', async () => {
  await expect(validate('AWS::Braket::Hub')).rejects.toThrow('Unrecognized resource types: [AWS::Braket::Hub]');
});

const metric = { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'Sum' };
const REFUSED: Readonly<Record<string, object>> = {
  'AWS::CloudWatch::Alarm Metrics': {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 1,
      Metrics: [{ Id: 'm1', MetricStat: metric, ReturnData: false }, { Id: 'e1', Expression: 'm1 / 2' }],
    },
  },
};
