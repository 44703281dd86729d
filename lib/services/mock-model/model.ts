/** One call of the mock model: what it is, what it costs, and the script of its answer, spoiled where a fault is due. */
import { IncomingHttpHeaders } from 'node:http';
import { InputError } from '../../errors';
import { Account, Bill, BilledTokens } from './bill';
import { ChatCall, Prepared, chatScript, outputOf, prepare } from './chat';
import { embeddingCall, embeddingScript } from './embeddings';
import { FAULTS, Fault } from './faults';
import { Orders, parseOrders } from './orders';
import { Script, faulty } from './script';

/** Model names with their orders that are remembered, with their count of calls. */
const MOST_NAMES = 10_000;
const HARMLESS: readonly string[] = ['slow', 'empty-choices-first'];

interface Model {
  readonly orders: Orders;
  calls: number;
  /** The answer to the last call; most are alike. */
  prepared: Prepared | undefined;
}

export interface Answer {
  readonly script: Script;
  readonly delayMs: number;
  /** To be called when all of it is sent. */
  readonly sent: () => void;
}

type Body = Readonly<Record<string, unknown>>;

export class Models {
  private readonly models = new Map<string, Model>();
  private answers = 0;

  public constructor(private readonly bill: Bill) {}

  /** Throws an InputError on a bad request. */
  public answer(kind: 'chat' | 'embedding', body: unknown, headers: IncomingHttpHeaders): Answer {
    if (!isObject(body) || typeof body.model !== 'string' || body.model === '') throw new InputError('The body must be a JSON object with a model.');
    const model = this.model(body.model);
    const { orders } = model;
    const { script, tokens } = kind === 'chat' ? this.chat(model, body) : embed(orders, body);
    model.calls++;
    const fault = model.calls % orders.faultEvery === 0 ? orders.fault : undefined;
    const requestId = headers['x-request-id'];
    const accounts = this.bill.accounts(orders.model, typeof requestId === 'string' ? requestId : undefined);
    count(accounts, tokens, fault);
    return {
      script: fault === undefined ? script : faulty(script, fault, orders.retryAfterSeconds),
      delayMs: orders.delayMs,
      sent: () => { if (fault === undefined || HARMLESS.includes(fault.name)) for (const account of accounts) account.answered++; },
    };
  }

  private model(name: string): Model {
    let model = this.models.get(name);
    if (model !== undefined) return model;
    model = { orders: parseOrders(name), calls: 0, prepared: undefined };
    if (this.models.size >= MOST_NAMES) this.models.delete(this.models.keys().next().value ?? '');
    this.models.set(name, model);
    return model;
  }

  private chat(model: Model, body: Body): { script: Script; tokens: BilledTokens } {
    const { orders } = model;
    const { messages } = body;
    if (!Array.isArray(messages) || messages.length === 0) throw new InputError('A chat completion needs messages: a list that is not empty.');
    const call = chatCall(orders, body, messages);
    if (model.prepared?.outputTokens !== call.outputTokens || model.prepared.callsTool !== call.callsTool) model.prepared = prepare(orders, call);
    const tokens = { ...input(orders, messages), completion: call.outputTokens, reasoning: Math.min(orders.reasoningTokens, call.outputTokens) };
    return { script: chatScript(orders, model.prepared, call, `chatcmpl-mock-${++this.answers}`, tokens), tokens };
  }
}

function chatCall(orders: Orders, body: Body, messages: readonly unknown[]): ChatCall {
  const last = messages.at(-1);
  const limit = body.max_completion_tokens ?? body.max_tokens;
  return {
    outputTokens: outputOf(orders, typeof limit === 'number' && limit >= 1 ? Math.floor(limit) : Infinity),
    callsTool: orders.toolCall !== undefined && !(isObject(last) && last.role === 'tool'),
    stream: body.stream === true,
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
  };
}

function embed(orders: Orders, body: Body): { script: Script; tokens: BilledTokens } {
  const call = embeddingCall(body);
  if (call === undefined) throw new InputError('Embeddings need input: a text, or a list of texts; and dimensions, if given, from 1 to 16384.');
  const tokens = { ...input(orders, body.input), completion: 0, reasoning: 0 };
  return { script: embeddingScript(orders, call, tokens.prompt), tokens };
}

function input({ inputTokens, cachedTokens, cacheWriteTokens }: Orders, given: unknown): Pick<BilledTokens, 'prompt' | 'cached' | 'cacheWrite'> {
  const prompt = inputTokens ?? Math.max(Math.ceil(Buffer.byteLength(JSON.stringify(given)) / 4), cachedTokens + cacheWriteTokens);
  return { prompt, cached: cachedTokens, cacheWrite: cacheWriteTokens };
}

function count(accounts: readonly Account[], tokens: BilledTokens, fault: Fault | undefined): void {
  for (const account of accounts) {
    account.calls++;
    if (fault === undefined || FAULTS[fault.name].billed) account.bill(tokens);
  }
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);
