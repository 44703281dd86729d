/** DynamoDB tables: on demand by use, provisioned capacity by the hour within its scaling bounds; storage by use. */
import { HOURS_PER_MONTH } from '../../money';
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { extras } from './options';
import { boundsOf } from './scaling';

export const dynamodb: Family = {
  name: 'DynamoDB',
  charges: {
    'AWS::DynamoDB::Table': table => [
      ...table.text('BillingMode', 'PROVISIONED') === 'PROVISIONED' ? provisioned(table) : onDemand(),
      ...tableCharges(table),
    ],
    'AWS::DynamoDB::GlobalTable': table => globalCharges(table),
  },
};

const onDemand = (): Charge[] => [usage('dynamodb/write-unit'), usage('dynamodb/read-unit')];

/** The account's first 25 GB of storage are free, which is not applied. */
function tableCharges(table: Resource): Charge[] {
  const tableClass = table.text('TableClass', 'STANDARD');
  if (tableClass !== 'STANDARD') throw new Unresolvable(`the price book has no prices for table class ${tableClass}`);
  return [
    usage('dynamodb/storage'),
    ...extras(table, {
      'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled': 'point-in-time recovery',
      'ContributorInsightsSpecification.Enabled': 'contributor insights',
      KinesisStreamSpecification: 'change data capture to Kinesis',
      ImportSourceSpecification: 'import from S3',
      VectorIndexes: 'vector indexes',
    }),
  ];
}

function provisioned(table: Resource): Charge[] {
  return [
    ...capacity(table, (dimension, units) => boundsOf(table, `dynamodb:table:${dimension}`, units)),
    ...table.parts('GlobalSecondaryIndexes').flatMap(index => capacity(index, (dimension, units) =>
      boundsOf(table, `dynamodb:index:${dimension}`, units, `/index/${index.text('IndexName')}`))),
  ];
}

type Bounds = (dimension: string, units: number) => ReturnType<typeof boundsOf>;

function capacity(tableOrIndex: Resource, boundsFor: Bounds): Charge[] {
  return ([['dynamodb/wcu', 'WriteCapacityUnits'], ['dynamodb/rcu', 'ReadCapacityUnits']] as const).map(([item, dimension]) => {
    const { min, desired, max } = boundsFor(dimension, tableOrIndex.number(`ProvisionedThroughput.${dimension}`));
    // Between its bounds the load decides, which somebody must declare.
    return min < max ? usage(item, HOURS_PER_MONTH.times(min)) : fixed(item, HOURS_PER_MONTH.times(Math.min(Math.max(desired, min), max)));
  });
}

/** The replica of the stack's own region by use; those of other regions are charged there. */
function globalCharges(table: Resource): Charge[] {
  if (table.text('BillingMode', 'PROVISIONED') === 'PROVISIONED') {
    throw new Unresolvable('a provisioned global table sets its capacity by itself, within bounds for each region');
  }
  const replicas = table.parts('Replicas');
  return [
    ...onDemand(),
    usage('dynamodb/storage'),
    ...replicas.length > 1 ? [unpriced(`${replicas.length - 1} replicas in other regions are charged at the prices there`)] : [],
    ...replicas.flatMap(replica => extras(replica, {
      'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled': 'point-in-time recovery',
      'ContributorInsightsSpecification.Enabled': 'contributor insights',
      KinesisStreamSpecification: 'change data capture to Kinesis',
    })),
    ...replicas.some(replica => replica.text('TableClass', 'STANDARD') !== 'STANDARD')
      ? [unpriced('another table class has no price in the book')]
      : [],
    ...extras(table, { VectorIndexes: 'vector indexes', GlobalTableWitnesses: 'a witness' }),
  ];
}
