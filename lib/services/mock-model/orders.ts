/**
 * Orders to the mock model stand in the model's name as a query string, `mock-small?outputTokens=40&delayMs=200`: so they work
 * from any client, in a tier of a configuration, per call, and in parallel. One table of them, which is also the help text.
 */
import { InputError } from '../../errors';
import { FAULTS, Fault, STATUS_FAULT, parseFault } from './faults';

const MOST_TOKENS = 10_000_000;
/** A stream's events are held ready in memory. */
const MOST_CHUNKS = 100_000;
const LONGEST_MS = 3_600_000;

export const ORDERS = {
  outputTokens: 'output tokens, reasoning included; at most what the call allows (default: 16, or the words of text)',
  inputTokens: 'input tokens (default: bytes of the messages or input as JSON / 4, rounded up; never less than cachedTokens + cacheWriteTokens)',
  cachedTokens: 'input tokens read from the prompt cache',
  cacheWriteTokens: 'input tokens written to the prompt cache',
  reasoningTokens: 'output tokens spent on reasoning: not in the text',
  delayMs: 'time before the first byte',
  chunkDelayMs: 'time between two events of a stream (default: one each turn of the event loop)',
  chunks: 'events of a stream that carry text (default: one a token)',
  usage: 'none leaves the usage out; report (the default) gives it as OpenAI does: in a stream only to who asks with stream_options.include_usage',
  serviceTier: 'service_tier of the reply',
  text: 'the answer itself; with toolCall, the arguments',
  toolCall: 'the answer is a call of this tool, unless the last message is a tool\'s result',
  fault: 'one of the faults below',
  faultEvery: 'the fault comes with each Nth call of exactly this model name, orders included (default: every call)',
  retryAfterSeconds: `retry-after header of fault=${STATUS_FAULT}`,
} as const;

type OrderName = keyof typeof ORDERS;

export interface Orders {
  /** The model's name without the orders. */
  readonly model: string;
  /** undefined: the words of the text. */
  readonly outputTokens: number | undefined;
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
  readonly delayMs: number;
  readonly chunkDelayMs: number;
  readonly chunks: number | undefined;
  readonly reportsUsage: boolean;
  readonly serviceTier: string | undefined;
  readonly text: string | undefined;
  readonly toolCall: string | undefined;
  readonly fault: Fault | undefined;
  readonly faultEvery: number;
  readonly retryAfterSeconds: number | undefined;
}

export function parseOrders(name: string): Orders {
  const mark = name.indexOf('?');
  const given = new URLSearchParams(mark < 0 ? '' : name.slice(mark + 1));
  for (const order of given.keys()) {
    if (!Object.hasOwn(ORDERS, order)) throw new InputError(`"${order}" in the model's name is no order to the mock model. Accepted: ${Object.keys(ORDERS).join(', ')}.`);
    if (given.getAll(order).length > 1) throw new InputError(`"${order}" stands twice in the model's name: give it once.`);
  }
  const text = (order: OrderName): string | undefined => given.get(order) ?? undefined;
  const count = (order: OrderName, most: number, least = 0): number | undefined => countOf(order, text(order), least, most);
  const fault = text('fault');
  const usage = text('usage') ?? 'report';
  if (usage !== 'none' && usage !== 'report') throw new InputError(`usage=${usage} is not accepted: none or report.`);
  const orders: Orders = {
    model: mark < 0 ? name : name.slice(0, mark),
    outputTokens: count('outputTokens', MOST_TOKENS) ?? (given.has('text') ? undefined : 16),
    inputTokens: count('inputTokens', MOST_TOKENS),
    cachedTokens: count('cachedTokens', MOST_TOKENS) ?? 0,
    cacheWriteTokens: count('cacheWriteTokens', MOST_TOKENS) ?? 0,
    reasoningTokens: count('reasoningTokens', MOST_TOKENS) ?? 0,
    delayMs: count('delayMs', LONGEST_MS) ?? 0,
    chunkDelayMs: count('chunkDelayMs', LONGEST_MS) ?? 0,
    chunks: count('chunks', MOST_CHUNKS, 1),
    reportsUsage: usage === 'report',
    serviceTier: text('serviceTier'),
    text: text('text'),
    toolCall: text('toolCall'),
    fault: fault === undefined ? undefined : parseFault(fault),
    faultEvery: count('faultEvery', MOST_TOKENS, 1) ?? 1,
    retryAfterSeconds: count('retryAfterSeconds', LONGEST_MS),
  };
  refuseContradictions(orders, given);
  return orders;
}

function countOf(order: OrderName, given: string | undefined, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${order}=${given} is not accepted: a whole number from ${least} to ${most}.`);
}

/** An order without effect is a test that does not test what it says. */
function refuseContradictions(orders: Orders, given: URLSearchParams): void {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens, fault } = orders;
  if (inputTokens !== undefined && cachedTokens + cacheWriteTokens > inputTokens) {
    throw new InputError(`inputTokens=${inputTokens} is less than cachedTokens=${cachedTokens} and cacheWriteTokens=${cacheWriteTokens}, which are part of it.`);
  }
  if (outputTokens === undefined ? reasoningTokens > 0 : reasoningTokens > outputTokens) {
    throw new InputError(`reasoningTokens=${reasoningTokens} is part of outputTokens, ${outputTokens === undefined ? 'which has to be given too' : `which is ${outputTokens}`}.`);
  }
  if (fault === undefined && given.has('faultEvery')) throw new InputError('faultEvery says how often a fault comes: give fault too.');
  if (fault?.name !== STATUS_FAULT && given.has('retryAfterSeconds')) throw new InputError(`retryAfterSeconds goes with fault=${STATUS_FAULT} only.`);
}

/** Both tables, for `--help`. */
export function ordersHelp(): string {
  const rows = (table: Readonly<Record<string, string>>): string[] => {
    const width = Math.max(...Object.keys(table).map(name => name.length));
    return Object.entries(table).map(([name, says]) => `  ${name.padEnd(width)}  ${says}`);
  };
  const faults = Object.fromEntries(Object.entries(FAULTS).map(([name, { says, billed }]) => [name, `${says}${billed ? '' : ' (not billed)'}`]));
  return [
    'Orders, in the name of the model a call asks for, such as mock-small?outputTokens=40&delayMs=200:', ...rows(ORDERS), '',
    'Faults, such as mock-small?fault=status=503&faultEvery=3:', ...rows(faults), '',
    'GET /ledger tells what it would bill, by model name without orders; ?requests=1 also by x-request-id; DELETE /ledger empties it.',
  ].join('\n');
}
