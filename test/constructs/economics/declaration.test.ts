import { Duration, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { ModelUse, PriceOverride, Revenue, UnitEconomics, Workflow, WorkflowProps } from '../../../constructs';
import { declarationSchema } from '../../../lib/contracts/declaration';
import { HAIKU, SONNET, US_EAST_1, declaredStack, quietApp, workflowProps } from '../fixture';

describe('what is declared reaches the template', () => {
  test('as Metadata.AiMargin that its own schema accepts, with literals only', () => {
    const { stack } = declaredStack(quietApp());
    const metadata = Template.fromStack(stack).toJSON().Metadata.AiMargin;
    expect(declarationSchema.parse(metadata)).toMatchObject({
      economics: { path: 'Stack/Economics', targetGrossMarginPercent: 70, growth: { usageMultiple: 10, revenueMultiple: 10 } },
      workflows: [{
        id: 'DraftNote', path: 'Stack/Economics/DraftNote', callsPerRun: 2, averageDurationSeconds: 12,
        servedBy: [{ provider: 'aws', sharePercent: 100 }],
      }],
    });
    expect(JSON.stringify(metadata)).not.toContain('Fn::');
  });
});

describe('wrong props are refused where they stand, with the value and what would do', () => {
  const refused: [string, Partial<WorkflowProps>, RegExp][] = [
    ['negative revenue', { revenue: Revenue.perRun(-1) }, /Stack\/Economics\/DraftNote.*revenue.usdPerRun is -1: .*>=0/s],
    ['NaN revenue', { revenue: Revenue.perRun(NaN) }, /revenue/],
    ['negative seats', { revenue: Revenue.perSeatMonth({ seats: -5, usd: 40 }) }, /revenue/],
    ['zero runs', { runsPerMonth: 0 }, /runsPerMonth is 0: .*>0/],
    ['NaN runs', { runsPerMonth: NaN }, /runsPerMonth is NaN/],
    ['endless calls', { callsPerRun: Infinity }, /callsPerRun is Infinity/],
    ['negative tokens', { tokensPerCall: { input: -1, output: 1 } }, /tokensPerCall.input is -1/],
    ['more cached than input', { tokensPerCall: { input: 10, output: 1, cacheRead: 11 } }, /cannot exceed it/],
    ['a target of 100', { targetGrossMarginPercent: 100 }, /targetGrossMarginPercent is 100: .*<100/],
    ['a hit rate over 100', { responseCacheHitPercent: 101 }, /responseCacheHitPercent is 101/],
    ['a peak below Little\'s law', { peakConcurrency: 0.5 }, /peakConcurrency 0.5 is below the 0.91 calls in flight.*100000 runs x 2 calls x 12 s/s],
    ['no doubt at all about anything', { uncertainty: { inputPercent: 100 } }, /uncertaintyPercent.input is 100/],
  ];
  test.each(refused)('%s', (_, props, message) => {
    expect(() => declaredStack(quietApp(), {}, props)).toThrow(message);
  });

  test('a target of 100 % for the stack', () => {
    expect(() => declaredStack(quietApp(), { targetGrossMarginPercent: 100 })).toThrow(/Stack\/Economics.*targetGrossMarginPercent is 100: a target margin is below 100 %/s);
  });

  test('a token where a literal is needed', () => {
    expect(() => declaredStack(quietApp(), {}, { feature: Lazy.string({ produce: () => 'x' }) })).toThrow(/feature is a token/);
    expect(() => declaredStack(quietApp(), {}, { runsPerMonth: Lazy.number({ produce: () => 1 }) })).toThrow(/runsPerMonth is a token/);
  });

  test('an override without a reason of substance', () => {
    const override = PriceOverride.discount('ec2/*', { percentOff: 10, reason: 'because', date: '2026-01-01' });
    expect(() => declaredStack(quietApp(), { priceOverrides: [override] })).toThrow(/a reason of substance/);
  });

  test('shares that do not add up to 100', () => {
    const { stack, economics } = declaredStack(quietApp());
    const workflow = economics.addWorkflow('Half', workflowProps);
    workflow.servedBy(HAIKU, { sharePercent: 30 });
    workflow.servedBy(SONNET, { sharePercent: 30 });
    expect(() => Template.fromStack(stack)).toThrow(/Half: the shares of its models add up to 60 %/);
  });

  test('a workflow outside of the economics would be in no forecast', () => {
    const { stack, economics } = declaredStack(quietApp());
    expect(() => new Workflow(stack, 'Stray', workflowProps)).toThrow(/Stack\/Stray: .*economics\.addWorkflow/);
    new Workflow(economics, 'Inside', workflowProps).servedBy(HAIKU);
    expect(economics.workflows.map(w => w.node.id)).toEqual(['DraftNote', 'Inside']);
  });

  test('weights of 0 everywhere', () => {
    const { stack } = declaredStack(quietApp(), {}, { fixedCostWeight: 0 });
    expect(() => Template.fromStack(stack)).toThrow(/give at least one a weight/);
  });

  test('a second UnitEconomics in a stack, and one in a nested stack', () => {
    const { stack } = declaredStack(quietApp());
    expect(() => new UnitEconomics(stack, 'Again', { targetGrossMarginPercent: 1 })).toThrow(/Stack\/Again: stack Stack already has UnitEconomics at Stack\/Economics/);
    const nested = new NestedStack(new Stack(quietApp(), 'Parent'), 'Child');
    expect(() => new UnitEconomics(nested, 'Economics', { targetGrossMarginPercent: 1 })).toThrow(/parent stack/);
  });

  test('property: any numbers either synthesize or are refused with the construct path', () => {
    const any = fc.oneof(fc.double(), fc.integer(), { arbitrary: fc.integer({ min: 1, max: 1000 }), weight: 8 }, fc.constantFrom(0, -1, NaN, Infinity, 1e308, 5e-324));
    fc.assert(fc.property(any, any, any, any, any, any, (revenue, runs, calls, input, output, peak) => {
      const stack = new Stack(quietApp(), 'Stack', US_EAST_1);
      const economics = new UnitEconomics(stack, 'Economics', { targetGrossMarginPercent: 70 });
      try {
        economics.addWorkflow('Any', {
          revenue: Revenue.perRun(revenue), runsPerMonth: runs, callsPerRun: calls, tokensPerCall: { input, output },
          peakConcurrency: peak, averageDuration: Duration.seconds(10),
        }).servedBy(ModelUse.bedrock('us.amazon.nova-lite-v1:0'));
      } catch (error) {
        expect(String(error)).toContain('Stack/Economics/Any');
        return;
      }
      expect(runs > 0 && calls > 0 && input >= 0 && output >= 0 && peak > 0 && revenue >= 0).toBe(true);
      expect(declarationSchema.safeParse(Template.fromStack(stack).toJSON().Metadata.AiMargin).success).toBe(true);
    }), { numRuns: 60 });
  });
});
