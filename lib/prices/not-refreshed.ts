/** Items that a refresh leaves as they were, and why: certain or left out. A trailing * stands for any ending. */
export const NOT_REFRESHED: readonly { readonly item: string; readonly reason: string }[] = [
  { item: 'ec2-spot/*', reason: 'Spot prices are not in the Price List API; they float per Availability Zone' },
  { item: 'ec2/*.metal', reason: 'bare metal is listed under another product family and tenancy, not certain to be the shared price' },
  { item: 'fargate/spot-discount', reason: 'a discount that floats, not a product' },
  { item: 'cloudwatch/anomaly-alarm', reason: 'billed as three alarm metrics; it has no product of its own' },
  { item: 'firehose/ingestion', reason: 'several sources share the usage type BilledBytes; which product is direct put is not certain' },
  { item: 's3-vectors/query', reason: 'which of the usage types Vectors-Request-Tier* is the query is not certain' },
  { item: 's3-vectors/query-data-*', reason: 'which usage type Vectors-Query-* is which band, and per GB or TB, is not certain' },
  { item: 'budgets/*', reason: 'global, not per region' },
  { item: 'cost-explorer/*', reason: 'global, not per region' },
];

/** Why an item is not refreshed; undefined for one that is. */
export const notRefreshed = (item: string): string | undefined =>
  NOT_REFRESHED.find(({ item: pattern }) => {
    const [start, end] = pattern.split('*');
    return end === undefined ? item === pattern : item.startsWith(start!) && item.endsWith(end);
  })?.reason;
