/**
 * An endpoint that speaks OpenAI's API: bytes pass through as they are. It goes by undici's lowest interface, because web
 * streams and Node's cost more than everything else here. The time-outs are those of the attempt; only connecting has its own.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Dispatcher, Pool } from 'undici';
import { EndpointConfig, TierConfig } from '../../../contracts/gateway';
import { InputError } from '../../../errors';
import { retryAfterMs } from '../../../gateway/failures';
import { Endpoint, Provider, UpstreamCall, UpstreamError, UpstreamEvents, UpstreamRequest } from './upstream';

/** Of one endpoint; a call beyond waits for a free one within its time-out. */
const MOST_CONNECTIONS = 4096;

export const openAiEndpoint: Provider = (tier, endpoint, apiKey) => new OpenAiEndpoint(tier, endpoint, apiKey);

class OpenAiEndpoint implements Endpoint {
  public readonly name: string;
  private readonly url: URL;
  private readonly prefix: string;
  private readonly headers: readonly string[];
  private readonly pool: Pool;

  public constructor(tier: TierConfig, endpoint: EndpointConfig, apiKey: string | undefined) {
    this.url = baseUrl(endpoint);
    this.prefix = this.url.pathname.replace(/\/+$/, '');
    this.name = `${this.url.host}${this.prefix}`;
    this.headers = ['content-type', 'application/json', 'user-agent', 'cdk-ai-margin', ...authorization(apiKey)];
    this.pool = new Pool(this.url.origin, {
      connections: MOST_CONNECTIONS,
      connectTimeout: tier.timeouts.connectSeconds * 1000,
      headersTimeout: 0,
      bodyTimeout: 0,
      // With HTTP/2 one broken connection would break up to a hundred streams at once.
      allowH2: false,
      // keepAliveTimeout stays at undici's 4 s: uvicorn, and so vLLM, closes an idle connection after 5 s.
    });
  }

  public call(request: UpstreamRequest, events: UpstreamEvents): UpstreamCall {
    const call = new OpenAiCall(events);
    const headers = [...this.headers, 'x-request-id', request.id];
    this.pool.dispatch({ method: 'POST', path: `${this.prefix}${request.path}${this.url.search}`, headers, body: JSON.stringify(request.body) }, call);
    return call;
  }

  public reachable(deadlineMs: number): Promise<void> {
    const secure = this.url.protocol === 'https:';
    const place = { host: this.url.hostname.replace(/^\[|\]$/g, ''), port: Number(this.url.port) || (secure ? 443 : 80) };
    return new Promise((resolve, reject) => {
      const socket = secure ? connectTls(place) : connectTcp(place);
      const timer = setTimeout(() => { socket.destroy(new UpstreamError('connect', `no connection within ${deadlineMs / 1000} s`)); }, deadlineMs);
      socket.once(secure ? 'secureConnect' : 'connect', () => { socket.destroy(); });
      socket.once('error', error => { reject(error instanceof UpstreamError ? error : new UpstreamError('connect', reasonOf(error))); });
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  public close(): Promise<void> {
    return this.pool.close();
  }
}

class OpenAiCall implements UpstreamCall, Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private over = false;

  public constructor(private readonly events: UpstreamEvents) {}

  public pause(): void {
    this.controller?.pause();
  }

  public resume(): void {
    this.controller?.resume();
  }

  public abort(): void {
    if (this.over) return;
    this.over = true;
    this.controller?.abort(new Error('the call was given up'));
  }

  /** A connection is there, and the request goes out on it. */
  public onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.over) controller.abort(new Error('the call was given up'));
  }

  public onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // 1xx: the reply itself is still to come.
    if (this.over || status < 200) return;
    const wait = status >= 400 ? retryAfterMs(single(headers['retry-after']), single(headers['retry-after-ms']), Date.now()) : undefined;
    this.events.head({ status, contentType: single(headers['content-type']) ?? '', retryAfterMs: wait });
  }

  public onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.over) this.events.data(chunk);
  }

  public onResponseEnd(): void {
    if (this.over) return;
    this.over = true;
    this.events.end();
  }

  public onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.over) return;
    this.over = true;
    this.events.error(new UpstreamError(this.controller === undefined ? 'connect' : 'reply', reasonOf(error)));
  }
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

const single = (value: string | string[] | undefined): string | undefined => Array.isArray(value) ? value[0] : value;

/** A code such as ECONNREFUSED; the message would name an address, which is nothing for a client. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.name;
}

function baseUrl({ url }: EndpointConfig): URL {
  if (url === undefined) throw new InputError('url is missing: give the base URL of an OpenAI-compatible API, up to and without /chat/completions, such as https://api.openai.com/v1.');
  const parsed = new URL(url);
  if (parsed.username !== '' || parsed.password !== '') throw new InputError(`url holds a user or a password (host ${parsed.host}): leave them out and give the key as apiKey.`);
  return parsed;
}

function authorization(apiKey: string | undefined): string[] {
  if (apiKey === undefined) return [];
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new InputError('apiKey holds a space, a line end or another character that no header can carry: look for a line end at its end.');
  return ['authorization', `Bearer ${apiKey}`];
}
