/** A server on 127.0.0.1 that answers as a model's API does, byte for byte as it is told; what it was asked is kept. */
import { IncomingHttpHeaders, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Behaviour = (response: ServerResponse) => void;

export class ModelServer {
  public readonly asked: Asked[] = [];
  public connections = 0;
  public behaviour: Behaviour = response => { response.writeHead(500).end(); };
  private readonly http: Server;

  private constructor() {
    this.http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        this.asked.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        this.behaviour(response);
      });
    });
    this.http.on('connection', () => { this.connections++; });
  }

  public static async start(): Promise<ModelServer> {
    const server = new ModelServer();
    await new Promise<void>(resolve => { server.http.listen(0, '127.0.0.1', resolve); });
    return server;
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  public close(): Promise<void> {
    if (!this.http.listening) return Promise.resolve();
    this.http.closeAllConnections();
    return new Promise(resolve => { this.http.close(() => { resolve(); }); });
  }
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Behaviour => response => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** Each piece as a write of its own. */
export const pieces = (contentType: string, all: readonly (string | Buffer)[], last: 'end' | 'break' | 'hang' = 'end'): Behaviour => response => {
  response.writeHead(200, { 'content-type': contentType });
  for (const piece of all) response.write(piece);
  if (last === 'end') response.end();
  if (last === 'break') setImmediate(() => { response.destroy(); });
};

/** Anthropic's events. */
export const sse = (events: readonly { readonly type: string }[], last?: 'end' | 'break' | 'hang'): Behaviour =>
  pieces('text/event-stream', events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`), last);
