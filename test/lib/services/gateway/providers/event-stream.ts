/** Amazon's binary event stream, written from its description and not with the decoder's own library. */
import { crc32 } from 'node:zlib';
import { Behaviour, pieces } from './model-server';

const STRING = 7;

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([STRING]), length, Buffer.from(value)]);
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function frame(headers: Record<string, string>, payload: unknown): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(JSON.stringify(payload));
  const lengths = Buffer.concat([u32(16 + head.length + body.length), u32(head.length)]);
  const message = Buffer.concat([lengths, u32(crc32(lengths)), head, body]);
  return Buffer.concat([message, u32(crc32(message))]);
}

export const event = (type: string, payload: unknown): Buffer => frame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload);
export const exception = (type: string, payload: unknown): Buffer => frame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, payload);

export const eventStream = (frames: readonly Buffer[], last?: 'end' | 'break' | 'hang'): Behaviour => pieces('application/vnd.amazon.eventstream', frames, last);
