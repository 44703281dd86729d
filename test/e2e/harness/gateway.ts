/**
 * The gateway as processes, from the bundle that is shipped: each on a free port with its own file of the configuration; its
 * records, metrics and log are read from its standard output and error as anybody would.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dispatcher, Pool } from 'undici';
import { GatewayConfigInput } from '../../../lib/contracts/gateway';
import { GATEWAY_PROCESS_ENVIRONMENT } from '../../../lib/contracts/gateway-process';
import { UsageRecord, usageRecordSchema } from '../../../lib/contracts/usage-record';
import { eventually } from './aws';
import { Child } from './child';
import { ROOT } from './paths';

export const KEY = 'the-key-of-the-end-to-end-suites';
export const OTHER_KEY = 'another-key-of-the-end-to-end-suites';
const LOGGED_WITHIN_MS = 60_000;

type Tier = GatewayConfigInput['tiers'][number];

/** Dollars per million tokens. */
export const costs = (input: number, output: number): Tier['price'] => ({ usdPerMillionTokens: { input, output }, source: 'a test' });

/** Of the mock model at this base URL; `model` is its name with orders. */
export const tier = (id: string, url: string, model: string, more: Partial<Tier> = {}): Tier =>
  ({ id, provider: 'openai', model, endpoints: [{ url }], price: costs(1, 2), ...more });

let gateways = 0;
/** Workflow Work over all chat tiers, the keys `caller` and `other`; a gateway id of its own, so that several share one store. */
export const configOf = (tiers: readonly Tier[], more: Partial<GatewayConfigInput> = {}): GatewayConfigInput => ({
  version: 1, gatewayId: `e2e-${process.pid}-${++gateways}`, metricsSeconds: 3600, tiers: [...tiers],
  workflows: [{ id: 'Work', tiers: tiers.map(({ id }) => id) }],
  keys: [
    { id: 'caller', tenant: 'north', workflow: 'Work', secret: { env: 'CALLER' } },
    { id: 'other', tenant: 'south', workflow: 'Work', secret: { env: 'OTHER' } },
  ],
  ...more,
});

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string>>;
  readonly text: string;
  /** HTTP's own end came: not cut off. */
  readonly complete: boolean;
}

interface Sending {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Told all text so far as it comes; the client goes when it answers 'leave'. */
  readonly onData?: (text: string) => 'leave' | void;
}

export const MESSAGES = [{ role: 'user', content: 'How many are there?' }];
/** `error.code` of a reply. */
export const codeOf = ({ text }: Reply): unknown => (JSON.parse(text) as { error: { code: unknown } }).error.code;

export class GatewayProcess {
  /** Ready for calls. `store`: a Valkey's URL; none: budgets in its memory. Rejects with its exit code and words if it ends before it listens. */
  public static async start(config: GatewayConfigInput, store?: string): Promise<GatewayProcess> {
    const gateway = new GatewayProcess();
    gateway.child = await Child.start(join(ROOT, 'assets/gateway.js'), folder => gateway.environment(folder, config, store), {
      out: line => { gateway.read(line); },
      err: line => { gateway.hear(line); },
    });
    await Promise.race([gateway.listening, gateway.child.ended.then(code => { throw new Error(`The gateway ended with ${code}: ${gateway.words.join('\n')}`); })]);
    if (store !== undefined) await gateway.ready();
    return gateway;
  }

  public port = 0;
  public readonly records: UsageRecord[] = [];
  /** EMF documents. */
  public readonly metrics: Record<string, unknown>[] = [];
  public readonly log: Record<string, unknown>[] = [];
  /** Lines of standard error that are no log: of a refusal at the start, or of a crash. */
  public readonly words: string[] = [];
  /** Where a record goes; a suite of very many keeps what it needs of each instead. */
  public onRecord: (record: UsageRecord) => void = record => { this.records.push(record); };
  private readonly listening: Promise<void>;
  private listens!: () => void;
  private seq = 0;
  private wrong: unknown;
  private configFile = '';
  private child!: Child;
  private pool!: Pool;

  private constructor() {
    this.listening = new Promise(resolve => { this.listens = resolve; });
  }

  public get pid(): number {
    return this.child.pid;
  }

  public get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A chat completion, of at most 100 tokens unless the body says otherwise. */
  public chat(body: object = {}, sending: Sending = {}): Promise<Reply> {
    return this.post('/v1/chat/completions', { model: 'any', messages: MESSAGES, max_completion_tokens: 100, ...body }, sending);
  }

