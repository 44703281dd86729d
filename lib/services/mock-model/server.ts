/**
 * The mock model: an OpenAI-shaped server on plain node:http, with delays, faults and token counts to order. Cheap per call,
 * because it is also what a gateway's speed is measured against; no randomness and no clock in its answers.
 */
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { InputError } from '../../errors';
import { Bill } from './bill';
import { CREATED } from './chat';
import { Answer, Models } from './model';
import { Script, errorScript, jsonScript, play } from './script';

const MOST_BODY_BYTES = 64 * 1024 * 1024;
const MODELS = JSON.stringify({ object: 'list', data: ['mock-small', 'mock-large'].map(id => ({ id, object: 'model', created: CREATED, owned_by: 'mock-model' })) });
/** Longer than clients keep a connection, so that no call meets one that is just closing. */
const KEEP_ALIVE_MS = 300_000;

export class MockModel {
  public static async start(port = 0, host = '127.0.0.1'): Promise<MockModel> {
    const mock = new MockModel();
    await new Promise<void>((resolve, reject) => {
      mock.http.once('error', reject);
      mock.http.listen(port, host, resolve);
    });
    return mock;
  }

  public readonly bill = new Bill();
  private readonly models = new Models(this.bill);
  private readonly http: Server;

  private constructor() {
    this.http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => { this.take(request, response); });
  }

  /** Without the `/v1` of an OpenAI client's base URL. */
  public get url(): string {
    const address = this.http.address();
    if (address === null || typeof address === 'string') throw new Error('the mock model is closed');
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** Ends what is open, calls under way too. */
  public close(): Promise<void> {
    return new Promise(resolve => {
      this.http.close(() => { resolve(); });
      this.http.closeAllConnections();
    });
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    switch (`${request.method} ${request.url}`) {
      case 'POST /v1/chat/completions': readBody(request, body => { this.answer('chat', body, request, response); }); break;
      case 'POST /v1/embeddings': readBody(request, body => { this.answer('embedding', body, request, response); }); break;
      case 'GET /v1/models': plain(response, jsonScript(MODELS)); break;
      case 'GET /healthz': plain(response, jsonScript('{"status":"ok"}')); break;
      case 'GET /ledger': plain(response, jsonScript(JSON.stringify(this.bill.document(false)))); break;
      case 'GET /ledger?requests=1': plain(response, jsonScript(JSON.stringify(this.bill.document(true)))); break;
      case 'DELETE /ledger':
        this.bill.clear();
        plain(response, jsonScript('{}'));
        break;
      default: plain(response, errorScript(404, 'The mock model has POST /v1/chat/completions and /v1/embeddings, GET /v1/models, /healthz and /ledger.', 'not_found'));
    }
  }

  private answer(kind: 'chat' | 'embedding', body: Buffer | undefined, request: IncomingMessage, response: ServerResponse): void {
    if (body === undefined) {
      plain(response, errorScript(413, `The body is larger than ${MOST_BODY_BYTES} bytes.`, 'too_large'));
      return;
    }
    let answer: Answer;
    try {
      answer = this.models.answer(kind, parseJson(body), request.headers);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      plain(response, errorScript(400, error.message, 'bad_request'));
      return;
    }
    if (answer.delayMs === 0) play(answer.script, response, answer.sent);
    else playLater(answer, response);
  }
}

const plain = (response: ServerResponse, script: Script): void => { play(script, response, () => undefined); };

function playLater({ script, delayMs, sent }: Answer, response: ServerResponse): void {
  const timer = setTimeout(() => { play(script, response, sent); }, delayMs);
  response.once('close', () => { clearTimeout(timer); });
}

/** undefined: too large; the rest of it is read and dropped. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => { done(bytes > MOST_BODY_BYTES ? undefined : Buffer.concat(chunks)); });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new InputError(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
