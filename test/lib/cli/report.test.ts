import { join } from 'node:path';
import fc from 'fast-check';
import { reportSchema } from '../../../lib/contracts/report';
import { InputError } from '../../../lib/errors';
import { ReportOptions, printReport } from '../../../lib/cli/report';
import { declare } from '../economics/declared';
import { file, folder } from './files';

interface Printed { readonly code: number; readonly out: string; readonly err: string }

function report(app: string | readonly string[], options: Partial<ReportOptions> = {}): Printed {
  const [out, err]: string[][] = [[], []];
  const code = printReport(
    { app: [app].flat() as string[], format: 'table', today: '2026-11-23', ...options },
    { stdout: text => void out!.push(text), stderr: text => void err!.push(text) },
  );
  return { code, out: out!.join('\n'), err: err!.join('\n') };
}

const QUEUE = { Queue: { Type: 'AWS::SQS::Queue', Properties: {} } };
const economics = { targetGrossMarginPercent: 70 };
const workflows = declare().workflows;
const good = file('good.json', { Resources: {}, Metadata: { AiMargin: { version: 1, pricingRegion: 'us-east-1', economics, workflows } } });
const broken = file('broken.json', { Resources: {}, Metadata: { AiMargin: { version: 1, pricingRegion: 'us-east-1', economics: { targetGrossMarginPercent: 90 }, workflows } } });
const foreign = file('foreign.yaml', `
Parameters: { Kind: { Type: String, Default: t4g } }
Resources:
  Queue: { Type: AWS::SQS::Queue }
  Key: { Type: AWS::KMS::Key, Properties: { Description: !Sub "\${AWS::Region} \${Kind}" } }
`);
const marginYaml = (target: number): string => `
version: 1
stacks:
  foreign:
    pricingRegion: us-east-1
    economics: { targetGrossMarginPercent: ${target} }
    workflows:
      - id: Ask
        revenue: { usdPerRun: 0.01 }
        runsPerMonth: 100000
        callsPerRun: 1
        tokensPerCall: { input: 1000, output: 200 }
        peakConcurrency: 20
        averageDurationSeconds: 10
        servedBy: [{ provider: aws, model: "us.anthropic.claude-haiku-4-5-20251001-v1:0", sharePercent: 100 }]
    usage:
      - { resource: Queue, quantities: { sqs/request: 1000000 } }
      - { resource: Key, quantities: { kms/request: 0 }, grows: false }
`;

describe('exit codes', () => {
  test('0: the margin holds', () => {
    expect(report(good)).toMatchObject({ code: 0, out: expect.stringContaining('OK  10x: margin 78.0 %') });
  });
  test('1: it breaks, and the finding names the workflow', () => {
    expect(report(broken)).toMatchObject({ code: 1, out: expect.stringMatching(/BREAKS {2}1x: margin 78\.0 %[^]*MARGIN001 error {2}broken\/Ask: 1x margin/) });
    expect(report([good, broken]).code).toBe(1);
  });
  test('3: nothing declared, or something unknown on the way', () => {
    expect(report(foreign)).toMatchObject({ code: 3, out: expect.stringContaining('No revenue is declared') });
    expect(report(file('undeclared.json', { Resources: QUEUE, Metadata: { AiMargin: { version: 1, pricingRegion: 'us-east-1', economics, workflows } } })))
      .toMatchObject({ code: 3, out: expect.stringMatching(/UNKNOWN {2}10x[^]*MARGIN002 warning[^]*Queue: sqs\/request/) });
  });
});

describe('a template that never used our constructs', () => {
  test('is judged by margin.yaml', () => {
    const printed = report(foreign, { declare: file('margin.yaml', marginYaml(70)), format: 'json' });
    const document = reportSchema.parse(JSON.parse(printed.out));
    expect(printed.code).toBe(0);
    // A million requests at .40 and a key at 1.00; 100,000 runs at .0022
    expect(document.stacks[0]).toMatchObject({ name: 'foreign', region: 'us-east-1', monthlyUsd: '1.4', unpriced: [] });
    expect(document.totals[0]!.scales.map(s => s.costUsd.expected)).toEqual(['221.4', '2205']);
    expect(document.verdict).toBe('ok');
    expect(report(foreign, { declare: file('tight.yaml', marginYaml(78)) }).code).toBe(1);
  });

  test('margin.yaml stands in place of what the template declares, field by field', () => {
    const override = file('override.yaml', 'version: 1\nstacks:\n  good:\n    economics: { targetGrossMarginPercent: 95 }\n');
    expect(report(good, { declare: override })).toMatchObject({ code: 1, out: expect.stringContaining('target 95 %') });
  });
});

