/** `ai-margin prices refresh`: asks the AWS Price List API for every price it has, and writes all of them or nothing. */
import { PriceEntry, PriceSnapshot } from '../contracts/price-snapshot';
import { readSnapshot } from '../assembly/prices';
import { InputError } from '../errors';
import { Answer, answer } from '../prices/answers';
import { PriceBook } from '../prices/book';
import { describeChange, priceChanges } from '../prices/changes';
import { NOT_REFRESHED, notRefreshed } from '../prices/not-refreshed';
import { Product } from '../prices/products';
import { Listing, PriceQuery, describeListing, listingsFor, priceQueries } from '../prices/queries';
import { billingCodes } from '../prices/regions';
import { Io } from './io';
import { PriceListClient, PriceListError, PriceListSettings } from './price-list-client';
import { WriteError, assertFolder, writeSnapshot } from './snapshot-file';

export const DEFAULT_PRICES_FILE = 'ai-margin.prices.json';
const DEFAULT_REGION = 'us-east-1';

export interface RefreshOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly out?: string;
  /** YYYY-MM-DD; the day of the run where absent. */
  readonly today?: string;
  readonly priceList?: PriceListSettings;
}

/** 0: written. 1: refused or incomplete, nothing written. 2: bad input. */
export async function refreshPrices(options: RefreshOptions, io: Io): Promise<number> {
  try {
    return await refresh(options, io);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof PriceListError || error instanceof WriteError)) throw error;
    io.stderr(error.message);
    return error instanceof InputError ? 2 : 1;
  }
}

async function refresh(options: RefreshOptions, io: Io): Promise<number> {
  const { region = DEFAULT_REGION, out = DEFAULT_PRICES_FILE, today = new Date().toISOString().slice(0, 10) } = options;
  billingCodes(region);
  if (options.endpoint !== undefined) assertEndpoint(options.endpoint);
  assertFolder(out);
  const existing = readSnapshot(out, 'A refresh keeps its other regions: repair or delete the file, or give another one to --out.');

  const builtIn = PriceBook.builtIn();
  const vocabulary = [...new Set(builtIn.regionNames.flatMap(name => builtIn.items(name)))];
  const queries = priceQueries(vocabulary.filter(item => notRefreshed(item) === undefined));
  const before = existing ? PriceBook.builtIn(existing) : builtIn;

  const { priced, absent, refused } = await ask(queries, { region, today, before, options, io });
  if (refused.length > 0) {
    io.stderr(`Refused ${refused.length} of ${queries.length} prices in ${region}, so nothing was written to ${out}:`);
    for (const reason of refused) io.stderr(`  ${reason}`);
    io.stderr('Each item needs exactly one price. Where AWS has renamed or repriced a product, update cdk-ai-margin or report the item; '
      + 'until then the prices in use stay as they were and can be overridden in the declaration.');
    return 1;
  }
  const snapshot = merge(existing, region, priced);
  writeSnapshot(out, snapshot);
  printResult(before, PriceBook.builtIn(snapshot), { region, out, items: Object.keys(priced), absent }, io);
  return 0;
}

function assertEndpoint(endpoint: string): void {
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    throw new InputError(`"${endpoint}" is not an address for --endpoint. Give a URL such as https://api.pricing.us-east-1.amazonaws.com.`);
  }
}

interface Context {
  readonly region: string;
  readonly today: string;
  readonly before: PriceBook;
  readonly options: RefreshOptions;
  readonly io: Io;
}
interface Answers {
  readonly priced: Record<string, PriceEntry>;
  readonly absent: string[];
  readonly refused: string[];
}

async function ask(queries: readonly PriceQuery[], { region, today, before, options, io }: Context): Promise<Answers> {
  const client = new PriceListClient({ endpoint: options.endpoint, ...options.priceList });
  const listed = new Map<string, Product[]>();
  const list = async (listing: Listing): Promise<Product[]> => {
    const key = describeListing(listing);
    const products = listed.get(key) ?? await client.list(listing);
    listed.set(key, products);
    return products;
  };
  const result: Answers = { priced: {}, absent: [], refused: [] };
  try {
    for (const [index, query] of queries.entries()) {
      const products: Product[] = [];
      for (const listing of listingsFor(query, region)) products.push(...await list(listing));
      sortIn(result, query, answer(query, region, products, today), before.lookup(query.item, region).known);
      const done = index + 1;
      if (done % 10 === 0 || done === queries.length) io.stderr(`${done} of ${queries.length} items of ${region}`);
    }
  } catch (error) {
    const found = Object.keys(result.priced).length;
    throw error instanceof PriceListError
      ? new PriceListError(`${error.message} ${found} of ${queries.length} items had a price by then; nothing was written.`) : error;
  } finally {
    client.close();
  }
  return result;
}

/** Not every service and instance type is sold everywhere; one that had a price in this region cannot just vanish. */
function sortIn(result: Answers, query: PriceQuery, found: Answer, priceBefore: boolean): void {
  if (found.kind === 'price') result.priced[query.item] = found.entry;
  else if (found.kind === 'none' && !query.everywhere && !priceBefore) result.absent.push(query.item);
  else result.refused.push(found.reason);
}

/** Other regions, and items of this one that a refresh does not know, stay as they are in the file. */
function merge(existing: PriceSnapshot | null, region: string, priced: Record<string, PriceEntry>): PriceSnapshot {
  const prices = { ...existing?.regions[region]?.prices, ...priced };
  const asOf = Object.values(prices).reduce((newest, { date }) => (date !== null && date > newest ? date : newest), '0000');
  return { version: 1, regions: { ...existing?.regions, [region]: { asOf, prices } } };
}

interface Written {
  readonly region: string;
  readonly out: string;
  readonly items: string[];
  readonly absent: string[];
}

function printResult(before: PriceBook, after: PriceBook, { region, out, items, absent }: Written, io: Io): void {
  const changes = priceChanges(before, after, region, items);
  const count = (kind: string): number => changes.filter(change => change.kind === kind).length;
  const counts = `${count('changed')} changed, ${count('new')} new, ${count('same')} unchanged`;
  io.stdout(`Wrote ${items.length} prices of ${region} to ${out}: ${counts}.`);
  for (const line of changes.map(describeChange)) {
    if (line !== null) io.stdout(line);
  }
  if (absent.length > 0) io.stdout(`Not sold in ${region} and left unknown: ${absent.join(', ')}.`);
  io.stdout('Left as they were:');
  for (const { item, reason } of NOT_REFRESHED) io.stdout(`  ${item}: ${reason}`);
}
