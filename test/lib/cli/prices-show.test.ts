import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ShowOptions, showPrices } from '../../../lib/cli/prices-show';
import { PriceEntry } from '../../../lib/contracts/price-snapshot';

const TODAY = '2026-11-23';

function show(options: ShowOptions): { code: number; out: string; err: string } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = showPrices({ today: TODAY, ...options }, { stdout: text => out.push(text), stderr: text => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('prices show', () => {
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(path.join(tmpdir(), 'prices-show-')); });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  const file = (entries: Record<string, PriceEntry>, region = 'us-east-1'): string => {
    const name = path.join(folder, `${Object.keys(entries).join('-').replaceAll('/', '.')}-${region}.json`);
    writeFileSync(name, JSON.stringify({ version: 1, regions: { [region]: { asOf: TODAY, prices: entries } } }));
    return name;
  };
  const entry = (more: Partial<PriceEntry>): PriceEntry =>
    ({ unit: 'hour', usd: '1', status: 'listed', source: 'a test', date: TODAY, ...more });

  test('one item with its provenance', () => {
    const prices = file({ 'alb/hour': entry({ usd: '0.024', sku: 'ABC', note: 'LoadBalancerUsage', source: 'AWS Price List API' }) });
    const { code, out, err } = show({ item: 'alb/hour', prices });
    expect(code).toBe(0);
    expect(out.split('\n').map(line => line.trim().split(/ {2,}/))).toEqual([
      ['item', 'region', 'USD', 'per', 'status', 'date', 'source', 'sku'],
      ['alb/hour', 'us-east-1', '0.024', 'hour', 'listed', TODAY, 'AWS Price List API', 'ABC'],
      ['note', 'alb/hour: LoadBalancerUsage'],
    ]);
    expect(err).toBe('');
  });

  test('tiers that end are followed by unknown; tiers that do not are not; a floating price has its range', () => {
    const tiers = [{ upTo: '10', usd: '3' }, { upTo: null, usd: '2' }];
    const prices = file({ 'alb/hour': entry({ usd: undefined, tiers }), 'alb/lcu': entry({ usd: undefined, tiers: tiers.slice(0, 1) }) });
    const { out } = show({ item: 'alb', prices });
    expect(out).toMatch(/alb\/hour .* 3 up to 10, then 2 +hour/);
    expect(out).toMatch(/alb\/lcu .* 3 up to 10, then unknown +hour/);
    expect(show({ item: 'ec2-spot/g6.xlarge' }).out).toMatch(/0\.3618 \(0\.347 to 0\.5525\)/);
  });

  test('a beginning comes before a part; the exact name before both', () => {
    const items = (item: string): string[] =>
      show({ item }).out.split('\n').slice(1).filter(line => !line.startsWith('note')).map(line => line.split(' ')[0]!);
    expect(items('nat')).toEqual(['nat/data', 'nat/hour']);
    expect(items('vcpu')).toEqual(['fargate/arm-vcpu', 'fargate/vcpu']);
    expect(items('logs/storage')).toEqual(['logs/storage']);
  });

  test('what is known to be unknown is shown with the reason, also in a region without prices', () => {
    expect(show({ item: 'ec2/p5e.48xlarge' })).toMatchObject({ code: 0, out: expect.stringMatching(/unknown.*\n.*no on-demand/s) });
    const there = show({ item: 'alb/hour', region: 'eu-central-1' });
    expect(there).toMatchObject({ code: 0, out: expect.stringMatching(/unknown.*prices refresh --region eu-central-1/s) });
  });

  test('token prices per million, a long call at its own price', () => {
    const rows = show({ item: 'anthropic/claude-sonnet-4-5' }).out.split('\n').map(line => line.split(/ {2,}/));
    expect(rows.map(([kind, , usd]) => [kind, usd])).toEqual(expect.arrayContaining([
      ['input', '3'], ['input, calls over 200,000 input tokens', '6'], ['cache read', '0.3'], ['cache write', '3.75'], ['output', '15'],
      ['output, calls over 200,000 input tokens', '22.5'],
    ]));
    const bedrock = show({ item: 'aws/us.anthropic.claude-sonnet-4-5-20250929-v1:0', region: 'eu-west-1' });
    expect(bedrock.out).toMatch(/^input +eu-west-1 +3\.3 +million +inferred/m);
    expect(bedrock.out).toContain('does not tell eu-west-1 from the US regions');
  });

  test('an embedding model has no output price, a search model has one per request', () => {
    expect(show({ item: 'openai/text-embedding-3-small' }).out).toMatch(/^output +us-east-1 +not in the list/m);
    expect(show({ item: 'perplexity/sonar' }).out).toMatch(/^request +us-east-1 +0\.012 +request/m);
  });

  test('warns of prices over 90 days old, and of nothing younger', () => {
    const prices = file({ 'alb/hour': entry({ date: '2026-08-25' }), 'alb/lcu': entry({ date: '2026-08-24' }) });
    expect(show({ item: 'alb/hour', prices }).err).toBe('');
    expect(show({ item: 'alb/lcu', prices }).err).toContain(
      'over 90 days old: alb/lcu (91 days); refresh with "ai-margin prices refresh --region us-east-1"');
    expect(show({ item: 'openai/gpt-5-mini', today: '2027-03-01' }).err).toContain(
      'over 90 days old: openai/gpt-5-mini (159 days); update cdk-ai-margin');
    // What a refresh cannot help with is not sent there.
    expect(show({ item: 'ec2-spot/g6.xlarge' }).err).toMatch(/declare a price override/);
  });

  test.each<[string, ShowOptions, RegExp]>([
    ['a misspelt item', { item: 'farget/vcpu' }, /no price item "farget\/vcpu".*Did you mean fargate\/vcpu/],
    ['nothing alike', { item: 'zzzzzzzzzzzz' }, /no price item "zzzzzzzzzzzz"\. Show a whole group/],
    ['a model the list does not know', { item: 'aws/no-such-model' }, /does not know this model of aws/],
    ['a model the list takes for another', { item: 'aws/amazon.titan-embed-text-v2:0' }, /another model/],
    ['no item', { item: ' ' }, /No item was named/],
    ['no region', { item: 'alb/hour', region: 'Frankfurt' }, /"Frankfurt" is not an AWS region/],
    ['no file', { item: 'alb/hour', prices: '/no/such/prices.json' }, /price file \/no\/such\/prices\.json does not exist.*--out/],
  ])('bad input: %s', (_, options, message) => {
    expect(show(options)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
  });

  test('bad input: a file that is no snapshot', () => {
    const name = path.join(folder, 'broken.json');
    writeFileSync(name, '[]');
    expect(show({ item: 'alb/hour', prices: name })).toMatchObject({
      code: 2, err: expect.stringMatching(/broken\.json is not valid.*Write it anew/),
    });
  });
});
