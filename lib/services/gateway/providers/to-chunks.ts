/** The parts of an AI SDK stream as OpenAI's chunks, one at a time. Pure but for what it remembers: the role said, the tool calls begun. */
import { FinishPart, StreamPart } from './language-model';
import { Envelope, toFinishReason, toUsage } from './to-open-ai';

interface BegunCall {
  readonly index: number;
  empty: boolean;
}

export class ToChunks {
  private roleSaid = false;
  private readonly calls = new Map<string, BegunCall>();

  public constructor(private envelope: Envelope) {}

  /** The chunks of one part; of most parts none or one. Not for errors, which are no part of an answer. */
  public take(part: StreamPart): object[] {
    switch (part.type) {
      case 'response-metadata':
        this.envelope = { ...this.envelope, ...(part.id === undefined ? {} : { id: part.id }), ...(part.modelId === undefined ? {} : { model: part.modelId }) };
        return [];
      case 'text-delta':
        return part.delta === '' ? [] : [this.delta({ content: part.delta })];
      case 'reasoning-delta':
        return part.delta === '' ? [] : [this.delta({ reasoning_content: part.delta })];
      case 'tool-input-start':
        return part.providerExecuted ? [] : [this.begin(part.id, part.toolName, '')];
      case 'tool-input-delta':
        return this.input(part.id, part.delta);
      case 'tool-call':
        return part.providerExecuted ? [] : this.wholeCall(part);
      case 'finish':
        return this.finish(part);
      default:
        return [];
    }
  }

  private begin(id: string, name: string, input: string): object {
    const index = this.calls.size;
    this.calls.set(id, { index, empty: input === '' });
    return this.delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: input } }] });
  }

  private input(id: string, input: string): object[] {
    const call = this.calls.get(id);
    if (!call || input === '') return [];
    call.empty = false;
    return [this.delta({ tool_calls: [{ index: call.index, function: { arguments: input } }] })];
  }

  /** Comes after its deltas, and alone where there were none: a call without arguments is `{}`, which clients can parse. */
  private wholeCall(part: Extract<StreamPart, { type: 'tool-call' }>): object[] {
    const call = this.calls.get(part.toolCallId);
    if (!call) return [this.begin(part.toolCallId, part.toolName, part.input || '{}')];
    return call.empty ? this.input(part.toolCallId, part.input || '{}') : [];
  }

  private finish(part: FinishPart): object[] {
    const usage = toUsage(part.usage);
    return [this.chunk([this.choice({}, toFinishReason(part.finishReason))]), ...(usage ? [{ ...this.chunk([]), usage }] : [])];
  }

  private delta(delta: object): object {
    return this.chunk([this.choice(delta, null)]);
  }

  private choice(delta: object, finishReason: string | null): object {
    const first = !this.roleSaid;
    this.roleSaid = true;
    return { index: 0, delta: first ? { role: 'assistant', ...delta } : delta, finish_reason: finishReason };
  }

  private chunk(choices: object[]): object {
    const { id, created, model } = this.envelope;
    return { id, object: 'chat.completion.chunk', created, model, choices };
  }
}
