/** When a prompt is counted, trimmed and refused, on conversations as they come. */
import { Message, messagesOf } from '../../../../lib/gateway/conversation';
import { TokenCalibration } from '../../../../lib/gateway/estimate';
import { Fitted, fitPrompt } from '../../../../lib/gateway/prompt/fit-prompt';
import { PromptTokens } from '../../../../lib/gateway/prompt/prompt-tokens';
import { TokenCounter } from '../../../../lib/gateway/prompt/token-counter';
import { Refusal } from '../../../../lib/gateway/refusal';
import { tokenCounter } from '../../../../lib/services/gateway/token-counter/token-counter';
import { PASSAGE, bytesOf, quarters } from './conversations';

const exact = tokenCounter();
const fit = (body: Record<string, unknown>, limits: { maxInput?: number; trim?: boolean }, count: TokenCounter = exact): Fitted =>
  fitPrompt({ model: 'm', ...body }, bytesOf({ model: 'm', ...body }), { trim: true, ...limits }, new TokenCalibration(), count);
const chat = (turns: number, asked: (i: number) => string, answered: (i: number) => string): Message[] => [
  { role: 'system', content: 'You help the customers of a shop.' },
  ...Array.from({ length: turns }, (_, i): Message[] => [{ role: 'user', content: asked(i) }, { role: 'assistant', content: answered(i) }]).flat(),
  { role: 'user', content: 'And what does it cost?' },
];
function refusal(make: () => unknown): Refusal {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return error as Refusal;
  }
  throw new Error('It was not refused.');
}
const never: TokenCounter = () => { throw new Error('It was counted.'); };

test('far below the limit, and without one, nothing is counted, and the body is the very same', () => {
  const body = { model: 'm', messages: chat(5, () => 'Where is it?', () => 'On its way.') };
  for (const maxInput of [undefined, 10_000]) {
    const fitted = fitPrompt(body, bytesOf(body), { maxInput, trim: true }, new TokenCalibration(), never);
    expect(fitted).toEqual({ body, bytes: bytesOf(body), trimmed: null });
    expect(fitted.body).toBe(body);
  }
});

test('near it, it is counted; below 90% it goes as it came', () => {
  let counted = 0;
  const body = { messages: chat(40, i => `${i} ${PASSAGE}`, () => 'Yes.') };
  const { trimmed } = fit(body, { maxInput: 4_500 }, text => { counted++; return exact(text); });
  expect(trimmed).toBeNull();
  expect(counted).toBeGreaterThan(80);
});

test('a chat about retrieved passages loses its duplicates, and no turn', () => {
  const messages = chat(20, i => `<context>\n${PASSAGE}\n\n${i}. passage: ${`another text of turn ${i}, `.repeat(4)}also.\n</context>\n\nQuestion ${i}?`, i => `Answer ${i}.`);
  const { body, trimmed } = fit({ messages }, { maxInput: 2_350 });
  expect(trimmed!.by).toEqual(['duplicate-chunks']);
  expect(messagesOf(body)).toHaveLength(messages.length);
  expect(JSON.stringify(body).split(PASSAGE)).toHaveLength(2);
  expect(trimmed!.after).toBeLessThan(trimmed!.before);
});

test('a review of code keeps each line of it as it is', () => {
  const code = (n: number): string => `\`\`\`python\nclass Order${n}:\n    def total(self):\n        return sum(\n            row.price  for row in self.rows\n        )\n\n\n    def  tax(self):\n\treturn 0\n\`\`\``;
  const messages = chat(12, i => `Please   review  this: \n\n\n\n${code(i)}\n\n\n\nIs  it   right? `, i => `Line ${i} is wrong.  Otherwise  fine.`);
  const { body, trimmed } = fit({ messages }, { maxInput: 950 });
  expect(trimmed!.by).toContain('whitespace');
  const left = messagesOf(body).filter(({ role, content }) => role === 'user' && String(content).includes('```'));
  expect(left.length).toBeGreaterThan(3);
  for (const { content } of left) expect(messages.map((_, i) => code(i)).some(one => content === `Please review this:\n\n${one}\n\nIs it right?` || String(content).includes(one))).toBe(true);
});

