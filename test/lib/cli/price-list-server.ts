/** A stand-in for the AWS Price List API on 127.0.0.1: GetProducts in AWS JSON 1.1, filters and pages included. */
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { decimal } from '../../../lib/money';
import { PriceBook } from '../../../lib/prices/book';
import { PriceQuery, priceQueries, usagetypesIn } from '../../../lib/prices/queries';
import * as unit from '../../../lib/prices/units';
import { notRefreshed } from '../../../lib/prices/not-refreshed';

export interface FakeProduct {
  readonly serviceCode: string;
  readonly document: {
    readonly product: { readonly sku: string; readonly productFamily: string; readonly attributes: Record<string, string> };
    readonly serviceCode: string;
    readonly terms: Record<string, unknown>;
    readonly version: string;
    readonly publicationDate: string;
  };
}

export type FakeTier = readonly [usd: string, begin: string, end: string];

let serial = 0;

/** A product in the shape the API really has, down to the ids inside ids. */
export function product(
  serviceCode: string, attributes: Record<string, string>, apiUnit: string, price: string | readonly FakeTier[],
  more: { reserved?: string } = {},
): FakeProduct {
  serial += 1;
  const sku = `SKU${String(serial).padStart(6, '0')}`;
  const { productFamily = 'Some Family', ...rest } = attributes;
  const tiers = typeof price === 'string' ? [[price, '0', 'Inf'] as const] : price;
  const term = (id: string, amounts: readonly FakeTier[]): Record<string, unknown> => ({
    [`${sku}.${id}`]: {
      priceDimensions: Object.fromEntries(amounts.map(([USD, beginRange, endRange], i) => [
        `${sku}.${id}.RATE${i}`,
        { unit: apiUnit, beginRange, endRange, description: `$${USD} per ${apiUnit}`, appliesTo: [], pricePerUnit: { USD } },
      ])),
      sku, effectiveDate: '2026-11-01T00:00:00Z', offerTermCode: id, termAttributes: {},
    },
  });
  return {
    serviceCode,
    document: {
      product: { sku, productFamily, attributes: { servicecode: serviceCode, ...rest } },
      serviceCode,
      terms: {
        ...tiers.length === 0 ? {} : { OnDemand: term('JRTCKXETXF', tiers) },
        ...more.reserved === undefined ? {} : { Reserved: term('4NA7Y494T4', [[more.reserved, '0', 'Inf']]) },
      },
      version: '20261118000000',
      publicationDate: '2026-11-18T09:00:00Z',
    },
  };
}

/** What the API calls the units, and how many of them make one of ours. */
const LABELS = new Map<unit.Unit, readonly [label: string, perOurs: number | string]>([
  [unit.HOUR, ['Hrs', 1]], [unit.GB, ['GB', 1]], [unit.GB_MONTH, ['GB-Mo', 1]], [unit.TB, ['Terabytes', 1]],
  [unit.GB_SECOND, ['Lambda-GB-Second', 1]], [unit.GB_HOUR_OF_SECONDS, ['GB-Second', 3600]],
  [unit.MBPS_MONTH, ['GiBps-mo', '0.0009765625']],
  [unit.COUNT, ['Requests', 1]], [unit.EVENT, ['64K-Chunks', 1]],
]);

/** Every item that the built-in book prices in Virginia, sold in the region at those prices, with its decoys beside it. */
export function catalogue(region: string): FakeProduct[] {
  const book = PriceBook.builtIn();
  const items = book.items('us-east-1').filter(item => notRefreshed(item) === undefined);
  return [...priceQueries(items).flatMap(query => sold(query, region, book)), ...decoys(region)];
}

