/** A gateway at work for one test, in this process and on a free port, before real mock models; all of it is closed after the test. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IncomingHttpHeaders, request } from 'node:http';
import { Socket, connect } from 'node:net';
import OpenAI from 'openai';
import pino from 'pino';
import { GatewayConfigInput, gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { UsageRecord, usageRecordSchema } from '../../../../lib/contracts/usage-record';
import { Ledger } from '../../../../lib/gateway/ledger';
import { MemoryStore } from '../../../../lib/gateway/cache/memory-store';
import { MemoryLedger } from '../../../../lib/gateway/memory-ledger';
import { configProblems } from '../../../../lib/gateway/config-problems';
import { Gateway } from '../../../../lib/services/gateway/gateway';
import { MockModel } from '../../../../lib/services/mock-model/server';

export const KEYS = { NOTES: 'notes-key-of-a-good-length', SOUTH: 'south-key-of-a-good-length', BARE: 'bare-key-of-a-good-length' };
/** The ledger's clock stands still, half a minute before a minute's end and half a day before a day's. */
export const NOW = Date.parse('2026-11-25T11:59:30Z');

const closing: (() => Promise<unknown>)[] = [];
/** What a test opens is closed after it, the last first. */
export function closeAfter<T extends { close(): Promise<unknown> }>(opened: T): T {
  closing.push(() => opened.close());
  return opened;
}
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Tier = GatewayConfigInput['tiers'][number];
type Changes = Partial<GatewayConfigInput> | ((model: (name: string) => Pick<Tier, 'model' | 'endpoints'>) => Partial<GatewayConfigInput>);

/** Dollars per million tokens. */
export const costs = (input: number, output: number): Tier['price'] => ({ usdPerMillionTokens: { input, output }, source: 'a test' });
export const tier = (id: string, at: Pick<Tier, 'model' | 'endpoints'>, more: Partial<Tier> = {}): Tier => ({ id, provider: 'openai', price: costs(1, 2), ...at, ...more });

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly text: string;
  /** HTTP's own end came: not cut off. */
  readonly complete: boolean;
}

interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Told each piece as it comes; the client goes when it answers 'leave'. */
  readonly onData?: (text: string) => 'leave' | void;
}

export class Running {
  public static async start(changes: Changes = {}, ledger: Ledger = new MemoryLedger(() => NOW)): Promise<Running> {
    const mock = closeAfter(await MockModel.start());
    const running = new Running(mock, ledger, changes);
    running.port = await running.gateway.listen('127.0.0.1', 0);
    return closeAfter(running);
  }