test('JSON in a prompt comes out as it went in', () => {
  const json = JSON.stringify({ rows: Array.from({ length: 12 }, (_, id) => ({ id, note: 'two  spaces\n\n\n\nand lines' })) }, undefined, 4);
  const messages = chat(6, i => i === 5 ? `Which  rows  are  wrong? \n\n\n\n${json}\n\n\n\nThanks. ` : `Question   ${i}?  ${'So   it  goes.  '.repeat(40)}`, () => 'None.');
  const { body } = fit({ messages }, { maxInput: 2_000 });
  expect(messagesOf(body).map(({ content }) => content)).toContain(`Which rows are wrong?\n\n${json}\n\nThanks.`);
});

test('an agent keeps its task, its calls and what it has yet to read; old outputs are cut', () => {
  const messages: Message[] = [{ role: 'user', content: 'Why is the build red?' }];
  for (let i = 0; i < 8; i++) {
    messages.push({ role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'run', arguments: '{"command":"npm test"}' } }] });
    messages.push({ role: 'tool', tool_call_id: `c${i}`, content: `run ${i}\n${Array.from({ length: 400 }, (_, line) => `✓ part ${line} of ${i} (${line} ms)`).join('\n')}\nfailed: ${i}` });
  }
  const { body, trimmed } = fit({ messages, tools: [{ type: 'function', function: { name: 'run', parameters: { type: 'object' } } }] }, { maxInput: 16_000 });
  expect(trimmed!.by).toEqual(['tool-outputs']);
  const left = messagesOf(body);
  expect(left).toHaveLength(messages.length);
  expect(left.at(-1)).toBe(messages.at(-1));
  expect(left[2]!.content).toMatch(/^run 0\n[^]*characters left out[^]*\nfailed: 0$/);
});

test('one output that is longer than everything is cut, though the model has not seen it: it would be refused', () => {
  const messages: Message[] = [
    { role: 'user', content: 'Read the log.' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'read', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'c', content: Array.from({ length: 4_000 }, (_, line) => `line ${line}`).join('\n') },
  ];
  const { trimmed } = fit({ messages }, { maxInput: 8_000 });
  expect(trimmed).toMatchObject({ by: ['tool-outputs'] });
  expect(trimmed!.after).toBeLessThanOrEqual(8_000);
});

test('the oldest turns go, and the answer that stands for them says how many messages they were', () => {
  const messages = chat(60, i => `Question ${i} about my order, which I made some days ago?`, i => `Answer ${i}: it is on its way to you.`);
  const { body, trimmed } = fit({ messages }, { maxInput: 1_200 });
  expect(trimmed!.by).toEqual(['turns']);
  expect(trimmed!.after).toBeLessThanOrEqual(0.9 * 1_200);
  const left = messagesOf(body);
  expect(left.slice(0, 2)).toEqual(messages.slice(0, 2));
  expect(left[2]).toEqual({ role: 'assistant', content: `[${messages.length - left.length + 1} earlier messages left out.]` });
  expect(left.slice(3)).toEqual(messages.slice(-left.length + 3));
});

test('where instructions alone are more than 60%, not all of the rest goes each time', () => {
  const messages = [{ role: 'system', content: 'Rule. '.repeat(1_500) }, ...chat(100, i => `Question ${i} about my order?`, i => `Answer ${i}.`)];
  const { body, trimmed } = fit({ messages }, { maxInput: 4_400 });
  expect(trimmed!.after).toBeLessThanOrEqual(0.9 * 4_400);
  expect(messagesOf(body).length).toBeGreaterThan(10);
});

test('what cannot fit is refused with the numbers and the remedy, and without a word of it', () => {
  const { code, status, message } = refusal(() => fit({ messages: [{ role: 'user', content: `secret${' secret'.repeat(1_999)}` }] }, { maxInput: 500 }));
  expect([code, status]).toEqual(['invalid_request', 400]);
  expect(message).toBe('The prompt has 2007 tokens, 2007 after all that can be trimmed (whitespace, duplicate-messages, duplicate-chunks, tool-outputs, turns), more than the 500 of the route\'s tokenLimits.maxInput. '
    + 'Instructions, tools, the first and the last turn stay: make these shorter, or raise maxInput.');
});

