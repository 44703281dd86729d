/** A chat completion as the gateway reads one that came whole, writes one that no model made, and plays one as a stream. */

type Fields = Readonly<Record<string, unknown>>;

export interface Choice {
  /** Empty where there is none. */
  readonly text: string;
  /** The model's own refusal, where its provider tells it apart. */
  readonly refusal: string | null;
  readonly finishReason: string | null;
  readonly toolCalls: readonly ToolCall[];
}

export interface ToolCall {
  readonly name: string;
  /** As the model wrote them: meant to be JSON. */
  readonly arguments: string;
}

export function choicesOf(completion: Fields): readonly Choice[] {
  return listOf(completion.choices).map(choice => {
    const { finish_reason: finishReason, message } = fieldsOf(choice);
    const { content, refusal, tool_calls: toolCalls } = fieldsOf(message);
    return { text: textOf(content), refusal: stringOr(refusal), finishReason: stringOr(finishReason), toolCalls: listOf(toolCalls).map(toolCallOf) };
  });
}

function toolCallOf(call: unknown): ToolCall {
  const { name, arguments: written } = fieldsOf(fieldsOf(call).function);
  return { name: stringOr(name) ?? '', arguments: stringOr(written) ?? '' };
}

/** The text of a message's content: a string, or the text parts of a list. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content).map(part => stringOr(fieldsOf(part).text) ?? '').join('');
}

export interface Written {
  /** Of the request. */
  readonly id: string;
  readonly model: string;
  readonly content: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/** An answer that no model wrote, and that used no tokens. */
export const writtenCompletion = ({ id, model, content, created }: Written): Fields => ({
  id: `chatcmpl-${id}`, object: 'chat.completion', created, model,
  choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
});

/** The whole answer as server-sent events without [DONE]: of each choice its message, then its end; then the usage, where it is asked for. */
export function completionEvents(completion: Fields, includeUsage: boolean): Buffer[] {
  const { choices, usage, ...envelope } = completion;
  const chunk = (rest: Fields): Buffer => Buffer.from(`data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', ...rest })}\n\n`);
  return [
    ...listOf(choices).flatMap((choice, i) => {
      const { message, finish_reason: finishReason, logprobs, index = i } = fieldsOf(choice);
      return [
        chunk({ choices: [{ index, delta: deltaOf(fieldsOf(message)), ...logprobs === undefined ? {} : { logprobs }, finish_reason: null }] }),
        chunk({ choices: [{ index, delta: {}, finish_reason: finishReason ?? null }] }),
      ];
    }),
    ...includeUsage && usage !== undefined ? [chunk({ choices: [], usage })] : [],
  ];
}

/** In a stream tool calls are told apart by their index. */
const deltaOf = (message: Fields): Fields => Array.isArray(message.tool_calls)
  ? { ...message, tool_calls: message.tool_calls.map((call: unknown, index) => ({ index, ...fieldsOf(call) })) } : message;

const fieldsOf = (value: unknown): Fields => typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {};
const listOf = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];
const stringOr = (value: unknown): string | null => typeof value === 'string' ? value : null;
