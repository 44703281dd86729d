/** A stream as it goes by: its events, as long as they are few enough to be kept, and how each of its choices ended. */
import { EndedChoice, MAX_KEPT_BYTES } from './cacheable';

type Fields = Readonly<Record<string, unknown>>;

/**
 * An event with one of these decides, and is parsed; all others need not be. Within a text of the JSON the quotes are escaped.
 * Where a provider writes empty lists of tool calls into every event, they do not count.
 */
const DECIDES = /"(?:finish_reason|refusal)"\s*:\s*"|"tool_calls"\s*:\s*\[\s*\{/;
const UNREADABLE: EndedChoice = { finishReason: null, refusal: null, toolCalls: [] };

export class StreamRecording {
  private events: Buffer[] = [];
  private bytes = 0;
  private readonly ends = new Map<unknown, { finishReason: string | null; refusal: string | null; readonly toolCalls: unknown[] }>();
  private readable = true;

  /** As it was passed to the client, with its blank line. */
  public add(event: Buffer): void {
    this.bytes += event.length;
    if (this.bytes > MAX_KEPT_BYTES) {
      // What is too large is not kept, so it need not be held until its end.
      this.events = [];
      return;
    }
    this.events.push(event);
    if (DECIDES.test(event.toString('latin1'))) this.read(event);
  }

  /** Bytes so far, kept or not. */
  public get size(): number {
    return this.bytes;
  }

  public get choices(): readonly EndedChoice[] {
    return this.readable ? [...this.ends.values()] : [UNREADABLE];
  }

  /** All events; of a stream that is too large, some are missing. */
  public content(): Buffer {
    return Buffer.concat(this.events);
  }

  private read(event: Buffer): void {
    const choices = dataOf(event)?.choices;
    if (!Array.isArray(choices)) {
      this.readable = false;
      return;
    }
    for (const choice of choices.map(fieldsOf)) {
      const { refusal, tool_calls: toolCalls } = fieldsOf(choice.delta);
      let end = this.ends.get(choice.index);
      if (end === undefined) this.ends.set(choice.index, end = { finishReason: null, refusal: null, toolCalls: [] });
      if (typeof choice.finish_reason === 'string') end.finishReason = choice.finish_reason;
      if (typeof refusal === 'string' && refusal !== '') end.refusal = refusal;
      if (Array.isArray(toolCalls)) end.toolCalls.push(...toolCalls as unknown[]);
    }
  }
}

/** The JSON of an event's data lines; undefined where it is none. */
function dataOf(event: Buffer): Fields | undefined {
  const lines = event.toString('utf8').split(/\r\n|\r|\n/).filter(line => line.startsWith('data:'));
  try {
    return fieldsOf(JSON.parse(lines.map(line => line.slice('data:'.length)).join('\n')));
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): Fields => typeof value === 'object' && value !== null ? value as Fields : {};
