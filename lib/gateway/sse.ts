/** Server-sent events cut out of a byte stream, whole and without copies where a chunk holds them, and what one says. */
import { Pieces } from './pieces';

/** A larger one is no event of a model: it is refused before it fills the memory. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const NOTHING: readonly Buffer[] = [];

export class EventTooLong extends Error {
  public override readonly name = 'EventTooLong';
  public constructor() {
    super(`an event of more than ${MAX_EVENT_BYTES / 1024 / 1024} MB`);
  }
}

/** How the bytes kept end: in a line end, in a line end and CR, or in neither. */
type Tail = 'line-end' | 'line-end-cr' | 'text';

export class EventSplitter {
  private readonly parts = new Pieces();
  private tail: Tail = 'text';

  /** The events that this chunk completes, each with its blank line; throws EventTooLong. */
  public push(chunk: Buffer): readonly Buffer[] {
    if (chunk.length === 0) return NOTHING;
    let begin = 0;
    let end = this.tail === 'text' ? blankLine(chunk, 0) : this.completed(chunk);
    if (end === -1) {
      this.keep(chunk);
      return NOTHING;
    }
    const events: Buffer[] = [];
    while (end !== -1) {
      events.push(this.whole(chunk.subarray(begin, end)));
      begin = end;
      end = blankLine(chunk, begin);
    }
    if (begin < chunk.length) this.keep(chunk.subarray(begin));
    return events;
  }

  /** Bytes of an event without its end. */
  public rest(): Buffer {
    return this.parts.whole();
  }

  /** The end of the first event of a chunk whose blank line began in the one before. */
  private completed(chunk: Buffer): number {
    if (chunk[0] === LF) return 1;
    if (this.tail === 'line-end' && chunk[0] === CR) {
      if (chunk[1] === LF) return 2;
      // A CR on its own: the LF may come with the next chunk.
      if (chunk.length === 1) return -1;
    }
    return blankLine(chunk, 0);
  }

  private keep(part: Buffer): void {
    this.tail = tailOf(part, this.tail);
    this.parts.add(part);
    if (this.parts.bytes > MAX_EVENT_BYTES) throw new EventTooLong();
  }

  private whole(part: Buffer): Buffer {
    if (this.parts.bytes + part.length > MAX_EVENT_BYTES) throw new EventTooLong();
    if (this.parts.count === 0) return part;
    this.parts.add(part);
    const event = this.parts.whole();
    this.parts.clear();
    this.tail = 'text';
    return event;
  }
}

/** Where the first blank line ends, or -1. Lines end in LF or CR LF. */
function blankLine(chunk: Buffer, from: number): number {
  for (let at = chunk.indexOf(LF, from); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    if (chunk[at + 1] === LF) return at + 2;
    if (chunk[at + 1] === CR && chunk[at + 2] === LF) return at + 3;
  }
  return -1;
}

function tailOf(part: Buffer, before: Tail): Tail {
  const last = part[part.length - 1];
  if (last === LF) return 'line-end';
  if (last !== CR) return 'text';
  const lineEnded = part.length > 1 ? part[part.length - 2] === LF : before === 'line-end';
  return lineEnded ? 'line-end-cr' : 'text';
}

/** The data of an event, its lines joined; undefined where it has none, such as a comment. */
export function eventData(event: Buffer): string | undefined {
  const values = fieldValues(event, 'data');
  return values.length === 0 ? undefined : values.join('\n');
}

export const eventName = (event: Buffer): string | undefined => fieldValues(event, 'event').at(-1);

/** The last event of a stream in OpenAI's API, which says that nothing is missing. */
export const isDone = (event: Buffer): boolean => event.length < 64 && eventData(event) === '[DONE]';

function fieldValues(event: Buffer, field: string): string[] {
  const values: string[] = [];
  for (const line of event.toString('utf8').split(/\r?\n/)) {
    if (!line.startsWith(field)) continue;
    if (line.length === field.length) values.push('');
    else if (line.charCodeAt(field.length) === COLON) values.push(line.slice(field.length + (line.charAt(field.length + 1) === ' ' ? 2 : 1)));
  }
  return values;
}
