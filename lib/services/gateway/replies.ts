/** Replies that no model wrote: refusals, and the gateway's own documents. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { linger } from './linger';

export const REQUEST_ID = 'x-request-id';

export interface Told {
  readonly status: number;
  readonly body: string | Buffer;
  readonly retryAfterSeconds?: number;
}

/** The client may not have sent its whole body: then the connection is not used again. */
export function sendRefusal(response: ServerResponse, request: string, { status, body, retryAfterSeconds }: Told): void {
  if (response.destroyed || response.headersSent) return;
  const whole = response.req.complete || !hasBody(response.req);
  writeHead(response, status, body, {
    [REQUEST_ID]: request,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(whole ? {} : { connection: 'close' }),
  });
  if (whole) return void response.end(body);
  response.write(body);
  linger(response.req, response);
}

const hasBody = ({ headers }: IncomingMessage): boolean => headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

export function sendDocument(response: ServerResponse, status: number, document: unknown): void {
  const body = JSON.stringify(document);
  writeHead(response, status, body, {});
  response.end(body);
}

function writeHead(response: ServerResponse, status: number, body: string | Buffer, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
}
