import { declarationSchema } from '../../../lib/contracts/declaration';
import { Charge, fixed, replicas, unpriced, usage } from '../../../lib/estimate/charge';
import { Found, applyDeclarations } from '../../../lib/estimate/declared-usage';

const resource = (path: string, ...charges: Charge[]): Found => ({ logicalId: path.replaceAll('/', ''), path, charges });
const QUEUE = usage('sqs/request');
const OUT = usage('data-transfer/internet-out');

interface Usage { readonly resource: string; readonly quantities: Record<string, number> }

/** By path: item = declared quantity. In both orders of the resources, which must agree. */
function applied(found: Found[], usages: Usage[], capacity: object[] = []): { counted: string[]; unmatched: string[] } {
  const declaration = declarationSchema.parse({ version: 1, usage: usages, capacity });
  const run = (order: Found[]) => {
    const { declared, unmatched } = applyDeclarations(order, declaration);
    return {
      counted: order.flatMap(({ path }, i) => [
        ...declared[i]!.metered.flatMap(({ charge, declared: u }) => charge.kind === 'usage' && u ? [`${path} ${charge.item} ${u.quantities[charge.item]}`] : []),
        ...declared[i]!.metered.flatMap(({ charge }) => charge.kind === 'unpriced' ? [`${path} unpriced`] : []),
        ...declared[i]!.capacity ? [`${path} x${declared[i]!.capacity.concurrencyPerReplica}`] : [],
      ]).sort(),
      unmatched: unmatched.map(({ path, what }) => `${path} ${what}`).sort(),
    };
  };
  const result = run(found);
  expect(run(found.toReversed()).unmatched).toEqual(result.unmatched);
  return result;
}

test('a path above means each resource below that is charged for the item', () => {
  expect(applied([resource('S/A', QUEUE), resource('S/B', QUEUE)], [{ resource: 'S', quantities: { 'sqs/request': 5 } }]).counted)
    .toEqual(['S/A sqs/request 5', 'S/B sqs/request 5']);
});

test('the most specific counts, a logical id before a long path above, the last among equals', () => {
  const found = [resource('S/Long/A', QUEUE), resource('S/B', QUEUE)];
  expect(applied(found, [
    { resource: 'SLongA', quantities: { 'sqs/request': 1 } }, { resource: 'S/Long', quantities: { 'sqs/request': 2 } },
    { resource: 'S', quantities: { 'sqs/request': 3 } }, { resource: 'S', quantities: { 'sqs/request': 4 } },
  ])).toEqual({ counted: ['S/B sqs/request 4', 'S/Long/A sqs/request 1'], unmatched: ['S/Long sqs/request'] });
});

test('data transfer counts where it is charged by nature, and is added nowhere else', () => {
  const usages = [{ resource: 'S', quantities: { 'data-transfer/internet-out': 100 } }];
  const found = [resource('S/Queue', QUEUE), resource('S/Alb', OUT)];
  expect(applied(found, usages).counted).toEqual(['S/Alb data-transfer/internet-out 100']);
  expect(applied(found.toReversed(), usages).counted).toEqual(['S/Alb data-transfer/internet-out 100']);
});

test('where nothing is charged for it by nature it is added once, and two declarations are both counted', () => {
  expect(applied([resource('S/A', QUEUE), resource('S/B', QUEUE)], [
    { resource: 'S', quantities: { 'data-transfer/internet-out': 100 } }, { resource: 'S/A', quantities: { 'data-transfer/internet-out': 7 } },
  ])).toEqual({ counted: ['S/A data-transfer/internet-out 100', 'S/A data-transfer/internet-out 7'], unmatched: [] });
});

test('an item of one\'s own stands for what is unpriced at the resource it is about, and says so', () => {
  const bucket = resource('S/Bucket', usage('s3/storage'), unpriced('replication'), unpriced('inventory'));
  const about = [{ resource: 'S/Bucket', quantities: { 'custom/replication': 1 } }];
  expect(applied([bucket], about).counted).toEqual(['S/Bucket custom/replication 1']);
  const { declared } = applyDeclarations([bucket], declarationSchema.parse({ version: 1, usage: about }));
  expect(declared[0]!.metered.at(-1)!.note).toBe('stands for: replication; inventory');
});

test('an item of one\'s own on a path above several leaves their reasons standing', () => {
  const found = [resource('S/Bucket', unpriced('replication')), resource('S/Queue', QUEUE)];
  expect(applied(found, [{ resource: 'S', quantities: { 'custom/support-plan': 1 } }]).counted).toEqual(['S/Bucket custom/support-plan 1', 'S/Bucket unpriced']);
});

test('it reaches the only charged resource of a construct, whatever its child is called', () => {
  expect(applied([resource('S/Api/Service', unpriced('x')), resource('S/Api/Role')], [{ resource: 'S/Api', quantities: { 'custom/api': 1 } }]).counted)
    .toEqual(['S/Api/Service custom/api 1']);
});

test('what is declared and counts nowhere is said', () => {
  expect(applied([resource('S/A', QUEUE), resource('S/Nat', fixed('nat/hour', 1))], [
    { resource: 'S/A', quantities: { 'sqs/requests': 1 } }, { resource: 'Elsewhere', quantities: { 'sqs/request': 1, 'custom/x': 1 } },
  ], [{ resource: 'S/A', concurrencyPerReplica: 8 }]).unmatched).toEqual(['Elsewhere custom/x', 'Elsewhere sqs/request', 'S/A capacity', 'S/A sqs/requests']);
});

test('capacity follows the same order of precedence', () => {
  const group = replicas('ec2/g6e.xlarge', 730, { min: 1, desired: 1, max: 4 });
  expect(applied([resource('S/G', group), resource('S/H', group)], [], [{ resource: 'S/G', concurrencyPerReplica: 1 }, { resource: 'S', concurrencyPerReplica: 100 }]))
    .toEqual({ counted: ['S/G x1', 'S/H x100'], unmatched: [] });
});
