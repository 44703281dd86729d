import { Match, Template } from 'aws-cdk-lib/assertions';
import { AiBudget, AlertTopic, CostDashboard, ManagedApi, ManagedApiProps, ModelUse, UnitEconomics, WorkflowInferenceProfile } from '../../../constructs';
import { Stack } from 'aws-cdk-lib';
import { HAIKU, US_EAST_1, declaredStack, quietApp, workflowProps } from '../fixture';

const managed = (changes: Partial<ManagedApiProps> = {}): ManagedApi => new ManagedApi(quietApp(), 'ManagedApi', {
  ...US_EAST_1,
  economics: { targetGrossMarginPercent: 70 },
  monthlyBudgetUsd: 2_000,
  workflows: [{ id: 'DraftNote', model: HAIKU, ...workflowProps, feature: 'notes', maxP95LatencySeconds: 45 }],
  ...changes,
});
const template = Template.fromStack(managed({ alertEmails: ['team@example.com'] }));

describe('ManagedApi', () => {
  test('each workflow has a profile that copies the system profile and carries its tags', () => {
    template.hasResourceProperties('AWS::Bedrock::ApplicationInferenceProfile', {
      ModelSource: { CopyFrom: { 'Fn::Join': ['', Match.arrayWith([':inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0'])] } },
      Tags: Match.arrayWith([
        { Key: 'ai-margin:feature', Value: 'notes' }, { Key: 'ai-margin:stack', Value: 'ManagedApi' }, { Key: 'ai-margin:workflow', Value: 'DraftNote' },
      ]),
    });
  });

  test('the caller role may call the profile, what is behind it only through it, in every destination region, and nothing else', () => {
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] = policy!.Properties.PolicyDocument.Statement;
    const bedrock = statements.filter(s => JSON.stringify(s.Action).includes('bedrock:'));
    const profile = { 'Fn::GetAtt': [expect.stringContaining('DraftNoteProfile'), 'InferenceProfileArn'] };
    expect(bedrock).toEqual([
      {
        Effect: 'Allow', Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], Resource: expect.anything(),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': profile } },
      },
      { Effect: 'Allow', Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], Resource: profile },
    ]);
    const behind = JSON.stringify(bedrock[0]!.Resource);
    for (const region of ['us-east-1', 'us-east-2', 'us-west-2']) expect(behind).toContain(`:bedrock:${region}::foundation-model/anthropic.claude-haiku-4-5`);
    expect(JSON.stringify(statements)).not.toContain('"*"');
    expect(statements.flatMap(s => s.Action).sort()).toEqual([
      'bedrock:InvokeModel', 'bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:InvokeModelWithResponseStream',
      'logs:CreateLogStream', 'logs:PutLogEvents',
    ]);
  });

  test('tokens, throttles and latency are alarmed on AWS/Bedrock metrics of the profile, with an action', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(3);
    for (const { Properties: alarm } of alarms) {
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(JSON.stringify(alarm)).toContain('"AWS/Bedrock"');
      expect(JSON.stringify(alarm)).toContain('InferenceProfileId');
    }
    // The declared peak for an hour: 30 calls x 3,600 / 12 s x 3,900 tokens, more than 4 x the average of 1,068,494
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 35_100_000, AlarmDescription: Match.stringLikeRegexp('4 times') });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 0, TreatMissingData: 'notBreaching',
      Metrics: [Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'InvocationThrottles' }), Stat: 'Sum' }) })],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 45_000,
      Metrics: [Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'InvocationLatency' }), Stat: 'p95' }) })],
    });
  });

  test('the topic lets budgets, anomalies and alarms of this account publish, key included', () => {
    const services = (...names: string[]): object => ({ Service: names.length === 1 ? names[0] : names });
    const own = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({
        Action: 'sns:Publish', Effect: 'Allow', Condition: own, Principal: services('budgets.amazonaws.com', 'costalerts.amazonaws.com', 'cloudwatch.amazonaws.com'),
      })]) },
    });
    const use = { Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Effect: 'Allow' };
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: { Statement: Match.arrayWith([
        Match.objectLike({ ...use, Principal: services('budgets.amazonaws.com', 'costalerts.amazonaws.com'), Condition: own }),
        Match.objectLike({ ...use, Principal: services('cloudwatch.amazonaws.com') }),
      ]) },
    });
  });

  test('the budget has no name, counts by the user tag only where it is active, and notifies the topic', () => {
    template.hasResourceProperties('AWS::Budgets::Budget', { Budget: { CostFilters: Match.absent() } });
    Template.fromStack(managed({ costAllocationTagActive: true })).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetName: Match.absent(), BudgetLimit: { Amount: 2_000, Unit: 'USD' }, TimeUnit: 'MONTHLY',
        CostFilters: { TagKeyValue: ['user:ai-margin:stack$ManagedApi'] },
      },
      NotificationsWithSubscribers: Match.arrayWith([{
        Notification: { NotificationType: 'FORECASTED', ComparisonOperator: 'GREATER_THAN', Threshold: 100, ThresholdType: 'PERCENTAGE' },
        Subscribers: [{ SubscriptionType: 'SNS', Address: { Ref: Match.stringLikeRegexp('Alerts') } }],
      }]),
    });
  });

  test('logs are kept for a month, mail is subscribed, nothing has a fixed physical name but the profile, which needs one', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'team@example.com' });
    const names = JSON.stringify(template.toJSON().Resources).match(/"(TopicName|RoleName|LogGroupName|AlarmName|DashboardName|BudgetName)":/g);
    expect(names).toBeNull();
  });

  test('every metric id that the dashboard uses is defined in its widget', () => {
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const parts = dashboard!.Properties.DashboardBody['Fn::Join'][1] as (string | object)[];
    const body = JSON.parse(parts.map(part => typeof part === 'string' ? part : 'TOKEN').join('')) as { widgets: { properties: { metrics?: unknown[][] } }[] };
    expect(body.widgets.length).toBeGreaterThanOrEqual(6);
    for (const { properties } of body.widgets) {
      const rows = (properties.metrics ?? []).map(row => row.at(-1) as { id?: string; expression?: string });
      const ids = new Set(rows.map(row => row.id));
      for (const { expression } of rows) {
        for (const used of expression?.match(/\b[a-z][A-Za-z0-9_]*\b/g) ?? []) expect(ids).toContain(used);
      }
    }
    expect(JSON.stringify(body)).toContain('* 0.0000011 + ');
  });

  test('the dashboard\'s margin and cost per run are those of the metered tokens', () => {
    const stack = managed({ workflows: [{ id: 'A', model: HAIKU, ...workflowProps, responseCacheHitPercent: 60, tokensPerCall: { input: 1_000, output: 200, cacheRead: 400 } }] });
    const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard!.Properties.DashboardBody);
    const expressions = [...body.matchAll(/\\"expression\\":\\"([^"\\]+)/g)].map(match => match[1]);
    expect(new Set(expressions)).toEqual(new Set([
      'IF(revenue > 0, 100 * (revenue - cost) / revenue)', 'revenue0', 'cost0',
      // Two calls a run, of which four in ten reach the model, and .08 a run
      '((w0calls0) / 0.8) * 0.08',
      // 1.10, 5.50 and .11 per million
      'w0p0in * 0.0000011 + w0p0out * 0.0000055 + w0p0read * 0.00000011',
      'IF(((w0calls0) / 0.8) > 0, w0cost / ((w0calls0) / 0.8))',
      'IF(w0revenue > 0, 100 * (w0revenue - w0cost) / w0revenue)',
    ]));
    expect(body).toContain('CacheReadInputTokenCount');
  });

  test('a global profile needs the model without a region, and the model where the call is made', () => {
    const stack = managed({ workflows: [{ id: 'A', model: ModelUse.bedrock('global.anthropic.claude-haiku-4-5-20251001-v1:0'), ...workflowProps }] });
    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(text).toContain(':bedrock:::foundation-model/anthropic.claude-haiku-4-5');
    expect(text).toContain(':bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5');
    expect(text).not.toContain('us-west-2');
  });

  test('a bare id of an older model copies the foundation model itself', () => {
    const stack = managed({ workflows: [{ id: 'A', model: ModelUse.bedrock('meta.llama3-1-8b-instruct-v1:0'), ...workflowProps }] });
    Template.fromStack(stack).hasResourceProperties('AWS::Bedrock::ApplicationInferenceProfile', {
      ModelSource: { CopyFrom: { 'Fn::Join': ['', Match.arrayWith([':bedrock:us-east-1::foundation-model/meta.llama3-1-8b-instruct-v1:0'])] } },
    });
  });

  test('what cannot work is refused with the remedy', () => {
    expect(() => managed({ workflows: [] })).toThrow(/ManagedApi: workflows is empty/);
    expect(() => managed({ monthlyBudgetUsd: 0 })).toThrow(/ManagedApi\/Budget: monthlyUsd is 0/);
    expect(() => managed({ workflows: [{ id: 'A', model: ModelUse.bedrock('anthropic.claude-haiku-4-5-20251001-v1:0'), ...workflowProps }] }))
      .toThrow(/bare id; give a system profile: global\.anthropic/);
    expect(() => managed({ workflows: [{ id: 'W (beta)', model: HAIKU, ...workflowProps }] })).toThrow(/"W \(beta\)" becomes a tag; a tag takes/);
    expect(() => managed({ env: { region: 'eu-west-1' } })).toThrow(/DraftNoteProfile: us\.anthropic.* cannot be called from eu-west-1/);
    expect(() => managed({ workflows: [{ id: 'A', model: ModelUse.api('openai', 'gpt-5-mini'), ...workflowProps }] })).toThrow(/openai gpt-5-mini is not on Bedrock/);
  });

  test('a budget takes one to five thresholds', () => {
    const stack = new Stack(quietApp(), 'S');
    const { topic } = new AlertTopic(stack, 'Alerts');
    expect(() => new AiBudget(stack, 'A', { monthlyUsd: 1, topic, actualPercents: [1, 2, 3, 4, 5] })).toThrow(/6 thresholds; a budget takes 1 to 5/);
    expect(() => new AiBudget(stack, 'B', { monthlyUsd: 1, topic, actualPercents: [], forecastPercents: [] })).toThrow(/0 thresholds/);
    expect(() => new AiBudget(stack, 'C', { monthlyUsd: 1, topic, actualPercents: [-5] })).toThrow(/threshold -5 %/);
  });

  test('a dashboard says which prices it does not know, and refuses to be empty', () => {
    const { stack, economics } = declaredStack(quietApp());
    const workflow = economics.addWorkflow('Guess', workflowProps);
    const model = ModelUse.bedrock('us.meta.llama9-900b-v1:0');
    workflow.servedBy(model);
    const profile = new WorkflowInferenceProfile(stack, 'Profile', { workflow, model });
    new CostDashboard(stack, 'Costs', { economics, profiles: [profile] });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'))).toContain('No token price is known for: Guess');
    expect(() => new CostDashboard(stack, 'Empty', { economics: economics as UnitEconomics, profiles: [] })).toThrow(/nothing to show/);
  });
});
