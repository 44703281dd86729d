/** `ai-margin prices show`: what an item costs, and where that price is from. */
import { readPrices } from '../assembly/prices';
import { InputError } from '../errors';
import { STALE_AFTER_DAYS, staleDays } from '../prices/age';
import { PriceBook } from '../prices/book';
import { notRefreshed } from '../prices/not-refreshed';
import { Price, Tier } from '../prices/price';
import { TokenRates, tokenPrice } from '../prices/tokens';
import { columns } from '../report/columns';
import { Io } from './io';
import { nearMatches } from './near-matches';
import { TokenRateRow, tokenRateRows } from './token-rates';

const DEFAULT_REGION = 'us-east-1';

export interface ShowOptions {
  /** An item, the beginning or any part of one, or provider/model. */
  readonly item: string;
  readonly region?: string;
  /** A file that `ai-margin prices refresh` wrote, laid over the built-in prices. */
  readonly prices?: string;
  /** YYYY-MM-DD; the day of the run where absent. */
  readonly today?: string;
}

/** 0: shown, also where a price is known to be unknown. 2: no such item, or bad input. */
export function showPrices(options: ShowOptions, io: Io): number {
  try {
    show(options, io);
    return 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    io.stderr(error.message);
    return 2;
  }
}

function show({ item, region = DEFAULT_REGION, prices, today = new Date().toISOString().slice(0, 10) }: ShowOptions, io: Io): void {
  if (!/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region)) {
    throw new InputError(`"${region}" is not an AWS region. Give one such as eu-west-1 to --region.`);
  }
  if (item.trim() === '') {
    throw new InputError('No item was named. Give one such as fargate/arm-vcpu, a part of one such as fargate, or provider/model.');
  }
  const book = readPrices(prices);
  const names = vocabulary(book, region);
  const found = matching(item, names);
  if (found.length > 0) {
    showItems(found.map(name => book.lookup(name, region)), region, today, io);
    return;
  }
  const [provider = '', ...model] = item.split('/');
  const tokens = model.length > 0 ? tokenPrice({ provider, model: model.join('/'), region }) : undefined;
  if (tokens?.known) showTokens(item, tokens, region, today, io);
  else throw unknown(item, names, tokens?.reason);
}

/** Also what only other regions have a price for: here it is shown as unknown, with what to do about it. */
const vocabulary = (book: PriceBook, region: string): string[] =>
  [...new Set([region, ...book.regionNames].flatMap(name => book.items(name)))].sort();

/** The item itself, else what begins like it, else what contains it. */
function matching(asked: string, names: readonly string[]): string[] {
  if (names.includes(asked)) return [asked];
  const beginning = names.filter(name => name.startsWith(asked));
  return beginning.length > 0 ? beginning : names.filter(name => name.includes(asked));
}

function unknown(item: string, names: readonly string[], reason?: string): InputError {
  const near = nearMatches(item, names);
  const meant = near.length > 0
    ? `Did you mean ${near.join(', ')}?`
    : 'Show a whole group with a part of a name, such as "fargate" or "ec2/g6".';
  return new InputError(`There is no price item "${item}"${reason ? `, and ${reason}` : ''}. ${meant}`);
}

const COLUMNS = ['item', 'region', 'USD', 'per', 'status', 'date', 'source', 'sku'];

function showItems(prices: readonly Price[], region: string, today: string, io: Io): void {
  const rows = prices.map(price => price.known
    ? [price.item, region, tiersText(price.tiers), price.unit, price.status, price.asOf ?? 'undated', price.source, price.sku ?? '-']
    : [price.item, region, 'unknown', '-', '-', '-', '-', '-']);
  for (const line of columns([COLUMNS, ...rows])) io.stdout(line);
  for (const price of prices) {
    const note = price.known ? price.note && `${price.item}: ${price.note}` : price.reason;
    if (note) io.stdout(`note  ${note}`);
  }
  const known = prices.filter(price => price.known);
  warnOld(known.filter(({ item }) => !notRefreshed(item)), today, `refresh with "ai-margin prices refresh --region ${region}"`, io);
  warnOld(known.filter(({ item }) => notRefreshed(item)), today, 'a refresh leaves such prices alone: declare a price override', io);
}

/** "0.3 up to 10000, then 0.1 up to 250000, then unknown": a price list that ends is said to end. */
function tiersText(tiers: readonly Tier[]): string {
  const texts = tiers.map(({ usd: { low, expected, high }, upTo }) => {
    const spread = low.eq(high) ? '' : ` (${low.toFixed()} to ${high.toFixed()})`;
    return `${expected.toFixed()}${spread}${upTo === null ? '' : ` up to ${upTo.toFixed()}`}`;
  });
  return [...texts, ...tiers.at(-1)?.upTo === null ? [] : ['unknown']].join(', then ');
}

function showTokens(item: string, price: TokenRates, region: string, today: string, io: Io): void {
  const head = ['tokens', 'region', 'USD', 'per', 'status', 'date', 'source'];
  const rows = tokenRateRows(price).map(row => [
    kindText(row), region, row.usd?.toFixed() ?? 'not in the list', row.kind === 'request' ? 'request' : 'million',
    price.status, price.asOf, price.source,
  ]);
  io.stdout(`${item} (listed as ${price.model})`);
  for (const line of columns([head, ...rows])) io.stdout(line);
  if (price.note) io.stdout(`note  ${price.note}`);
  warnOld([{ item, asOf: price.asOf }], today, 'update cdk-ai-margin', io);
}

const kindText = ({ kind, above }: TokenRateRow): string =>
  above === 0 ? kind : `${kind}, calls over ${String(above).replace(/\B(?=(\d{3})+$)/g, ',')} input tokens`;

function warnOld(prices: readonly { item: string; asOf: string | null }[], today: string, remedy: string, io: Io): void {
  const old = prices.map(({ item, asOf }) => ({ item, days: staleDays(asOf, today) })).filter(({ days }) => (days ?? 0) > STALE_AFTER_DAYS);
  if (old.length === 0) return;
  const shown = old.slice(0, 5).map(({ item, days }) => `${item} (${days} days)`).join(', ');
  io.stderr(`warning: ${old.length === 1 ? 'a price is' : `${old.length} prices are`} over ${STALE_AFTER_DAYS} days old: ${shown}`
    + `${old.length > 5 ? ' and more' : ''}; ${remedy}.`);
}
