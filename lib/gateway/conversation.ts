/** The messages of a chat call, as the steps of a route read them. */
import { textOf } from './completion';

type Fields = Readonly<Record<string, unknown>>;

/** As it came: whatever else a message has goes to the model untouched. */
export interface Message extends Fields {
  readonly role?: unknown;
  readonly content?: unknown;
}

/** Of a body that was found to be a chat call's. */
export const messagesOf = (body: Fields): readonly Message[] =>
  (Array.isArray(body.messages) ? body.messages : []).filter((message: unknown): message is Message => typeof message === 'object' && message !== null);

/** undefined where the user has said nothing. */
export function lastUserText(messages: readonly Message[]): string | undefined {
  const last = messages.findLast(({ role }) => role === 'user');
  return last === undefined ? undefined : textOf(last.content).trim();
}

/** The text of a call with one message of its user, nothing answered yet and no tools: one that a rule can answer. */
export function singleQuestion(body: Fields): string | undefined {
  const messages = messagesOf(body);
  const asked = messages.filter(({ role }) => role !== 'system' && role !== 'developer');
  const [question] = asked;
  if (asked.length !== 1 || question?.role !== 'user' || hasTools(body) || typeof question.content !== 'string') return undefined;
  const text = question.content.trim();
  return text === '' ? undefined : text;
}

export const hasTools = ({ tools, functions }: Fields): boolean => [tools, functions].some(list => Array.isArray(list) && list.length > 0);
