/** A chat body of OpenAI's as the call options of the AI SDK's models. Pure; whatever cannot be carried is a BadRequest. */
import { BadRequest } from './bad-request';
import { AssistantPart, CallOptions, FunctionTool, PromptMessage, UserPart } from './language-model';
import { ChatBody, ChatMessage, parseChatBody } from './open-ai-body';

type Of<Role extends ChatMessage['role']> = Extract<ChatMessage, { role: Role }>;
type Part = Exclude<Of<'user'>['content'], string>[number];
type Texts = Of<'tool'>['content'];

/** OpenAI answers json_object with JSON; the others need to be told. */
const JSON_ONLY = 'Respond with one valid JSON object and nothing else: no prose and no code fence.';

export function fromOpenAi(body: Record<string, unknown>): CallOptions {
  const chat = parseChatBody(body);
  const tools = (chat.tools ?? []).map(toTool);
  return {
    prompt: [...systemMessages(chat), ...conversation(chat.messages)],
    ...defined({
      maxOutputTokens: chat.max_completion_tokens ?? chat.max_tokens,
      temperature: chat.temperature,
      topP: chat.top_p,
      topK: chat.top_k,
      seed: chat.seed,
      presencePenalty: chat.presence_penalty,
      frequencyPenalty: chat.frequency_penalty,
      stopSequences: typeof chat.stop === 'string' ? [chat.stop] : chat.stop,
      responseFormat: responseFormat(chat),
    }),
    ...(tools.length === 0 ? {} : { tools, ...toolChoice(chat) }),
  };
}

function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** At the front whatever their place: the other APIs take a system prompt only there. */
function systemMessages({ messages, response_format }: ChatBody): PromptMessage[] {
  const said = messages.flatMap(message => message.role === 'system' || message.role === 'developer' ? textParts(message.content) : []);
  const system = said.map((part): PromptMessage => ({ role: 'system', content: part.text, ...cached(part) }));
  return response_format?.type === 'json_object' ? [...system, { role: 'system', content: JSON_ONLY }] : system;
}

function conversation(messages: readonly ChatMessage[]): PromptMessage[] {
  const toolNames = new Map<string, string>();
  return messages.flatMap((message, at): PromptMessage[] => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return [];
      case 'user':
        return [{ role: 'user', content: typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content.map((part, n) => userPart(part, `messages.${at}.content.${n}`)) }];
      case 'assistant': {
        for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name);
        const content = assistantParts(message, `messages.${at}`);
        return content.length === 0 ? [] : [{ role: 'assistant', content }];
      }
      case 'tool': {
        const toolName = toolNames.get(message.tool_call_id);
        if (toolName === undefined) throw new BadRequest(`messages.${at}.tool_call_id`, `messages.${at}.tool_call_id: no assistant message before it made this call.`);
        const value = textParts(message.content).map(part => part.text).join('\n');
        return [{ role: 'tool', content: [{ type: 'tool-result', toolCallId: message.tool_call_id, toolName, output: { type: 'text', value } }] }];
      }
    }
  });
}

const textParts = (content: Texts): Exclude<Texts, string> => typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** The mark is Anthropic's; Bedrock's is a point after the part. */
function cached(part: { readonly cache_control?: Part['cache_control'] }): { providerOptions?: NonNullable<PromptMessage['providerOptions']> } {
  return part.cache_control ? { providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } }, bedrock: { cachePoint: { type: 'default' } } } } : {};
}

function userPart(part: Part, place: string): UserPart {
  if (part.type === 'text') return { type: 'text', text: part.text, ...cached(part) };
  return { type: 'file', ...image(part.image_url.url, `${place}.image_url.url`), ...cached(part) };
}

/** An http address goes to the provider as it is; the gateway fetches nothing on a caller's behalf. */
function image(url: string, place: string): Pick<Extract<UserPart, { type: 'file' }>, 'mediaType' | 'data'> {
  if (/^https?:\/\//i.test(url)) {
    const parsed = URL.parse(url);
    if (parsed) return { mediaType: 'image/*', data: { type: 'url', url: parsed } };
  }
  const comma = url.indexOf(',');
  const [, mediaType] = /^data:(image\/[a-z0-9.+-]+);base64$/i.exec(url.slice(0, Math.max(0, Math.min(comma, 100)))) ?? [];
  if (mediaType === undefined) throw new BadRequest(place, `${place} must be an http(s) address or data:image/...;base64,...`);
  return { mediaType: mediaType.toLowerCase(), data: { type: 'data', data: url.slice(comma + 1) } };
}

/** An empty text is refused by the other APIs and says nothing. */
function assistantParts(message: Of<'assistant'>, place: string): AssistantPart[] {
  const content = typeof message.content === 'string' ? textParts(message.content) : message.content ?? [];
  const texts = content.map((part): AssistantPart & { text: string } => part.type === 'text' ? { type: 'text', text: part.text, ...cached(part) } : { type: 'text', text: part.refusal });
  const calls = (message.tool_calls ?? []).map((call, n): AssistantPart => ({
    type: 'tool-call', toolCallId: call.id, toolName: call.function.name, input: toolInput(call.function.arguments, `${place}.tool_calls.${n}.function.arguments`),
  }));
  return [...texts.filter(part => part.text !== ''), ...calls];
}

function toolInput(text: string, place: string): unknown {
  try {
    const input: unknown = text.trim() === '' ? {} : JSON.parse(text);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch { /* said below, without the parser's words: they quote the prompt */ }
  throw new BadRequest(place, `${place} must be a JSON object.`);
}

function toTool({ function: tool }: NonNullable<ChatBody['tools']>[number]): FunctionTool {
  return { type: 'function', name: tool.name, inputSchema: tool.parameters ?? { type: 'object', properties: {} }, ...defined({ description: tool.description, strict: tool.strict }) };
}

function toolChoice({ tool_choice, parallel_tool_calls, tools }: ChatBody): Pick<CallOptions, 'toolChoice' | 'providerOptions'> {
  const name = typeof tool_choice === 'object' ? tool_choice?.function.name : undefined;
  if (name !== undefined && !tools?.some(tool => tool.function.name === name)) throw new BadRequest('tool_choice', 'tool_choice names a function that is not among tools.');
  return {
    ...(tool_choice ? { toolChoice: typeof tool_choice === 'string' ? { type: tool_choice } : { type: 'tool', toolName: tool_choice.function.name } } : {}),
    // Read for Claude by both providers; the other models of Bedrock have no such switch.
    ...(parallel_tool_calls === false ? { providerOptions: { anthropic: { disableParallelToolUse: true } } } : {}),
  };
}

function responseFormat({ response_format }: ChatBody): CallOptions['responseFormat'] {
  if (response_format?.type !== 'json_schema') return undefined;
  const { name, description, schema } = response_format.json_schema;
  return { type: 'json', name, ...defined({ description, schema: schema ?? { type: 'object' } }) };
}
