/**
 * A whole template against a bill worked out by hand: test/fixtures/hand-bill/bill.csv was computed from the price lists
 * with a calculator, line by line, and says how. The estimator had no part in it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decimal, sum } from '../../../lib/money';
import { parseTemplate } from '../../../lib/estimate/template';
import { estimate, linesOf } from './estimating';

const FIXTURE = join(__dirname, '../../fixtures/hand-bill');
const template = parseTemplate(JSON.parse(readFileSync(join(FIXTURE, 'template.json'), 'utf8')), 'template.json');
const bill = readFileSync(join(FIXTURE, 'bill.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map(row => {
    const [logicalId, item, quantity, unitPriceUsd, monthlyUsd, lowUsd, highUsd] = row.split(',');
    return { logicalId, item, quantity, unitPriceUsd, monthlyUsd: monthlyUsd!, lowUsd: lowUsd!, highUsd: highUsd! };
  });

const USAGE: Record<string, Record<string, number>> = {
  Nat: { 'nat/data': 500, 'data-transfer/internet-out': 200 },
  FrontDoor: { 'alb/lcu': 1460, 'data-transfer/internet-out': 300 },
  InsideDoor: { 'nlb/lcu': 730, 'data-transfer/inter-az': 100 },
  BedrockEndpoint: { 'endpoint/data': 50 },
  ScratchVolume: { 'ebs/snapshot': 100 },
  SemanticCache: { 'elasticache-serverless/valkey-storage': 10, 'elasticache-serverless/valkey-ecpu': 1e9 },
  SearchCollection: { 'opensearch-serverless/ocu': 100, 'opensearch-serverless/storage': 20 },
  VectorIndex: { 's3-vectors/storage': 10, 's3-vectors/put': 5, 's3-vectors/query': 1e6, 's3-vectors/query-data-first-100k': 2 },
  Documents: { 's3/storage': 1000, 's3/write-request': 1e6, 's3/read-request': 1e7 },
  Ledger: { 'dynamodb/write-unit': 5e6, 'dynamodb/read-unit': 2e7, 'dynamodb/storage': 30 },
  Router: { 'lambda/arm-duration': 1e6, 'lambda/request': 5e6 },
  Ingest: { 'lambda/x86-duration': 5e5, 'lambda/request': 1e6, 'lambda/ephemeral-storage': 1e6 },
  Pipeline: { 'step-functions/transition': 1e6 },
  QuickPipeline: { 'step-functions/express-request': 1e6, 'step-functions/express-duration': 100 },
  Jobs: { 'sqs/request': 1e7 },
  Alerts: { 'sns/request': 1e6 },
  AlertsByEmail: { 'sns/email-delivery': 1000 },
  AlertsByHook: { 'sns/http-delivery': 1e5 },
  Bus: { 'eventbridge/custom-event': 3e6 },
  ProviderKey: { 'secrets-manager/request': 1e5 },
  DataKey: { 'kms/request': 1e6 },
  GatewayLogs: { 'logs/ingestion': 40, 'logs/storage': 200 },
  Usage: { 'firehose/ingestion': 100 },
  Firewall: { 'waf/request': 1e7 },
  Site: { 'cloudfront/us-out': 500 },
  PublicApi: { 'api-gateway/http-request': 1e7 },
  PartnerApi: { 'api-gateway/rest-request': 2e6 },
  Images: { 'ecr/storage': 50 },
  Models: { 'efs/storage': 100 },
  Analysts: { 'athena/scanned': 2 },
  Aurora: { 'aurora/acu': 1000 },
};

/** Usage that the test leaves undeclared on purpose. */
const UNDECLARED = [
  'Aurora aurora/io-request',
  'Aurora aurora/storage',
  'LogCollection opensearch-serverless/ocu',
  'LogCollection opensearch-serverless/storage',
  'Settings dynamodb/storage',
  'Site cloudfront/request',
  'VectorIndex s3-vectors/query-data-100k-to-10m',
  'VectorIndex s3-vectors/query-data-over-10m',
  'VectorIndex s3-vectors/query-data-returned',
];

const { Resources, ...sections } = template;
const cost = estimate(
  { ...Resources },
  {
    template: sections,
    declaration: { usage: Object.entries(USAGE).map(([resource, usage]) => ({ resource, quantities: usage })) },
  },
);
const lines = cost.resources.flatMap(({ logicalId, lines: own }) => own.map(line => ({ logicalId, ...line })));

describe('the bill worked out by hand', () => {
  test('is large enough to mean something', () => {
    expect(new Set(bill.map(row => row.logicalId)).size).toBeGreaterThanOrEqual(30);
  });

  test('agrees with the estimate in every line, exactly', () => {
    const estimated = lines
      .filter(line => line.monthlyUsd)
      .map(line => ({
        logicalId: line.logicalId,
        item: line.item,
        quantity: line.quantity!.expected.toFixed(),
        unitPriceUsd: line.unitPriceUsd!.toFixed(),
        monthlyUsd: line.monthlyUsd!.expected.toFixed(),
        lowUsd: line.monthlyUsd!.low.toFixed(),
        highUsd: line.monthlyUsd!.high.toFixed(),
      }));
    expect(inOrder(estimated)).toEqual(inOrder(bill));
  });

  test('agrees with the total, expected, low and high', () => {
    // The sums of the columns, added up with a calculator.
    expect(cost.monthlyUsd.expected.toFixed()).toBe('2574.9389166666667');
    expect(cost.monthlyUsd.low.toFixed()).toBe('2228.7169116666667');
    expect(cost.monthlyUsd.high.toFixed()).toBe('3230.0226166666667');
    expect(sum(bill.map(row => decimal(row.monthlyUsd))).toFixed(2)).toBe('2574.94');
  });

  test('leaves undeclared usage without a cost rather than at nothing', () => {
    const open = lines.filter(line => !line.monthlyUsd);
    expect(open.map(line => `${line.logicalId} ${line.item}`).sort()).toEqual(UNDECLARED);
    expect(open.every(line => line.quantity === null)).toBe(true);
  });

  test('names what has no price', () => {
    expect(cost.unpriced.map(u => `${u.logicalId} ${u.cause}`)).toEqual(['Site price', 'Aurora price', 'Aurora price']);
  });

  test('does not charge for a resource whose condition does not hold', () => {
    expect(linesOf(cost, 'DevCache')).toEqual([]);
  });
});

const inOrder = (rows: readonly object[]): string[] => rows.map(row => JSON.stringify(row, Object.keys(row).sort())).sort();
