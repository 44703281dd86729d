/** A stream as it goes by: its events, as long as it may still be kept, and how each of its choices ended. */
import { EndedChoice, MAX_KEPT_BYTES } from './cacheable';

type Fields = Readonly<Record<string, unknown>>;

/**
 * An event with one of these decides, and is parsed; all others need not be. Within a text of the JSON the quotes are escaped.
 * Where a provider writes empty lists of tool calls into every event, they do not count.
 */
const DECIDES = /"(?:finish_reason|refusal)"\s*:\s*"|"tool_calls"\s*:\s*\[\s*\{/;

export class StreamRecording {
  private readonly events: Buffer[] = [];
  private bytes = 0;
  private readonly ends = new Map<unknown, { finishReason: string | null; refusal: string | null; readonly toolCalls: readonly never[] }>();

  /** As it was passed to the client, with its blank line. false: whatever follows, the stream is not to be kept, and the recording is of no use. */
  public add(event: Buffer): boolean {
    this.bytes += event.length;
    if (this.bytes > MAX_KEPT_BYTES) return false;
    this.events.push(event);
    return !DECIDES.test(event.toString('latin1')) || this.read(event);
  }

  public get choices(): readonly EndedChoice[] {
    return [...this.ends.values()];
  }

  public content(): Buffer {
    return Buffer.concat(this.events);
  }

  private read(event: Buffer): boolean {
    const choices = dataOf(event)?.choices;
    if (!Array.isArray(choices)) return false;
    for (const choice of choices.map(fieldsOf)) {
      const { refusal, tool_calls: toolCalls } = fieldsOf(choice.delta);
      if (Array.isArray(toolCalls) && toolCalls.length > 0) return false;
      let end = this.ends.get(choice.index);
      if (end === undefined) this.ends.set(choice.index, end = { finishReason: null, refusal: null, toolCalls: [] });
      if (typeof choice.finish_reason === 'string') end.finishReason = choice.finish_reason;
      if (typeof refusal === 'string' && refusal !== '') end.refusal = refusal;
    }
    return true;
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
