/** What comes at a gateway from those who mean it no good, or do not know better: bytes as they are, and upstreams without an end. */
import { once } from 'node:events';
import { Server, createServer } from 'node:http';
import { AddressInfo, Socket, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const KEPT_OF_REPLY = 64 * 1024;
const REPLY_WITHIN_MS = 120_000;
/** Longer than a gateway waits for a client that takes nothing; each word would begin that time anew. */
const SILENT_MS = 135_000;
const NOTICED_WITHIN_MS = 10_000;

/** A connection that says and hears bytes; what it hears is kept up to a bound. */
export class RawClient {
  public heard = '';
  /** The other side has ended it, cleanly or not. */
  public readonly closed: Promise<void>;
  private readonly socket: Socket;
  private spoke = performance.now();

  public constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', chunk => { if (this.heard.length < KEPT_OF_REPLY) this.heard += chunk.toString('latin1'); });
    // A reset is one of the ends that are looked for.
    this.socket.on('error', () => undefined);
    this.closed = new Promise(resolve => { this.socket.once('close', () => { resolve(); }); });
  }

  public get status(): number | undefined {
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(this.heard)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  /** The `error.code` of the reply, or its `error.message` where it has none. */
  public get error(): string | undefined {
    return /"code":"([^"]*)"/.exec(this.heard)?.[1] ?? /"message":"([^"]*)"/.exec(this.heard)?.[1];
  }

  public get requestId(): string | undefined {
    return /\r\nx-request-id: (\S+)\r\n/i.exec(this.heard)?.[1];
  }

  public async connected(): Promise<this> {
    if (this.socket.connecting) await once(this.socket, 'connect');
    return this;
  }

  /** Resolves when there is room for more, or nobody to send it to. */
  public async say(bytes: string | Buffer): Promise<void> {
    this.spoke = performance.now();
    if (this.socket.destroyed || this.socket.write(bytes)) return;
    await Promise.race([new Promise(resolve => { this.socket.once('drain', resolve); }), this.closed]);
  }

  /** Reads nothing any more; that the other side has ended it, such a client learns only when it says something. */
  public deafen(): void {
    this.socket.pause();
  }

  /** For one that hears nothing: after a long silence it says bytes, and the second one comes back as an error. */
  public async foundClosed(): Promise<void> {
    await pause(Math.max(0, this.spoke + SILENT_MS - performance.now()));
    const until = performance.now() + NOTICED_WITHIN_MS;
    while (!this.socket.destroyed) {
      if (performance.now() > until) throw new Error(`The connection is still open after ${SILENT_MS / 1000} s in which nothing was read.`);
      this.socket.write(' ');
      await pause(100);
    }
  }

  public async hangUp(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  /** Until the other side ends the connection. */
  public async ended(): Promise<this> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => { reject(new Error(`The connection is still open after ${REPLY_WITHIN_MS / 1000} s; heard: ${this.heard.slice(0, 500)}`)); }, REPLY_WITHIN_MS);
    });
    try {
      await Promise.race([this.closed, late]);
      return this;
    } finally {
      clearTimeout(timer);
      this.socket.destroy();
    }
  }
}

/** Says all of it on a connection of its own, and hears the reply to its end. */
export async function exchange(port: number, ...saying: readonly (string | Buffer)[]): Promise<RawClient> {
  const client = new RawClient(port);
  for (const bytes of saying) await client.say(bytes);
  return client.ended();
}

/** The head of a call, to its blank line. */
export const callHead = (key: string, headers: Readonly<Record<string, string | number>>): string => [
  'POST /v1/chat/completions HTTP/1.1', 'host: gateway', `authorization: Bearer ${key}`, 'content-type: application/json', 'connection: close',
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', '',
].join('\r\n');

/** A call with its body, of whatever bytes. */
export function wholeCall(key: string, body: string | Buffer, headers: Readonly<Record<string, string | number>> = {}): Buffer {
  return Buffer.concat([Buffer.from(callHead(key, { ...headers, 'content-length': Buffer.byteLength(body) })), Buffer.from(body)]);
}

/** An upstream whose reply is a beginning and then the same chunk as fast as it is taken, without an end. */
export class EndlessUpstream {
  /** All that its callers' connections took. */
  public sentBytes = 0;

  public static async start(contentType: string, beginning: string, chunk: string): Promise<EndlessUpstream> {
    const bytes = Buffer.from(chunk);
    const upstream: EndlessUpstream = new EndlessUpstream(createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': contentType }).write(beginning);
      const more = (): void => {
        while (!response.destroyed) {
          upstream.sentBytes += bytes.length;
          if (!response.write(bytes)) break;
        }
      };
      response.on('drain', more);
      more();
    }));
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  private constructor(private readonly server: Server) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  public async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
