/** A server on 127.0.0.1 that speaks vLLM's metrics, and that dies, hangs and lies when told to. */
import { Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';

type Behaviour =
  | { readonly kind: 'page'; readonly text: string }
  | { readonly kind: 'status'; readonly status: number }
  /** Nothing is ever answered, or the answer never ends. */
  | { readonly kind: 'hang' | 'trickle' }
  /** The connection breaks, before the answer or within it. */
  | { readonly kind: 'die' | 'half' };

export class FakeVllm {
  public static async start(text: string): Promise<FakeVllm> {
    const vllm = new FakeVllm(text);
    await new Promise<void>(resolve => { vllm.http.listen(0, '127.0.0.1', resolve); });
    return vllm;
  }

  public behaviour: Behaviour;
  private readonly http: Server;

  private constructor(text: string) {
    this.behaviour = { kind: 'page', text };
    this.http = createServer((_, response) => { this.answer(response); });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/metrics`;
  }

  public close(): Promise<void> {
    if (!this.http.listening) return Promise.resolve();
    this.http.closeAllConnections();
    return new Promise(resolve => { this.http.close(() => { resolve(); }); });
  }

  private answer(response: ServerResponse): void {
    const { behaviour } = this;
    switch (behaviour.kind) {
      case 'page':
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(behaviour.text);
        break;
      case 'status':
        response.writeHead(behaviour.status, { location: '/elsewhere' }).end('no metrics here\n');
        break;
      case 'hang':
        break;
      case 'trickle': {
        const timer = setInterval(() => response.write('# and so on\n'), 10);
        response.on('close', () => { clearInterval(timer); });
        break;
      }
      case 'die':
        response.destroy();
        break;
      case 'half':
        response.writeHead(200, { 'content-length': '1000' }).write('vllm:num_requests_running 1\n', () => { response.destroy(); });
        break;
    }
  }
}
