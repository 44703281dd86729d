/**
 * The end of a refusal whose request is still coming: what is left of it is read and dropped, within bounds. Closed at once,
 * the connection would be reset, and the client would see that instead of the reason.
 */
import { IncomingMessage, ServerResponse } from 'node:http';

const MOST_BYTES = 128 * 1024 * 1024;
const MOST_MS = 5_000;

/** The whole refusal is written; this ends the response, and with it the connection. */
export function linger(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', drop);
    response.end();
  };
  const drop = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) end();
  };
  const timer = setTimeout(end, MOST_MS);
  response.once('close', () => { clearTimeout(timer); });
  request.once('end', end);
  request.on('data', drop).resume();
}
