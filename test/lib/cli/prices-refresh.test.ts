import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RefreshOptions, refreshPrices } from '../../../lib/cli/prices-refresh';
import { PriceListSettings } from '../../../lib/cli/price-list-client';
import { PriceSnapshot, priceSnapshotSchema } from '../../../lib/contracts/price-snapshot';
import { readPrices } from '../../../lib/assembly/prices';
import { PriceBook } from '../../../lib/prices/book';
import { describePrice } from '../../../lib/prices/changes';
import { FakeProduct, Faults, PriceListServer, catalogue, product } from './price-list-server';

const TODAY = '2026-11-23';

/** Sleeping only moves this clock, so that no test waits. */
function fakeClock(): { now(): number; sleep(ms: number): Promise<void> } {
  let at = 0;
  return { now: () => at, sleep: ms => { at += ms; return Promise.resolve(); } };
}

describe('prices refresh', () => {
  let folder: string;
  let out: string;
  let stdout: string[];
  let stderr: string[];
  let server: PriceListServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'prices-refresh-'));
    out = path.join(folder, 'prices.json');
    [stdout, stderr, server] = [[], [], undefined];
  });
  afterEach(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(
    products: readonly FakeProduct[], faults: Faults = {}, options: RefreshOptions = {}, settings: PriceListSettings = {},
  ): Promise<number> {
    const clock = fakeClock();
    server = await PriceListServer.start(products, faults, () => clock.now());
    return refreshPrices({
      endpoint: server.url, out, today: TODAY, ...options,
      priceList: { credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, clock, maxAttempts: 1, ...settings },
    }, { stdout: text => stdout.push(text), stderr: text => stderr.push(text) });
  }
  const said = (lines: string[]): string => lines.join('\n');
  const written = (): PriceSnapshot => JSON.parse(readFileSync(out, 'utf8')) as PriceSnapshot;

  /** Whatever went wrong: the old file is still there byte by byte, and nothing lies beside it. */
  async function leavesTheOldFile(refreshing: () => Promise<number>): Promise<void> {
    const old = `${JSON.stringify({ version: 1, regions: {} })}   \n`;
    writeFileSync(out, old);
    expect(await refreshing()).toBe(1);
    expect(readFileSync(out, 'utf8')).toBe(old);
    expect(readdirSync(folder)).toEqual(['prices.json']);
    expect(stdout).toEqual([]);
  }

  /** The catalogue without the products of one usage type. */
  const without = (usagetype: string, region = 'us-east-1'): FakeProduct[] =>
    catalogue(region).filter(({ document }) => document.product.attributes.usagetype !== usagetype);

  test('a complete refresh is written, fits the schema, and is what the price book then uses', async () => {
    const raised = [...without('Fargate-ARM-vCPU-Hours:perCPU'),
      product('AmazonECS', { regionCode: 'us-east-1', usagetype: 'USE1-Fargate-ARM-vCPU-Hours:perCPU' }, 'hours', '0.0340000000')];
    expect(await run(raised)).toBe(0);

    const snapshot = written();
    expect(priceSnapshotSchema.safeParse(snapshot).error).toBeUndefined();
    const price = readPrices(out).lookup('fargate/arm-vcpu', 'us-east-1');
    expect(price).toMatchObject({
      known: true, source: 'AWS Price List API', asOf: '2026-11-18', status: 'listed', sku: expect.stringMatching(/^SKU\d+$/),
    });
    expect(describePrice(price)).toBe('0.034 per vCPU-hour');
    expect(snapshot.regions['us-east-1']!.asOf).toBe('2026-11-18');
    expect(said(stdout)).toMatch(/^Wrote \d+ prices of us-east-1 to .*: 1 changed, 0 new, \d+ unchanged\.$/m);
    expect(stdout).toContain('~ fargate/arm-vcpu: 0.03238 per vCPU-hour -> 0.034 per vCPU-hour (+5%)');
    expect(said(stdout)).toContain('ec2-spot/*: Spot prices are not in the Price List API');
    expect(readdirSync(folder)).toEqual(['prices.json']);
  });

  test('decoys beside the products change nothing: every price equals the one it was made from', async () => {
    expect(await run(catalogue('us-east-1'))).toBe(0);
    const [book, before] = [PriceBook.builtIn(written()), PriceBook.builtIn()];
    const items = Object.keys(written().regions['us-east-1']!.prices);
    expect(items.length).toBeGreaterThan(180);
    const described = (from: PriceBook): [string, string][] => items.map(item => [item, describePrice(from.lookup(item, 'us-east-1'))]);
    expect(described(book)).toEqual(described(before));
    expect(items).not.toContain('ec2/p5e.48xlarge');
    expect(said(stdout)).toMatch(/^Not sold in us-east-1 and left unknown: ec2\/p5e\.48xlarge, ec2\/trn2\.48xlarge/m);
  });

  test('instances and cache nodes share one listing each, and the rate limit holds over the whole run', async () => {
    expect(await run(catalogue('us-east-1'))).toBe(0);
    const { requests } = server!;
    const instances = requests.filter(({ filters }) => filters.productFamily === 'Compute Instance');
    expect(instances.length).toBeLessThan(30);
    expect(instances[0]!.filters).toEqual({
      regionCode: 'us-east-1', preInstalledSw: 'NA', operatingSystem: 'Linux', capacitystatus: 'Used', marketoption: 'OnDemand',
      tenancy: 'Shared', productFamily: 'Compute Instance',
    });
    expect(requests.filter(({ filters }) => filters.usagetype?.endsWith('KMS-Keys'))).toMatchObject([
      { serviceCode: 'awskms', filters: { regionCode: 'us-east-1', usagetype: 'us-east-1-KMS-Keys' } },
    ]);
    for (const [i, { at }] of requests.entries()) expect(i + 1).toBeLessThanOrEqual(10 + (at / 1000) * 5 + 1e-6);
    expect(stderr.at(-1)).toMatch(/^(\d+) of \1 items of us-east-1$/);
  });

  test('another region: its spelling, other regions of the file kept, what is not sold there left unknown', async () => {
    const byHand = { unit: 'hour', usd: '7', status: 'listed', source: 'by hand', date: null } as const;
    const kept: PriceSnapshot = {
      version: 1,
      regions: {
        'us-east-1': { asOf: '2026-10-01', prices: { 'alb/hour': byHand } },
        'eu-west-1': { asOf: '2026-10-01', prices: { 'own/item': byHand } },
      },
    };
    writeFileSync(out, JSON.stringify(kept));
    expect(await run(without('EU-BoxUsage:p5.48xlarge', 'eu-west-1'), {}, { region: 'eu-west-1' })).toBe(0);
    const { regions } = written();
    expect(regions['us-east-1']).toEqual(kept.regions['us-east-1']);
    expect(regions['eu-west-1']!.prices['own/item']).toEqual(kept.regions['eu-west-1']!.prices['own/item']);
    expect(regions['eu-west-1']!.prices['alb/hour']).toMatchObject({ usd: '0.0225', note: 'EU-LoadBalancerUsage' });
    expect(said(stdout)).toMatch(/^Not sold in eu-west-1 and left unknown: .*ec2\/p5\.48xlarge/m);
    expect(stdout).toContain('+ alb/hour: 0.0225 per hour');
  });

  test('gate: an instance type that had a price in the region cannot vanish', async () => {
    expect(await run(without('EU-BoxUsage:g5.xlarge', 'eu-west-1'), {}, { region: 'eu-west-1' })).toBe(1);
    expect(said(stderr)).toMatch(/ec2\/g5\.xlarge: 0 of \d+ products fit/);
  });

  test('gate: a service that is sold everywhere cannot be absent, even where it had no price yet', async () => {
    expect(await run(without('EU-NatGateway-Hours', 'eu-west-1'), {}, { region: 'eu-west-1' })).toBe(1);
    expect(said(stderr)).toMatch(/nat\/hour: 0 of 0 products fit/);
  });

  test('gate: every item without a price or with several is refused by name at once, and nothing is written', async () => {
    const broken = [...without('NatGateway-Hours'),
      product('AmazonVPC', { regionCode: 'us-east-1', usagetype: 'USE1-VpcEndpoint-Hours' }, 'Hrs', '0.0110000000')];
    await leavesTheOldFile(() => run(broken));
    const text = said(stderr);
    expect(text).toContain('Refused 2 of');
    expect(text).toContain('nat/hour: 0 of 0 products fit (asked: AmazonEC2 regionCode=us-east-1, usagetype=NatGateway-Hours; '
      + 'AmazonEC2 regionCode=us-east-1, usagetype=USE1-NatGateway-Hours)');
    expect(text.replaceAll(/SKU\d+/g, 'SKU')).toContain(
      'endpoint/hour: 2 different prices: 0.01 (SKU, VpcEndpoint-Hours); 0.011 (SKU, USE1-VpcEndpoint-Hours)');
  });

  test('gate: a price of 0 is a free tier and not a price', async () => {
    const free = product('AWSLambda', { regionCode: 'us-east-1', usagetype: 'Request' }, 'Requests', '0.0000000000');
    await leavesTheOldFile(() => run([...without('Request'), free]));
    expect(said(stderr)).toMatch(/lambda\/request: 1 product\(s\) with a price of 0 only/);
  });

  test('throttling is waited out', async () => {
    expect(await run(catalogue('us-east-1'), { throttle: 3 })).toBe(0);
  });

  test.each<[string, Faults, PriceListSettings, RegExp]>([
    ['throttling without end', { throttle: Infinity }, {}, /kept throttling/],
    ['a body that is cut off', { truncateBodyOf: 4 }, {}, /cut short/],
    ['a product that is cut off', { truncateProductOf: 3 }, {}, /cut short/],
    ['no answer', { hangFrom: 5 }, { requestTimeoutMs: 150 }, /did not answer in time.*TimeoutError/],
    ['an answer without end', { trickle: 2 }, { requestTimeoutMs: 100 }, /did not answer in time.*AbortError/],
    ['the same page token for ever', { endless: 'same token' }, {}, /same page token came twice/],
    ['ever new page tokens', { endless: 'new tokens' }, { maxPages: 5 }, /more than 5 pages/],
    ['missing permission', { error: 'AccessDeniedException' }, {}, /pricing:GetProducts/],
    ['expired credentials', { error: 'ExpiredTokenException' }, {}, /have expired/],
    ['an error nobody thought of', { error: 'InternalErrorException' }, {}, /it refused \(InternalErrorException: fake/],
  ])('gate: %s ends with an error and leaves the old file', async (_, faults, settings, message) => {
    await leavesTheOldFile(() => run(catalogue('us-east-1'), faults, {}, settings));
    expect(said(stderr)).toMatch(message);
    expect(said(stderr)).toMatch(/\w+ regionCode=us-east-1.*nothing was written/s);
    expect(server!.requests.length).toBeLessThan(20);
  });

  test('gate: the SDK repeats a throttled attempt, and each attempt costs a token', async () => {
    await leavesTheOldFile(() => run(catalogue('us-east-1'), { throttle: Infinity }, {}, { maxAttempts: 2, throttleRounds: 0 }));
    expect(server!.requests).toHaveLength(2);
  });

  test('gate: nobody listens', async () => {
    const gone = await PriceListServer.start([]);
    const endpoint = gone.url;
    await gone.close();
    await leavesTheOldFile(() => run([], {}, { endpoint }));
    expect(said(stderr)).toMatch(/cannot be reached/);
  });

  test.each<[string, RefreshOptions, RegExp]>([
    ['an unknown region, before anything is read', { region: 'mars-north-1', out: '/no/such/folder/prices.json' },
      /"mars-north-1".*us-east-1, us-east-2.*--region/],
    ['the name of an object member', { region: 'constructor' }, /"constructor"/],
    ['an endpoint without a scheme', { endpoint: 'localhost' }, /"localhost" is not an address for --endpoint/],
    ['an endpoint of another kind', { endpoint: 'ftp://127.0.0.1' }, /--endpoint/],
    ['a folder that does not exist', { out: '/no/such/folder/prices.json' }, /no folder \/no\/such\/folder.*--out/],
    ['a folder in place of the file', { out: tmpdir() }, /cannot be read \(EISDIR\).*--out/],
  ])('bad input: %s', async (_, options, message) => {
    expect(await run([], {}, options)).toBe(2);
    expect(said(stderr)).toMatch(message);
    expect(server!.requests).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['not JSON', '{"version": 1,', /is not JSON/],
    ['another document', '{"version": 2}', /is not valid\. .*version/],
  ])('bad input: an existing file that is %s stays as it is', async (_, text, message) => {
    writeFileSync(out, text);
    expect(await run([])).toBe(2);
    expect(said(stderr)).toMatch(message);
    expect(said(stderr)).toMatch(/repair or delete the file/);
    expect(readFileSync(out, 'utf8')).toBe(text);
    expect(server!.requests).toEqual([]);
  });
});