test('without trimming, it is refused above the limit only', () => {
  const messages = [{ role: 'user', content: 'word '.repeat(959) }, { role: 'assistant', content: 'ok' }, { role: 'user', content: 'word '.repeat(5) }];
  const before = exact(String(messages[0]!.content)) + exact('ok') + exact(String(messages[2]!.content)) + 3 * 4 + 3;
  expect(fit({ messages }, { maxInput: before, trim: false }).trimmed).toBeNull();
  expect(refusal(() => fit({ messages }, { maxInput: before - 1, trim: false })).message).toBe(
    `The prompt has ${before} tokens, more than the ${before - 1} of the route's tokenLimits.maxInput. The route does not trim: send a shorter one, or set trim.`);
});

test('tools, the answer\'s schema, calls and images count; metadata does not', () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  const tokens = (body: Record<string, unknown>): number => new PromptTokens(quarters).ofBody({ messages, ...body });
  const bare = tokens({});
  expect(bare).toBe(3 + 4 + 1);
  expect(tokens({ metadata: { a: 'b'.repeat(400) }, temperature: 1 })).toBe(bare);
  expect(tokens({ tools: ['t'.repeat(396)] })).toBe(bare + 100);
  expect(tokens({ response_format: { a: 's'.repeat(392) } })).toBe(bare + 100);
  expect(tokens({ messages: [...messages, { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: 'a'.repeat(40) } }] }] })).toBe(bare + 4 + 8 + 1 + 10);
  expect(tokens({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, { type: 'image_url', image_url: { url: 'https://cdn.test/1.png' } }] }] })).toBe(bare + 5_000);
});

describe('what would hold up a process for seconds', () => {
  const columns = (line: string): string => `${line.repeat(20_000)}\n${`b${line}`.repeat(15_000)}`;
  test.each([
    ['columns', columns('a  a  ')],
    ['marks on a letter', `a${'\u0301\u0316'.repeat(60_000)}`],
    ['halves of characters', '\ud800'.repeat(60_000)],
    ['lists in a row', '[1] '.repeat(100_000)],
  ])('goes through once: %s', (_, text) => {
    const messages = [{ role: 'user', content: `${text}\n\nWhat is this?` }, { role: 'assistant', content: 'Nothing.' }, { role: 'user', content: `${text}\n\nAnd now?` }];
    expect(() => fitPrompt({ model: 'm', messages }, JSON.stringify(messages).length, { maxInput: 20_000, trim: true }, new TokenCalibration(), exact)).not.toThrow(TypeError);
  });

  test.each([
    ['very many messages', Array.from({ length: 1_001 }, () => ({ role: 'system', content: '' })), 1_000, /1001 messages.*Over 1000 messages none is trimmed/],
    ['far too long a prompt', [{ role: 'user', content: 'word '.repeat(50_000) }], 1_000, /250\d\d\d bytes.*Over 20 times the limit none is trimmed/],
  ])('is refused: %s', (_, messages, maxInput, why) => {
    const body = { model: 'm', messages };
    expect(() => fitPrompt(body, JSON.stringify(body).length, { maxInput, trim: true }, new TokenCalibration(), exact)).toThrow(why);
  });
});

test('what the last turn says is still there, in its place or above', () => {
  const file = Array.from({ length: 300 }, (_, i) => `Entry ${i} of the register was written by clerk ${i * 7 % 13} on a Monday and has no remarks at all.`).join('\n');
  const read = (id: string) => [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: '{}' } }] }, { role: 'tool', tool_call_id: id, content: file },
  ];
  const messages = [{ role: 'user', content: 'Read the register.' }, ...read('a'), { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'Read it again.' }, ...read('b')];
  const body = { model: 'm', messages };
  const { body: left, trimmed } = fitPrompt(body, JSON.stringify(body).length, { maxInput: 14_000, trim: true }, new TokenCalibration(), exact);
  expect(trimmed?.by).toContain('tool-outputs');
  expect((left.messages as { content: string }[]).at(-1)?.content).toBe(file);
});

test('parts that are neither text nor image count as what they are', () => {
  const parts = [['word '.repeat(5_000)], [{ type: 'refusal', refusal: 'word '.repeat(5_000) }]];
  for (const content of parts) {
    const body = { model: 'm', messages: [{ role: 'user', content }] };
    expect(() => fitPrompt(body, JSON.stringify(body).length, { maxInput: 2_000, trim: true }, new TokenCalibration(), exact)).toThrow(/5\d\d\d tokens/);
  }
});