function sold(query: PriceQuery, region: string, book: PriceBook): FakeProduct[] {
  const price = book.lookup(query.item, 'us-east-1');
  if (!price.known) return [];
  const [label, perOurs] = LABELS.get(query.unit)!;
  let from = '0';
  const tiers = price.tiers.map(({ usd, upTo }): FakeTier => {
    const end = upTo?.times(perOurs).toFixed() ?? 'Inf';
    const tier: FakeTier = [usd.expected.div(perOurs).toFixed(), from, end];
    from = end;
    return tier;
  });
  const attributes = { ...query.regional ? { regionCode: region } : {}, ...query.filters, ...query.where };
  const [usagetype] = usagetypesIn(query, region);
  return [product(query.serviceCode, { ...attributes, usagetype: usagetype! }, label, tiers, { reserved: '0.0001' })];
}

/** What a loose match would take for the price: allowances, Spot, Outposts, Windows, capacity that is reserved but unused. */
function decoys(region: string): FakeProduct[] {
  const ec2 = {
    regionCode: region, preInstalledSw: 'NA', operatingSystem: 'Linux', capacitystatus: 'Used', marketoption: 'OnDemand', tenancy: 'Shared',
    productFamily: 'Compute Instance', instanceType: 'g5.xlarge',
  };
  const prefix = region === 'us-east-1' ? '' : 'EU-';
  const alb = { regionCode: region, productFamily: 'Load Balancer-Application' };
  const node = { regionCode: region, productFamily: 'Cache Instance' };
  const overhead = { regionCode: region, usagetype: `${prefix}TimedStorage-ByteHrs`, volumeType: 'INTAAS3ObjectOverhead' };
  const secondSpelling = { regionCode: region, usagetype: 'USE1-TimedStorage-ByteHrs' };
  return [
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}UnusedBox:g5.xlarge`, capacitystatus: 'UnusedCapacityReservation' }, 'Hrs', '9.1'),
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}UnusedBox:g5.xlarge` }, 'Hrs', '9.2'),
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}SpotUsage:g5.xlarge` }, 'Hrs', '9.3'),
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}BoxUsage:g5.xlarge`, operatingSystem: 'Windows' }, 'Hrs', '9.4'),
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}BoxUsage:g5.xlarge`, marketoption: 'CapacityBlock' }, 'Hrs', '0.0000000000'),
    product('AmazonEC2', { ...ec2, usagetype: `${prefix}BoxUsage:m5.large`, instanceType: 'm5.large' }, 'Hrs', [], { reserved: '0.06' }),
    product('AWSLambda', { usagetype: 'Global-Request', group: 'AWS-Lambda-Requests' }, 'Requests', [['0', '0', '1000000']]),
    product('AWSLambda', { usagetype: 'Global-Lambda-GB-Second' }, 'Lambda-GB-Second', [['0', '0', '400000']]),
    product('AWSELB', { ...alb, usagetype: `${prefix}Outposts-LCUUsage` }, 'LCU-Hrs', '0'),
    product('AWSELB', { ...alb, usagetype: `${prefix}TS-LoadBalancerUsage` }, 'Hrs', '0.0059'),
    product('AmazonECS', { regionCode: region, usagetype: `${prefix}SpotUsage-Fargate-ARM-vCPU-Hours:perCPU` }, 'hours', '0.0097'),
    product('AmazonS3', overhead, 'GB-Mo', '0.021'),
    product('AmazonElastiCache', {
      ...node, usagetype: `${prefix}ExtendedSupportYr3-NodeUsage:cache.t4g.micro`, cacheEngine: 'Redis',
    }, 'Hrs', '0.038'),
    product('AmazonElastiCache', { ...node, usagetype: `${prefix}NodeUsage:cache.t4g.micro`, cacheEngine: 'Memcached' }, 'Hrs', '0.0161'),
    // Another region's price under the same usage type, and the second spelling of the same price.
    product('AmazonVPC', { regionCode: 'ap-south-1', usagetype: `${prefix}VpcEndpoint-Hours` }, 'Hrs', '0.013'),
    ...region === 'us-east-1' ? [product('AmazonDynamoDB', secondSpelling, 'GB-Mo', '0.2500000000')] : [],
  ];
}

export interface Faults {
  /** The first requests are throttled; Infinity for all. */
  throttle?: number;
  /** The body of this request (counted from 1) ends in the middle. */
  truncateBodyOf?: number;
  /** The first product of this request's answer ends in the middle. */
  truncateProductOf?: number;
  /** From this request on nothing is answered. */
  hangFrom?: number;
  /** This request's answer trickles in and never ends. */
  trickle?: number;
  /** The page token never ends: the same one, or always a new one. */
  endless?: 'same token' | 'new tokens';
  /** Another error than throttling, for every request. */
  error?: string;
}

export interface SeenRequest {
  readonly serviceCode: string;
  readonly filters: Record<string, string>;
  readonly at: number;
}

export class PriceListServer {
  public static async start(products: readonly FakeProduct[], faults: Faults = {}, now: () => number = () => 0): Promise<PriceListServer> {
    const server = new PriceListServer(products, faults, now);
    await new Promise<void>(resolve => { server.http.listen(0, '127.0.0.1', resolve); });
    return server;
  }

  public readonly requests: SeenRequest[] = [];
  private readonly http: Server;

  private constructor(
    private readonly products: readonly FakeProduct[], private readonly faults: Faults, private readonly now: () => number,
  ) {
    this.http = createServer((request, response) => { void this.handle(request, response); });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  public close(): Promise<void> {
    this.http.closeAllConnections();
    return new Promise(resolve => { this.http.close(() => { resolve(); }); });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { 'x-amz-target': target, authorization = '' } = request.headers;
    if (target !== 'AWSPriceListService.GetProducts') return this.fail(response, 'UnknownOperationException');
    if (!/Credential=test\//.test(authorization)) return this.fail(response, 'UnrecognizedClientException');
    const input = JSON.parse(body) as Input;
    if (input.Filters.some(filter => filter.Type !== 'TERM_MATCH') || input.MaxResults > 100) {
      return this.fail(response, 'InvalidParameterException');
    }
    const filters = Object.fromEntries(input.Filters.map(({ Field, Value }) => [Field, Value]));
    this.requests.push({ serviceCode: input.ServiceCode, filters, at: this.now() });
    const nth = this.requests.length;
    if (nth >= (this.faults.hangFrom ?? Infinity)) return undefined;
    if (this.faults.error !== undefined) return this.fail(response, this.faults.error);
    if (nth <= (this.faults.throttle ?? 0)) return this.fail(response, 'ThrottlingException');
    return this.answer(input, nth, response);
  }

  private answer(input: Input, nth: number, response: ServerResponse): void {
    const found = this.products.filter(({ serviceCode, document: { product: { productFamily, attributes } } }) =>
      serviceCode === input.ServiceCode
      && input.Filters.every(({ Field, Value }) => (Field === 'productFamily' ? productFamily : attributes[Field]) === Value));
    const from = decimal(input.NextToken?.split(':')[1] ?? 0).toNumber();
    const list = found.slice(from, from + 7).map(({ document }) => JSON.stringify(document));
    if (nth === this.faults.truncateProductOf) list[0] = list[0]!.slice(0, 80);
    const next = this.nextToken(from + 7 < found.length ? `page:${from + 7}` : undefined, nth);
    const text = JSON.stringify({ FormatVersion: 'aws_v1', ...next === undefined ? {} : { NextToken: next }, PriceList: list });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    if (nth === this.faults.trickle) {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => { clearInterval(timer); });
      return;
    }
    response.end(nth === this.faults.truncateBodyOf ? text.slice(0, Math.floor(text.length / 2)) : text);
  }

  private nextToken(honest: string | undefined, nth: number): string | undefined {
    if (this.faults.endless === 'same token') return 'again:0';
    return this.faults.endless === 'new tokens' ? `page${nth}:0` : honest;
  }

  private fail(response: ServerResponse, name: string): void {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name });
    response.end(JSON.stringify({ __type: name, message: `fake ${name}` }));
  }
}

interface Input {
  readonly ServiceCode: string;
  readonly Filters: { Type: string; Field: string; Value: string }[];
  readonly MaxResults: number;
  readonly NextToken?: string;
}