  public readonly records: UsageRecord[] = [];
  public readonly metrics: Record<string, unknown>[] = [];
  public readonly log: Record<string, unknown>[] = [];
  public readonly gateway: Gateway;
  public port = 0;
  /** The gateway's ends of its connections. */
  private readonly sockets = new Set<Socket>();
  private readonly onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== this.port) return;
    this.sockets.add(socket);
    socket.once('close', () => { this.sockets.delete(socket); });
  };

  private constructor(public readonly mock: MockModel, public readonly ledger: Ledger, changes: Changes) {
    subscribe('net.server.socket', this.onSocket);
    this.gateway = new Gateway({
      config: this.config(changes), ledger: () => ledger, responses: () => new MemoryStore(() => NOW), secrets: KEYS, processId: 'p-1',
      log: pino({}, { write: line => { this.log.push(JSON.parse(line)); } }),
      write: (lines, written) => {
        for (const line of lines.split('\n').filter(text => text !== '')) {
          const document = JSON.parse(line);
          if ('_aws' in document) this.metrics.push(document);
          else this.records.push(usageRecordSchema.parse(document));
        }
        written();
      },
    });
  }

  /** Premium before Small in DraftNote; a tier for vectors in Search; a key for DraftNote, one of another tenant and one without a workflow. */
  public config(changes: Changes = {}): ReturnType<typeof gatewayConfigSchema.parse> {
    const model = (name: string): Pick<Tier, 'model' | 'endpoints'> => ({ model: name, endpoints: [{ url: `${this.mock.url}/v1` }] });
    const input: GatewayConfigInput = {
      version: 1, gatewayId: 'test', metricsSeconds: 3600,
      tiers: [
        tier('Premium', model('mock-large?inputTokens=1000&outputTokens=4'), { premium: true, price: costs(10, 30) }),
        tier('Small', model('mock-small?inputTokens=1000&outputTokens=4')),
        tier('Vectors', model('mock-embed?inputTokens=50'), { kind: 'embedding', price: costs(0.1, 0) }),
      ],
      workflows: [
        { id: 'DraftNote', tiers: ['Premium', 'Small'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2 },
        { id: 'Search', tiers: ['Small', 'Vectors'] },
      ],
      keys: [
        { id: 'notes', tenant: 'north', workflow: 'DraftNote', secret: { env: 'NOTES' } },
        { id: 'south', tenant: 'south', workflow: 'DraftNote', secret: { env: 'SOUTH' } },
        { id: 'bare', tenant: 'north', secret: { env: 'BARE' } },
      ],
      ...typeof changes === 'function' ? changes(model) : changes,
    };
    const config = gatewayConfigSchema.parse(input);
    expect(configProblems(config)).toEqual([]);
    return config;
  }

  public client(options: { key?: string; headers?: Record<string, string> } = {}): OpenAI {
    return new OpenAI({ baseURL: `http://127.0.0.1:${this.port}/v1`, apiKey: options.key ?? KEYS.NOTES, defaultHeaders: options.headers, maxRetries: 0 });
  }

  public chat(body: object = {}, sending: Omit<Sending, 'body'> = {}): Promise<Reply> {
    return this.send({ body: JSON.stringify({ model: 'any', messages: MESSAGES, max_completion_tokens: 100, ...body }), ...sending });
  }

  /** Rejects when the connection ends before any reply. */
  public send({ method = 'POST', path = '/v1/chat/completions', key = KEYS.NOTES, headers = {}, body, onData }: Sending): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: this.port, method, path, headers: { authorization: `Bearer ${key}`, ...headers }, agent: false }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', () => undefined);
        response.on('data', (chunk: string) => {
          text += chunk;
          if (onData?.(text) === 'leave') call.destroy();
        });
        response.on('close', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, trailers: response.trailers, text, complete: response.complete }); });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  public connection(): Promise<Connection> {
    return Connection.open(this.port);
  }

  /** Sends these bytes and reads until the gateway closes the connection. */
  public async raw(bytes: string): Promise<string> {
    const { socket, closed } = await this.connection();
    socket.write(bytes);
    return closed;
  }

  /** Each line is numbered by its place: none is missing, none came twice. */
  public async record(count = 1): Promise<UsageRecord> {
    await until(() => this.records.length >= count);
    expect(this.records.map(({ seq, process }) => [seq, process])).toEqual(this.records.map((_, i) => [i + 1, 'p-1']));
    return this.records[count - 1]!;
  }

  /** The gateway has more for a client than that one takes. */
  public heldBack(): Promise<void> {
    return until(() => [...this.sockets].some(socket => socket.writableNeedDrain));
  }

  /** The gateway has seen that all its clients have gone. */
  public gone(): Promise<void> {
    return until(() => this.sockets.size === 0);
  }

  public async close(): Promise<void> {
    await this.gateway.stop(0);
    unsubscribe('net.server.socket', this.onSocket);
  }
}

/** Bytes to and from the gateway, for what no HTTP client would do. */
class Connection {
  public static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise((resolve, reject) => { socket.once('connect', resolve).once('error', reject); });
    const connection = new Connection(socket);
    closing.push(async () => { socket.destroy(); });
    return connection;
  }

  public text = '';
  /** Resolves with all that came, when the gateway sends no more. */
  public readonly closed: Promise<string>;

  private constructor(public readonly socket: Socket) {
    this.closed = new Promise(resolve => {
      socket.setEncoding('utf8').on('data', chunk => { this.text += String(chunk); });
      for (const event of ['end', 'close', 'error']) socket.on(event, () => { resolve(this.text); });
    });
  }
}

export const MESSAGES = [{ role: 'user' as const, content: 'How many are there?' }];
/** A call's bytes, up to and without its length. */
export const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.NOTES}\r\n`;
export const asRequest = (body: string): string => `${HEAD}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
export const errorOf = ({ text }: Pick<Reply, 'text'>): Record<string, unknown> => JSON.parse(text).error;
/** The data of each event of a stream. */
export const eventsOf = (text: string): string[] => text.split('\n\n').filter(event => event !== '').map(event => event.replace(/^data: /, ''));

/** Resolves when it holds; jest's own time-out is the bound. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
}
