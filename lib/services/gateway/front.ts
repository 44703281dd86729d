/**
 * The gateway's HTTP front: five paths, each metered or without any model behind it, so that nothing passes beside the budgets;
 * and the bounds on what a client may send and how slowly.
 */
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { Refusal } from '../../gateway/refusal';
import { CallKind } from '../../gateway/request-body';
import { Log } from './log';
import { sendDocument, sendRefusal } from './replies';

/** What is behind the paths. */
export interface Paths {
  call(kind: CallKind, id: string, request: IncomingMessage, response: ServerResponse): void;
  /** Throws a Refusal of keys that are not known. */
  models(authorization: string | undefined): unknown;
  /** Why it should get no calls; none: it is ready. */
  unready(): Promise<readonly string[]>;
}

interface Route {
  readonly method: 'GET' | 'POST';
  take(id: string, request: IncomingMessage, response: ServerResponse): unknown;
}

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const HEADERS_WITHIN_MS = 10_000;
/** Headers and body: 16 MB at 2 Mbit/s. */
const REQUEST_WITHIN_MS = 60_000;
const LOOK_FOR_SLOW_ONES_EVERY_MS = 2_000;
/** Longer than a load balancer keeps its connections, which would otherwise send a call into one that closes. */
const KEEP_ALIVE_MS = 75_000;
/** Time to read why a connection is refused. */
const REFUSED_FOR_MS = 1_000;
const LOOK_FOR_IDLE_ONES_EVERY_MS = 100;

export class Front {
  private readonly server: Server;
  private readonly routes: ReadonlyMap<string, Route>;
  private stopping = false;

  public constructor(private readonly paths: Paths, private readonly newId: () => string, private readonly log: Log) {
    this.server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS,
      connectionsCheckingInterval: LOOK_FOR_SLOW_ONES_EVERY_MS, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true,
    }, (request, response) => { this.answer(request, response); });
    this.server.maxHeadersCount = MAX_HEADERS;
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => { this.refuseConnection(error, socket); });
    this.routes = new Map<string, Route>([
      ['/v1/chat/completions', { method: 'POST', take: (id, request, response) => { this.call('chat', id, request, response); } }],
      ['/v1/embeddings', { method: 'POST', take: (id, request, response) => { this.call('embedding', id, request, response); } }],
      ['/v1/models', { method: 'GET', take: (id, request, response) => { this.models(id, request, response); } }],
      ['/healthz', { method: 'GET', take: (_, __, response) => { sendDocument(response, 200, { status: 'ok' }); } }],
      ['/readyz', { method: 'GET', take: (_, __, response) => this.readiness(response) }],
    ]);
  }

  /** Resolves with the port when it listens. */
  public listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => { resolve((this.server.address() as AddressInfo).port); });
    });
  }

  /** Takes no more connections; resolves when the last call is over, or is cut off because it took longer than this. */
  public async stop(withinMs: number): Promise<{ readonly cutOff: boolean }> {
    this.stopping = true;
    let cutOff = false;
    const timer = setTimeout(() => { cutOff = true; this.server.closeAllConnections(); }, withinMs);
    // Closing the server ends the connections that are idle now, not those that become so with the end of their call.
    const idle = setInterval(() => { this.server.closeIdleConnections(); }, LOOK_FOR_IDLE_ONES_EVERY_MS);
    await new Promise(resolve => { this.server.close(resolve); });
    clearTimeout(timer);
    clearInterval(idle);
    return { cutOff };
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const id = this.newId();
    // A client that breaks off while we write is no error of ours.
    response.on('error', () => undefined);
    if (this.stopping) response.setHeader('connection', 'close');
    const { url = '', method } = request;
    const query = url.indexOf('?');
    const route = this.routes.get(query < 0 ? url : url.slice(0, query));
    if (route === undefined) {
      const known = [...this.routes].map(([path, { method: takes }]) => `${takes} ${path}`).join(', ');
      return refuse(response, id, new Refusal('not_found', `There is no such path here. There are ${known}.`));
    }
    if (route.method === method) return void route.take(id, request, response);
    response.setHeader('allow', route.method);
    refuse(response, id, new Refusal('method_not_allowed', `This path does not take ${method}: use ${route.method}.`));
  }

  private call(kind: CallKind, id: string, request: IncomingMessage, response: ServerResponse): void {
    // Without a socket of its own the reply waits for the one before; it would not even learn that the client has gone.
    if (response.socket === null) return refuse(response, id, new Refusal('invalid_request', 'A connection takes one call at a time: wait for the reply, or open another.'));
    this.paths.call(kind, id, request, response);
  }

  private models(id: string, request: IncomingMessage, response: ServerResponse): void {
    try {
      sendDocument(response, 200, this.paths.models(request.headers.authorization));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, id, error);
    }
  }

  private async readiness(response: ServerResponse): Promise<void> {
    const reasons = this.stopping ? ['it is stopping'] : await this.paths.unready();
    sendDocument(response, reasons.length === 0 ? 200 : 503, reasons.length === 0 ? { status: 'ready' } : { status: 'unready', reasons });
  }

  /** What never became a request: headers too many, too long, too slow, or no HTTP at all. */
  private refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    this.log.warn({ reason: error.code }, 'a connection was refused');
    const [status, message] = {
      HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', `There are more than ${MAX_HEADERS} headers, or they are larger than ${MAX_HEADER_BYTES} bytes.`],
      ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request came too slowly.'],
    }[error.code ?? ''] ?? ['400 Bad Request', 'This is not HTTP as we know it.'];
    const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } });
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    // Its other half may never end it.
    setTimeout(() => { socket.destroy(); }, REFUSED_FOR_MS).unref();
  }
}

const refuse = (response: ServerResponse, id: string, refusal: Refusal): void =>
  sendRefusal(response, id, { status: refusal.status, body: refusal.body(), retryAfterSeconds: refusal.retryAfterSeconds });
