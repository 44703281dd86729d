/** The connections to one endpoint of an AI SDK provider: undici's fetch on a pool of its own, with the gateway's time-outs and not undici's. */
import { Agent, buildConnector, fetch } from 'undici';
import { UpstreamError } from '../upstream/upstream';
import { Fetch } from './language-model';

export class Connection {
  private readonly agent: Agent;

  public constructor(private readonly url: URL, connectSeconds: number) {
    this.agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false, connect: { timeout: connectSeconds * 1000 } });
  }

  /** Handed to the SDK. */
  public readonly fetch: Fetch = (input, init) => {
    const url = typeof input === 'string' || input instanceof URL ? input : input.url;
    const { method, headers, body, signal } = init ?? {};
    if (body && typeof body !== 'string') throw new TypeError('Only JSON is sent to a model.');
    // A redirect would take prompt and key to whom nobody has named.
    return fetch(url, { method, headers: [...new Headers(headers)], body, signal, dispatcher: this.agent, redirect: 'manual' });
  };

  public reachable(deadlineMs: number): Promise<void> {
    const { protocol, port, host } = this.url;
    const hostname = this.url.hostname.replace(/^\[|\]$/g, '');
    return new Promise((resolve, reject) => {
      buildConnector({ timeout: deadlineMs, allowH2: false })({ hostname, host, protocol, port }, (error: NodeJS.ErrnoException | null, socket) => {
        socket?.destroy();
        if (error) reject(new UpstreamError('connect', error.code ?? error.name));
        else resolve();
      });
    });
  }

  public close(): Promise<void> {
    return this.agent.destroy();
  }
}
