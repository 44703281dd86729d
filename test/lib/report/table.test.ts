/** The whole table, word for word, for forecasts that show every sentence. The figures are computed by hand elsewhere. */
import { check } from '../../../lib/checks';
import { reportDocument } from '../../../lib/report/document';
import { reportSchema } from '../../../lib/contracts/report';
import { reportTable } from '../../../lib/report/table';
import { HAIKU, SONNET, declare, forecast } from '../economics/declared';

const group = (min: number, max: number) => ({
  Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'g6e.xlarge', ImageId: 'ami-1' } } },
  Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: String(min), MaxSize: String(max), LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: '1' } } },
});
const table = (f: ReturnType<typeof forecast>): string[] => reportTable([f], check([f])).split('\n');

test('a stack that breaks: where it goes, premium, peak, mend, doubt, month, break-even, findings', () => {
  const declaration = declare(
    { servedBy: [{ ...HAIKU, sharePercent: 60, quotaTokensPerMinute: 10_000 }, { ...SONNET, sharePercent: 40, quotaTokensPerMinute: 1_000_000 }], peakConcurrency: 1 },
    {
      growth: { usageMultiple: 10, revenueMultiple: 8, monthlyPercent: 20 }, engineering: { hoursPerMonth: 1, hourlyUsd: 100 },
      selfHosting: { instanceType: 'g6e.xlarge', tokensPerSecondPerReplica: 1_000, concurrencyPerReplica: 16, engineeringHoursPerMonth: 10, hosted: { provider: 'groq', model: 'llama-3.1-8b-instant' } },
    },
  );
  expect(table(forecast(declaration))).toEqual([
    'Test  us-east-1  prices of 2026-09-23 to 2026-09-23  0 lines priced, 0 unknown',
    'BREAKS  1x: margin 60.4 % (48..71), target 70 %',
    '     workflow  revenue       cost  margin              per run  acceptable  verdict',
    ' 1x  Ask        $1,000       $396  60.4 % (48..71)     $0.0040     $0.0030  breaks',
    '10x  Ask        $8,000  >= $3,960  <= 50.5 %        >= $0.0040     $0.0024  breaks',
    'Where 10x goes:  work $3,960 | people $100 -> 49.3 %',
    'Largest:  aws/us.anthropic.claude-sonnet-4-5-20250929-v1:0 $2,640 | aws/us.anthropic.claude-haiku-4-5-20251001-v1:0 $1,320',
    'Premium models serve 40 % of the model calls of Ask.',
    'Platform beside the models (alarms, dashboards, logs, keys, network): $0.00 a month at 1x.',
    'Peak 10 calls in flight at 10x. aws/us.anthropic.claude-haiku-4-5-20251001-v1:0 needs 43,200 tokens a minute, quota 10,000: NOT served; '
      + 'aws/us.anthropic.claude-sonnet-4-5-20250929-v1:0 needs 28,800 tokens a minute, quota 1,000,000: served.',
    'What would mend Ask:  aws/us.anthropic.claude-sonnet-4-5-20250929-v1:0 40 -> 4.5 % of calls, the rest to aws/us.anthropic.claude-haiku-4-5-20251001-v1:0  |  '
      + 'a response-cache hit rate of 39.4 % instead of 0 %  |  revenue of at least $0.0132 a run at 10x instead of $0.008',
    'Widest doubt: input tokens of Ask +-20 %, up to $0.0004 a run; measure input tokens and declare a narrower uncertaintyPercent.',
    'At 20 % growth a month: a target is broken already.',
    'Own hosting on g6e.xlarge against the declared models: from 938,652 runs a month with 2 replicas, which hold 3,200,000 (1,600,000..4,800,000); analytic, only below that capacity.',
    'Own hosting on g6e.xlarge never pays against llama-3.1-8b-instant hosted by groq: a full replica costs more than the calls it replaces.',
    expect.stringMatching(/^MARGIN001 error {2}Test\/Ask: 1x margin 60\.4 % .*; 10x margin 50\.5 % /),
    'CAP002 error  Test: aws/us.anthropic.claude-haiku-4-5-20251001-v1:0 needs 43,200 tokens a minute at 10x, quota 10,000',
  ]);
});

test('a peak that is not served proves nothing', () => {
  const declaration = declare({ revenue: { usdPerRun: 1 } }, {}, { capacity: [{ resource: 'Group', concurrencyPerReplica: 8 }], usage: [{ resource: 'Group', quantities: { 'ebs/gp3-storage': 0 } }] });
  const result = forecast(declaration, group(1, 10));
  const lines = table(result);
  expect(lines[1]).toBe('UNKNOWN  10x: margin <= 98.4 %, target 70 %');
  expect(lines.find(line => line.startsWith('Peak'))).toContain('Peak 200 calls in flight at 10x. 120 not served by Group.');
  expect(lines).toContain('MARGIN002 warning  Test: 1 on the path of Test are not served at the peak, so the revenue there is not proved: Group: 120 calls in flight at 10x');
  const { totals } = reportSchema.parse(reportDocument([result], []));
  expect(totals[0]!.scales.map(s => [s.unserved, s.complete, s.verdict])).toEqual([[[], true, 'ok'], [[{ path: 'Group', calls: '120' }], false, 'unknown']]);
});

test('a model without a price is a floor, never $0 with a margin of 100 %', () => {
  const lines = table(forecast(declare({ servedBy: [{ provider: 'aws', model: 'nobody.nothing-v1', sharePercent: 100 }] })));
  expect(lines[1]).toBe('UNKNOWN  10x: margin <= 100.0 %, target 70 %');
  expect(lines[3]).toBe(' 1x  Ask        $1,000  >= $0.00  <= 100.0 %  >= $0.0000     $0.0030  unknown');
});

test('a group that scales from zero and says nothing about its capacity is undeclared, not free', () => {
  const declaration = declare({}, {}, { usage: [{ resource: 'Group', quantities: { 'ebs/gp3-storage': 0 } }] });
  const result = forecast(declaration, group(0, 40));
  expect(result.verdict).toBe('unknown');
  expect(check([result]).map(f => f.rule)).toEqual(['MARGIN002', 'MARGIN003', 'CAP002', 'GPU001']);
  expect(check([result])[0]!.message).toContain('Group: how many replicas run (0 to 40)');
  expect(check([result])[1]!.message).toContain('Widest doubt: ec2/g6e.xlarge of Group');
});

test('without revenue it is a bill that names what is in no total', () => {
  const result = forecast(declare({}, {}, { workflows: [] }), { Queue: { Type: 'AWS::SQS::Queue' }, Nat: { Type: 'AWS::EC2::NatGateway', Properties: { ConnectivityType: 'private' } } });
  expect(table(result)).toEqual([
    'Test  us-east-1  prices of 2026-09-29 to 2026-09-29  1 lines priced, 2 unknown',
    'No revenue is declared, so there is no margin to judge.',
    'Resources: $32.85 a month, plus 2 unknown that are in no total.',
    'Largest:  nat $32.85',
    'In no total: Queue: sqs/request is not declared; Nat: nat/data is not declared.',
  ]);
});
