/** The bytes of a request's body, never more than allowed and never more than there is room for. */
import { IncomingMessage } from 'node:http';
import { Pieces } from '../../gateway/pieces';
import { Refusal } from '../../gateway/refusal';
import { BodyRoom } from './body-room';

const FULL_FOR_MS = 1000;

/** What is read takes room, also where it ends in a refusal: `taken` is told, so that the call gives it back when it is over. */
export function readBody(request: IncomingMessage, maxBytes: number, room: BodyRoom, taken: (bytes: number) => void): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return Promise.reject(new Refusal('unsupported_encoding', 'The body is compressed: send it as it is, without content-encoding.'));
  const tooLarge = (): Refusal => new Refusal('request_too_large', `The body is larger than ${maxBytes} bytes, this gateway's maxBodyBytes: send less.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    const refuse = (refusal: Refusal): void => {
      request.off('data', take).pause();
      pieces.clear();
      reject(refusal);
    };
    const take = (chunk: Buffer): void => {
      if (!room.take(chunk.length)) return refuse(new Refusal('overloaded', 'The bodies of the calls under way take all the room there is: try again soon.', FULL_FOR_MS));
      taken(chunk.length);
      pieces.add(chunk);
      if (pieces.bytes > maxBytes) refuse(tooLarge());
    };
    request.on('data', take);
    request.on('end', () => { resolve(pieces.whole()); });
    // A refusal takes a trace of the stack, too dear to make one for each call that ends well.
    const broken = (): void => { if (!request.complete) reject(new Refusal('invalid_request', 'The connection ended before the whole body came.')); };
    request.on('error', broken);
    request.on('close', broken);
  });
}