describe('margin.yaml over a template that declares', () => {
  const declared = file('declared.json', { Resources: {}, Metadata: { AiMargin: {
    version: 1, pricingRegion: 'us-east-1', workflows, economics: { targetGrossMarginPercent: 30, growth: { usageMultiple: 10, revenueMultiple: 2 } },
  } } });
  test('keeps the growth that it does not name', () => {
    const yaml = file('target.yaml', 'version: 1\nstacks:\n  declared:\n    economics: { targetGrossMarginPercent: 40, growth: { monthlyPercent: 20 } }\n');
    // 10x the usage on twice the revenue: 2,200 of 2,000
    expect(report(declared, { declare: yaml })).toMatchObject({ code: 1, out: expect.stringMatching(/10x: margin -10\.0 %.*target 40 %|10x.*-10\.0 %/) });
  });
});

describe('formats', () => {
  test('every line of the JSON carries its provenance', () => {
    const { stacks } = reportSchema.parse(JSON.parse(report(foreign, { declare: file('margin.yaml', marginYaml(70)), format: 'json' }).out));
    expect(stacks[0]!.resources[0]).toEqual({
      logicalId: 'Queue', path: '', type: 'AWS::SQS::Queue',
      lines: [{
        item: 'sqs/request', quantity: '1000000', unit: 'request', unitPriceUsd: '0.0000004', monthlyUsd: '0.4',
        range: { low: '0.4', expected: '0.4', high: '0.4' }, usageBased: true,
        source: 'GitHub infra_model.py: AWS Price List Bulk API us-east-1', asOf: '2026-09-29', sku: null, status: 'listed', note: null,
      }],
    });
  });

  test('undeclared usage is null and in no total', () => {
    const { stacks } = reportSchema.parse(JSON.parse(report(foreign, { format: 'json', pricingRegion: 'us-east-1' }).out));
    expect(stacks[0]!.resources[0]!.lines[0]).toMatchObject({ quantity: null, monthlyUsd: null, unitPriceUsd: '0.0000004' });
    expect(stacks[0]!.monthlyUsd).toBe('1');
  });

  test('Markdown has a table of scales and folds the lines', () => {
    const { out } = report(good, { format: 'markdown' });
    expect(out).toContain('| 10x | Ask | $10,000 | $2,200 | 78.0 % (71..84) | $0.0022 | $0.0030 | ok |');
    expect(report(foreign, { format: 'markdown', pricingRegion: 'us-east-1' }).out).toContain('<details><summary>3 lines</summary>');
  });

  test('a stack of the same name in two apps is told apart, with its own findings', () => {
    const metadata = (target: number) => ({ AiMargin: { version: 1, pricingRegion: 'us-east-1', economics: { targetGrossMarginPercent: target }, workflows } });
    const apps = [file('before/s.json', { Resources: {}, Metadata: metadata(70) }), file('after/s.json', { Resources: {}, Metadata: metadata(90) })];
    const { out } = report(apps);
    expect(out.match(/^\S+:s {2}/gm)).toEqual(apps.map(app => `${app}:s  `));
    expect(out.match(/MARGIN001/g)).toHaveLength(1);
  });

  test('stages and nested stages of a cdk.out are followed, each stack under its path', () => {
    const stack = (templateFile: string, displayName: string) => ({ type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/eu-west-1', displayName, properties: { templateFile } });
    file('app/A.template.json', { Resources: QUEUE });
    file('app/assembly-Prod/B.template.json', { Resources: {} });
    file('app/assembly-Prod/manifest.json', { artifacts: { B: stack('B.template.json', 'Prod/B') } });
    const app = join(file('app/manifest.json', { artifacts: {
      A: stack('A.template.json', 'A'), P: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod', displayName: 'Prod' } },
    } }), '..');
    const { stacks } = reportSchema.parse(JSON.parse(report(app, { format: 'json' }).out));
    expect(stacks.map(s => [s.name, s.region])).toEqual([['A', 'eu-west-1'], ['Prod/B', 'eu-west-1']]);
  });

  test('YAML short forms are the functions they stand for', () => {
    const template = file('short.yaml', `
Conditions: { Big: !Not [!Equals [!Ref Size, small]] }
Parameters: { Size: { Type: String, Default: big } }
Mappings: { Gb: { us-east-1: { big: 200 } } }
Resources:
  Volume:
    Type: AWS::EC2::Volume
    Condition: Big
    Properties:
      VolumeType: !Join ["", [gp, !Select [0, ["3"]]]]
      Size: !If [Big, !FindInMap [Gb, !Ref "AWS::Region", !Sub "\${Size}"], 1]
      AvailabilityZone: !GetAtt Subnet.AvailabilityZone
`);
    const { stacks } = reportSchema.parse(JSON.parse(report(template, { format: 'json', pricingRegion: 'us-east-1' }).out));
    expect(stacks[0]!.resources[0]!.lines[0]).toMatchObject({ item: 'ebs/gp3-storage', quantity: '200' });
  });

  test('several apps are one report', () => {
    expect(report([good, foreign], { pricingRegion: 'us-east-1' }).out.match(/^(good|foreign) {2}/gm)).toEqual(['good  ', 'foreign  ']);
  });
});

describe('the age of prices', () => {
  test('over 90 days is warned about, with the oldest', () => {
    expect(report(foreign, { declare: file('margin.yaml', marginYaml(70)) }).err).toMatch(/Warning: 2 of 3 prices used are over 90 days old \(kms\/key: 875 days\)/);
  });
  test('a price without a date is named', () => {
    const template = file('address.json', { Resources: { Ip: { Type: 'AWS::EC2::EIP' } } });
    expect(report(template, { pricingRegion: 'us-east-1' }).err).toBe('Warning: prices without a date: public-ipv4/hour.');
  });
  test('a day within is not', () => {
    expect(report(foreign, { declare: file('margin.yaml', marginYaml(70)), today: '2024-09-29' }).err).toBe('');
  });
});

describe('bad input is one paragraph that names what, where and what would be accepted', () => {
  const cases: [string, () => unknown, RegExp][] = [
    ['nothing there', () => report(join(folder, 'nowhere')), /nowhere does not exist; give a cdk.out folder or a CloudFormation template/],
    ['not JSON', () => report(file('bad.json', '{ "Resources": ')), /bad\.json is not JSON/],
    ['not YAML', () => report(file('bad.yaml', 'a: [b\nc: }')), /bad\.yaml is not YAML/],
    ['not a template', () => report(file('list.json', '[]')), /list\.json is not a CloudFormation template: expected an object with Resources/],
    ['some other document', () => report(file('other.json', { name: 'x' })), /it has no Resources/],
    ['a resource without a type', () => report(file('typeless.json', { Resources: { A: {} } })), /resource A has no Type/],
    ['a folder without stacks', () => report(join(file('empty/manifest.json', { artifacts: {} }), '..')), /empty holds no stacks; run cdk synth first/],
    ['a folder that is no cdk.out', () => report(join(file('none/x.txt', ''), '..')), /none is not a cdk\.out folder: it has no manifest\.json/],
    ['a stage that is its own stage', () => report(join(file('self/manifest.json', {
      artifacts: { A: { type: 'cdk:cloud-assembly', properties: { directoryName: '.' } } },
    }), '..')), /names itself as one of its stages/],
    ['a folder as price file', () => report(good, { prices: folder }), /price snapshot .* cannot be read \(EISDIR\)/],
    ['a manifest that points outside', () => report(join(file('out/manifest.json', {
      artifacts: { A: { type: 'aws:cloudformation:stack', properties: { templateFile: '../good.json' } } },
    }), '..')), /names \.\.\/good\.json, which is outside of it/],
    ['no margin.yaml', () => report(foreign, { declare: join(folder, 'no.yaml') }), /no\.yaml cannot be read/],
    ['a margin.yaml with a typo', () => report(foreign, { declare: file('typo.yaml', 'version: 1\nstacks: { foreign: { workflow: [] } }') }), /typo\.yaml is not valid.*Unrecognized key: "workflow"/s],
    ['a margin.yaml for another app', () => report(foreign, { declare: file('wrong.yaml', 'version: 1\nstacks: { elsewhere: {} }') }), /declares stack elsewhere, which is not in the app; it has foreign/],
    ['an empty margin.yaml', () => report(foreign, { declare: file('void.yaml', '') }), /void\.yaml is not valid/],
    ['wrong metadata', () => report(file('meta.json', { Resources: {}, Metadata: { AiMargin: { version: 7 } } })), /Metadata\.AiMargin of meta is not valid.*version is 7/s],
    ['a corrupt price file', () => report(good, { prices: file('prices.json', { version: 1, regions: { x: { asOf: 'today', prices: {} } } }) }), /prices\.json.*asOf is "today"/s],
    ['a negative price', () => report(good, { prices: file('minus.json', { version: 1, regions: { x: { asOf: '2026-01-01', prices: { a: { unit: 'h', usd: '-1', status: 'listed', source: 's', date: null } } } } }) }), /usd is "-1": a plain decimal/],
  ];
  test.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(InputError);
    expect(run).toThrow(message);
  });

  test('property: any document is reported or refused, never a crash, and what is unknown is never $0', () => {
    const type = fc.constantFrom('AWS::SQS::Queue', 'AWS::EC2::Instance', 'AWS::RDS::DBCluster', 'AWS::CloudFormation::Stack', 'AWS::Nothing::Yet');
    const resources = fc.dictionary(fc.string({ minLength: 1 }), fc.record({ Type: fc.oneof(type, fc.string()), Properties: fc.dictionary(fc.string(), fc.jsonValue()) }));
    const template = fc.oneof(fc.jsonValue(), fc.record({ Resources: fc.oneof(resources, fc.jsonValue()), Parameters: fc.jsonValue(), Conditions: fc.jsonValue(), Metadata: fc.jsonValue() }, { requiredKeys: ['Resources'] }));
    fc.assert(fc.property(template, document => {
      const path = file('any.json', JSON.stringify(document));
      let printed: Printed;
      try {
        printed = report(path, { format: 'json', pricingRegion: 'us-east-1' });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return;
      }
      for (const { lines } of reportSchema.parse(JSON.parse(printed.out)).stacks.flatMap(s => s.resources)) {
        for (const line of lines) if (line.quantity === null || line.unitPriceUsd === null) expect(line.monthlyUsd).toBeNull();
      }
    }), { numRuns: 150 });
  });
});
