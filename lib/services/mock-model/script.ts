/**
 * How an answer goes out: status, headers and pieces, and what comes at the end. Each fault is a change to the script of the
 * good answer; playing it knows nothing of faults.
 */
import { ServerResponse } from 'node:http';
import { Fault } from './faults';

export interface Script {
  readonly status: number;
  readonly contentType: string;
  /** undefined: chunked. */
  readonly contentLength: number | undefined;
  readonly retryAfterSeconds?: number;
  /** Written one at a time. */
  readonly pieces: readonly (string | Uint8Array)[];
  /** Written again and again after the pieces; the end never comes. */
  readonly forever?: string;
  /** Between two pieces; 0: one each turn of the event loop. */
  readonly gapMs: number;
  /** destroy: the connection goes after the last piece. reset: at once, without a byte. never: nothing is ever sent. */
  readonly ending: 'end' | 'destroy' | 'reset' | 'never';
}

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';
export const DONE = 'data: [DONE]\n\n';

export const jsonScript = (body: string, status = 200): Script =>
  ({ status, contentType: 'application/json', contentLength: Buffer.byteLength(body), pieces: [body], gapMs: 0, ending: 'end' });

export const errorScript = (status: number, message: string, code: string): Script =>
  jsonScript(errorBody(message, code, status >= 500 ? 'server_error' : 'invalid_request_error'), status);

const errorBody = (message: string, code: string, type: string): string => JSON.stringify({ error: { message, type, param: null, code } });

const MODEL_ERROR = errorBody('The mock model fails as ordered.', 'ordered_fault', 'server_error');
const MODEL_ERROR_EVENT = `data: ${MODEL_ERROR}\n\n`;
const HTML = '<!DOCTYPE html>\n<html><body><h1>It works!</h1></body></html>\n';
const EMPTY_CHOICES = 'data: {"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],"prompt_filter_results":[]}\n\n';
const MORE_TEXT = ' and so on';

export function faulty(good: Script, { name, status }: Fault, retryAfterSeconds: number | undefined): Script {
  const stream = good.contentType === EVENT_STREAM;
  switch (name) {
    case 'status=NNN': return { ...errorScript(status, `The mock model answers ${status} as ordered.`, 'ordered_status'), retryAfterSeconds };
    case 'reset': return { ...good, ending: 'reset' };
    case 'hang': return { ...good, ending: 'never' };
    case 'empty': return { ...good, contentLength: 0, pieces: [] };
    case 'not-json': return { ...jsonScript(HTML), contentType: 'text/html' };
    case 'error-event-first': return stream ? { ...good, pieces: [MODEL_ERROR_EVENT, DONE] } : jsonScript(MODEL_ERROR);
    case 'error-event-later': return stream ? { ...good, pieces: [...firstHalf(good), MODEL_ERROR_EVENT, DONE] } : jsonScript(MODEL_ERROR);
    case 'truncate': return { ...good, pieces: firstHalf(good), contentLength: undefined };
    case 'break': return { ...good, pieces: firstHalf(good), ending: 'destroy' };
    case 'slow': return { ...good, pieces: singleBytes(good), gapMs: Math.max(1, good.gapMs) };
    case 'endless': return { ...good, pieces: firstHalf(good), contentLength: undefined, forever: stream ? moreText(good) : MORE_TEXT };
    case 'empty-choices-first': return stream ? { ...good, pieces: [EMPTY_CHOICES, ...good.pieces] } : good;
  }
}

/** Half of a stream's events, at least the first; half of the bytes of a whole body. */
function firstHalf({ pieces, contentType }: Script): readonly (string | Uint8Array)[] {
  if (contentType === EVENT_STREAM) return pieces.slice(0, Math.max(1, Math.floor(pieces.length / 2)));
  const body = wholeOf(pieces);
  return [body.subarray(0, Math.floor(body.length / 2))];
}

const singleBytes = ({ pieces }: Script): Uint8Array[] => Array.from(wholeOf(pieces), byte => Uint8Array.of(byte));

const wholeOf = (pieces: Script['pieces']): Buffer =>
  Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));

/** The first event that carries text: the one after the role. */
const moreText = ({ pieces }: Script): string => String(pieces[1]);

/** `sent` is called when a whole answer is on its way to the client. */
export function play(script: Script, response: ServerResponse, sent: () => void): void {
  if (script.ending === 'never' || response.destroyed) return;
  if (script.ending === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const headers = ['content-type', script.contentType];
  if (script.contentLength !== undefined) headers.push('content-length', String(script.contentLength));
  if (script.retryAfterSeconds !== undefined) headers.push('retry-after', String(script.retryAfterSeconds));
  response.writeHead(script.status, headers);
  const [first] = script.pieces;
  if (script.ending === 'end' && script.forever === undefined && script.pieces.length <= 1) response.end(first, sent);
  else playPieces(script, response, sent);
}

function playPieces({ pieces, forever, gapMs, ending }: Script, response: ServerResponse, sent: () => void): void {
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    if (gapMs === 0) setImmediate(step);
    else timer = setTimeout(step, gapMs);
  };
  const step = (): void => {
    if (response.destroyed) return;
    const piece = pieces[next++] ?? forever ?? '';
    const last = forever === undefined && next >= pieces.length;
    if (last && ending === 'end') response.end(piece, sent);
    else if (last) response.write(piece, () => { response.destroy(); });
    else if (response.write(piece)) later();
    else response.once('drain', later);
  };
  response.once('close', () => { clearTimeout(timer); });
  step();
}
