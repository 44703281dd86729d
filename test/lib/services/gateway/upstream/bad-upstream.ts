/** An HTTP server on 127.0.0.1 that behaves as badly as a test wants, and remembers what it was sent. */
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { TierConfig, tierSchema } from '../../../../../lib/contracts/gateway';

export interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export class BadUpstream {
  public static async start(behaviour: Behaviour): Promise<BadUpstream> {
    const upstream = new BadUpstream(behaviour);
    await new Promise<void>(resolve => void upstream.server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  public readonly received: Received[] = [];
  /** Connections that were closed. */
  public closed = 0;
  private readonly server: Server;

  private constructor(public behaviour: Behaviour) {
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', chunk => body += String(chunk)).on('end', () => {
        this.received.push({ path: request.url, headers: request.headers, body });
        this.behaviour(response, request.socket);
      });
    });
    this.server.on('connection', socket => socket.on('close', () => void this.closed++));
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  public close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise(resolve => void this.server.close(() => { resolve(); }));
  }
}

export const json = (status: number, document: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour => response => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof document === 'string' ? document : JSON.stringify(document));
};

/** Begins a stream of events, writes these, and leaves it open. */
export const events = (...chunks: readonly (string | Buffer)[]): Behaviour => response => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const chunk of chunks) response.write(chunk);
};

export const endedStream = (...chunks: readonly (string | Buffer)[]): Behaviour => (response, socket) => {
  events(...chunks)(response, socket);
  response.end();
};

export const delta = (content: string): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
export const DONE = 'data: [DONE]\n\n';

export function tierConfig(timeouts: Partial<TierConfig['timeouts']> = {}): TierConfig {
  return tierSchema.parse({
    id: 'small', provider: 'openai', model: 'llama', endpoints: [{ url: 'http://127.0.0.1:1/v1' }], timeouts,
    price: { usdPerMillionTokens: { input: 1, output: 1 }, source: 'a test' },
  });
}
