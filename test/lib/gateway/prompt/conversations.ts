/** Conversations as clients send them: valid ones at random, and some that grow turn by turn. */
import fc from 'fast-check';
import { Message } from '../../../../lib/gateway/conversation';

/** No exact counter: that one has a test of its own, and is a table of megabytes. */
export const quarters = (text: string): number => Math.ceil(text.length / 4);

export const PASSAGE = 'Refunds are made to the card that was charged, within fourteen days after the parcel has come back to the warehouse. '
  + 'The customer pays for the return unless the goods were damaged on arrival, and keeps the receipt of the carrier until the money has come.';
const CODE = '```python\ndef total(rows):\n    for row in rows:\n\n\n        yield  row[ "a  b" ]\n```';
const TABLE = '| plan  | price |\n|-------|-------|\n| basic | 10    |';

const TEXTS = [
  'Hello there.', 'Where is my parcel?', 'Thanks,  that  helped.  ', PASSAGE, `${PASSAGE}\n\n\n\n[2] ${PASSAGE}`, `Look at this:\n\n${CODE}\n\n\n\nWhat is wrong?`, TABLE,
  '{"a": [1,  2],\n\n\n "b": "x   y"}', 'word '.repeat(120), `${'An answer of some length, with all that there is to say about it. '.repeat(6)}😀`,
];
const OUTPUTS = ['ok', '{"rows": []}', JSON.stringify(Array.from({ length: 90 }, (_, id) => ({ id, name: `item ${id}`, stock: id * 7 }))), '😀'.repeat(2_500), 'a line of the log\n'.repeat(400), PASSAGE];

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 60 }));
const image = fc.nat(99).map(n => ({ type: 'image_url', image_url: { url: `https://cdn.test/${n}.png` } }));
const userContent = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.tuple(text, image).map(([said, shown]) => [{ type: 'text', text: said }, shown]) });

const toolRound = fc.array(fc.constantFrom(...OUTPUTS), { minLength: 1, maxLength: 3 });
const turn = fc.record({ said: fc.array(userContent, { minLength: 1, maxLength: 2 }), rounds: fc.array(toolRound, { maxLength: 3 }), answer: text });

/** Each message with a field nobody knows, by which it is found again. */
export const conversation = fc.record({
  system: fc.array(text, { maxLength: 2 }), turns: fc.array(turn, { minLength: 1, maxLength: 14 }), answered: fc.boolean(), midway: fc.option(text, { nil: undefined }),
}).map(({ system, turns, answered, midway }): readonly Message[] => {
  let calls = 0;
  const messages: Message[] = system.map(content => ({ role: 'system', content }));
  turns.forEach(({ said, rounds, answer }, i) => {
    messages.push(...said.map((content): Message => ({ role: 'user', content })));
    for (const outputs of rounds) {
      const ids = outputs.map(() => `call_${calls++}`);
      messages.push({ role: 'assistant', content: null, tool_calls: ids.map(id => ({ id, type: 'function', function: { name: 'look_up', arguments: '{"q":"stock"}' } })) });
      messages.push(...outputs.map((content, at): Message => ({ role: 'tool', tool_call_id: ids[at], content })));
    }
    if (i < turns.length - 1 || answered) messages.push({ role: 'assistant', content: answer });
    if (i === 1 && midway !== undefined) messages.push({ role: 'developer', content: midway });
  });
  if (messages.at(-1)!.role === 'assistant') messages.push({ role: 'user', content: 'And now?' });
  return messages.map((message, i) => ({ ...message, trace: `m${i}` }));
});

/** What of a conversation each call of a client has sent: up to a user's message or the results of its tools. */
export const callsOf = (messages: readonly Message[]): readonly (readonly Message[])[] => [
  ...messages.flatMap((message, i) => message.role === 'assistant' && i > 0 && messages[i - 1]!.role !== 'assistant' ? [messages.slice(0, i)] : []), messages,
];

/** No character is halved. */
export const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

export const bytesOf = (body: object): number => Buffer.byteLength(JSON.stringify(body));