  public post(path: string, body: object, { key = KEY, headers = {}, signal, onData }: Sending = {}): Promise<Reply> {
    return this.send({ method: 'POST', path, body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key}`, ...headers }, signal }, onData);
  }

  public get(path: string): Promise<Reply> {
    return this.send({ method: 'GET', path, headers: { authorization: `Bearer ${KEY}` } });
  }

  /** Any request; rejects where no reply came. */
  public async send(options: Dispatcher.RequestOptions, onData?: Sending['onData']): Promise<Reply> {
    const { statusCode, headers, trailers, body } = await this.pool.request(options);
    let text = '';
    let complete = false;
    try {
      for await (const chunk of body) {
        text += String(chunk);
        if (onData?.(text) === 'leave') break;
      }
      complete = body.readableEnded;
    } catch {
      // Cut off: `complete` says so.
    }
    return { status: statusCode, headers, trailers, text, complete };
  }

  /** Replaced by renaming, as an editor or AppConfig's agent does; the log says when it holds. */
  public write(config: object): void {
    writeFileSync(`${this.configFile}.new`, JSON.stringify(config));
    renameSync(`${this.configFile}.new`, this.configFile);
  }

  /** When so many are written: all of them. Throws where a line was no record or a number is missing. */
  public async recorded(count: number): Promise<readonly UsageRecord[]> {
    await eventually(async () => this.written(), written => written >= count);
    return this.records;
  }

  /** The line of the log with this `msg`, when it is there the nth time. */
  public async logged(msg: string, times = 1): Promise<Record<string, unknown>> {
    const found = (): Record<string, unknown>[] => this.log.filter(line => line.msg === msg);
    await eventually(async () => found().length, many => many >= times, LOGGED_WITHIN_MS);
    return found()[times - 1]!;
  }

  /** As a load balancer sees it: before, calls may find no connection to the store. */
  public async ready(): Promise<void> {
    await eventually(() => this.get('/readyz'), ({ status }) => status === 200, LOGGED_WITHIN_MS);
  }

  public signal(signal: NodeJS.Signals): void {
    this.child.signal(signal);
  }

  /** Without a word, as a machine that is lost. What it had written is read. */
  public async kill(): Promise<void> {
    await this.child.kill();
    await this.pool.destroy();
    this.written();
  }

  /** Gracefully: streams come to their end; then all records and metrics are here. */
  public async stop(): Promise<void> {
    const code = await this.child.stop();
    await this.pool.destroy();
    this.written();
    // A process that was killed before has stopped already.
    if (code !== 0 && code !== 137) throw new Error(`The gateway ended with ${code}: ${this.words.join('\n')}`);
  }

  private environment(folder: string, config: object, store: string | undefined): Record<string, string> {
    this.configFile = join(folder, 'gateway.json');
    this.write(config);
    return {
      ...GATEWAY_PROCESS_ENVIRONMENT, AI_MARGIN_GATEWAY_CONFIG: this.configFile, AI_MARGIN_GATEWAY_PORT: '0', CALLER: KEY, OTHER: OTHER_KEY,
      // On a laptop one Valkey is enough for budgets and answers.
      ...store === undefined ? {} : { AI_MARGIN_GATEWAY_STORE: store, AI_MARGIN_GATEWAY_CACHE: store },
    };
  }

  private read(line: string): void {
    try {
      const document = JSON.parse(line) as object;
      if ('_aws' in document) return void this.metrics.push({ ...document });
      const record = usageRecordSchema.parse(document);
      if (record.seq !== ++this.seq) throw new Error(`record ${record.seq} came where ${this.seq} was due`);
      this.onRecord(record);
    } catch (error) {
      this.wrong ??= error;
    }
  }

  private hear(line: string): void {
    if (!line.startsWith('{')) return void this.words.push(line);
    const told = JSON.parse(line) as Record<string, unknown>;
    this.log.push(told);
    if (told.msg !== 'listening') return;
    this.port = Number(told.port);
    this.pool = new Pool(this.origin, { connections: null, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
    this.listens();
  }

  private written(): number {
    if (this.wrong !== undefined) throw new Error(`The gateway's output is wrong: ${String(this.wrong)}`);
    return this.seq;
  }
}

/** So many processes of one configuration, started at once. */
export const startGateways = (count: number, config: GatewayConfigInput, store?: string): Promise<GatewayProcess[]> =>
  Promise.all(Array.from({ length: count }, () => GatewayProcess.start(config, store)));
