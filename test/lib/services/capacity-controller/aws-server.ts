/** A server on this machine that answers as AWS does, in its query and its JSON protocol; what it was asked is kept. */
import { Server, createServer } from 'node:http';
import { AddressInfo } from 'node:net';

/** The action, and its form or its document. */
export interface Asked {
  readonly action: string;
  readonly body: URLSearchParams & Record<string, unknown>;
}

export interface Answer {
  readonly status?: number;
  readonly text: string;
}

export class AwsServer {
  public readonly asked: Asked[] = [];
  /** By action. */
  public answers: Record<string, (body: Asked['body']) => Answer> = {};
  /** Takes every request and answers none. */
  public hangs = false;

  private constructor(private readonly server: Server) {}

  /** Clients made from now on call it. */
  public static async start(): Promise<AwsServer> {
    const server = createServer();
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    });
    const started = new AwsServer(server);
    started.listen();
    return started;
  }

  public stop(): Promise<void> {
    return new Promise(resolve => {
      this.server.close(() => { resolve(); });
      this.server.closeAllConnections();
    });
  }

  private listen(): void {
    this.server.on('request', (request, response) => {
      let text = '';
      request.on('data', chunk => text += String(chunk)).on('end', () => {
        const target = request.headers['x-amz-target'];
        const body = (target ? JSON.parse(text) : new URLSearchParams(text)) as Asked['body'];
        const action = typeof target === 'string' ? target.split('.').at(-1)! : body.get('Action')!;
        this.asked.push({ action, body });
        if (this.hangs) return;
        const { status = 200, text: answer } = this.answers[action]?.(body) ?? { status: 400, text: '{"__type":"InvalidAction"}' };
        response.writeHead(status, { 'content-type': target ? 'application/x-amz-json-1.1' : 'text/xml' }).end(answer);
      });
    });
  }
}

export const xml = (root: string, inner: string): Answer => ({ text: `<${root}Response xmlns="http://x/">${inner}</${root}Response>` });
export const json = (document: unknown): Answer => ({ text: JSON.stringify(document) });
