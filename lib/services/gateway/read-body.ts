/** The bytes of a request's body, never more than allowed. */
import { IncomingMessage } from 'node:http';
import { Pieces } from '../../gateway/pieces';
import { Refusal } from '../../gateway/refusal';

export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return Promise.reject(new Refusal('unsupported_encoding', 'The body is compressed: send it as it is, without content-encoding.'));
  const tooLarge = (): Refusal => new Refusal('request_too_large', `The body is larger than ${maxBytes} bytes, this gateway's maxBodyBytes: send less.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    const take = (chunk: Buffer): void => {
      pieces.add(chunk);
      if (pieces.bytes <= maxBytes) return;
      request.off('data', take).pause();
      pieces.clear();
      reject(tooLarge());
    };
    request.on('data', take);
    request.on('end', () => { resolve(pieces.whole()); });
    const broken = (): void => { reject(new Refusal('invalid_request', 'The connection ended before the whole body came.')); };
    request.on('error', broken);
    request.on('close', broken);
  });
}
