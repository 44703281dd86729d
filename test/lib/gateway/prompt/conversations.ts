/** Conversations for tests: valid ones of every shape, and what must hold of whatever is left of them. */
import fc from 'fast-check';
import { Message } from '../../../../lib/gateway/conversation';

/** Rough, and as additive as a real one. */
export const count = (text: string): number => Math.ceil(text.length / 4);

const WORDS = ['the', 'patient', 'reports', 'mild', 'pain', 'since', 'March', 'no', 'fever', 'knee', 'left', 'was', 'given', '20', 'mg', 'of', 'ibuprofen', 'twice', 'a', 'day'];
const sentence = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 120 }).map(words => words.join(' '));
const text = fc.oneof(sentence, fc.tuple(sentence, sentence).map(([a, b]) => `${a}\n\n\n\n${b}`), fc.constant('yes'));
const chunk = `${'A passage found again and again, '.repeat(8)}as retrievals do.`;

const toolRound = fc.tuple(fc.nat(2), text).map(([more, result], i = Math.floor(result.length)): Message[] => {
  const ids = Array.from({ length: more + 1 }, (_, n) => `call_${i}_${n}`);
  return [
    { role: 'assistant', content: null, tool_calls: ids.map(id => ({ id, type: 'function', function: { name: 'look', arguments: '{"q":1}' } })) },
    ...ids.map((id): Message => ({ role: 'tool', tool_call_id: id, content: result.repeat(8) })),
  ];
});
const answer = text.map((content): Message[] => [{ role: 'assistant', content }]);
const question = fc.oneof(
  text.map((content): Message => ({ role: 'user', content })),
  text.map((content): Message => ({ role: 'user', content: `${chunk}\n\n${content}`, name: 'anna' })),
  text.map((content): Message => ({ role: 'user', content: [{ type: 'text', text: content }, { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] })),
);
const turn = fc.tuple(question, fc.array(toolRound, { maxLength: 2 }), answer).map(([asked, rounds, said]) => [asked, ...rounds.flat(), ...said]);
const lastTurn = fc.tuple(question, fc.array(toolRound, { maxLength: 3 })).map(([asked, rounds]) => [asked, ...rounds.flat()]);

export const conversation: fc.Arbitrary<readonly Message[]> = fc.tuple(
  fc.array(text.map((content): Message => ({ role: 'system', content })), { maxLength: 2 }), fc.array(turn, { maxLength: 12 }), lastTurn,
).map(([system, turns, last]) => uniqueIds([...system, ...turns.flat(), ...last]));

/** As a client's would be. */
function uniqueIds(messages: readonly Message[]): Message[] {
  let round = 0;
  return messages.map(message => {
    if (Array.isArray(message.tool_calls)) round++;
    const own = (id: unknown): string => `${String(id)}_${round}`;
    if (Array.isArray(message.tool_calls)) return { ...message, tool_calls: message.tool_calls.map((call: { id: string }) => ({ ...call, id: own(call.id) })) };
    return message.role === 'tool' ? { ...message, tool_call_id: own(message.tool_call_id) } : message;
  });
}

/** Each answer of a tool follows the call it answers, and each call has its answer. */
export function grammarOf(messages: readonly Message[]): string | undefined {
  let open: string[] = [];
  for (const { role, tool_calls: calls, tool_call_id: id } of messages) {
    if (role === 'tool') {
      if (!open.includes(String(id))) return `an answer to no call: ${String(id)}`;
      open = open.filter(each => each !== id);
      continue;
    }
    if (open.length > 0) return `calls without an answer: ${open.join(', ')}`;
    if (Array.isArray(calls)) open = calls.map((call: { id: string }) => call.id);
  }
  return open.length > 0 ? `calls without an answer: ${open.join(', ')}` : undefined;
}
