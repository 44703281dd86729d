/** Retrieved passages that stand in a prompt twice: the same ones, and those that only look like it. */
import fc from 'fast-check';
import { Message } from '../../../../lib/gateway/conversation';
import { chunksOf } from '../../../../lib/gateway/prompt/chunks';
import { DuplicateChunks } from '../../../../lib/gateway/prompt/duplicate-chunks';
import { DuplicateMessages } from '../../../../lib/gateway/prompt/duplicate-messages';
import { fingerprintOf, saysNothingNew } from '../../../../lib/gateway/prompt/fingerprint';

const LEFT_OUT = '[Repeats an earlier passage; left out.]';
const RETURNS = 'A parcel may be sent back within thirty days of its arrival. The money is paid back to the card that was charged, as soon as the warehouse '
  + 'has looked at the goods, which takes up to five working days. Goods that were worn, washed or damaged by the customer are not taken back, and gift cards '
  + 'are never paid out in cash. For large furniture a carrier comes to the house; the price of 39 euros is taken off the refund, except where Mina Lindt has agreed to another one.';
const SHIPPING = 'Parcels leave the warehouse on the day of the order when it comes in before noon. Within the country they take two working days, and to the '
  + 'islands up to five. Whoever is not at home finds a card in the letter box, with the address of the shop where the parcel waits for ten days.';
const user = (content: string): Message => ({ role: 'user', content });
const without = (...messages: Message[]): readonly unknown[] => new DuplicateChunks().without(messages).map(({ content }) => content);

test('in a chat about retrieved passages, each stands once: where it came first', () => {
  const context = (n: number, ...passages: string[]): string => `Context:\n\n${passages.map((text, i) => `[${i + n}] ${text}`).join('\n')}\n\nQuestion: may I send it back?`;
  expect(without(user(context(1, RETURNS, SHIPPING)), { role: 'assistant', content: 'Within 30 days [1].' }, user(context(1, SHIPPING, RETURNS)))).toEqual([
    context(1, RETURNS, SHIPPING), 'Within 30 days [1].', context(1, LEFT_OUT, LEFT_OUT),
  ]);
});

test.each([
  ['tags', (text: string) => `<doc id="7">\n${text}\n</doc>`],
  ['tags on the same line', (text: string) => `<doc id="7">${text}</doc>`],
  ['rules', (text: string) => `---\n${text}\n---`],
  ['numbered sources', (text: string) => `Document 3: ${text}`],
])('between %s', (_, around) => {
  expect(without({ role: 'system', content: RETURNS }, user(around(RETURNS)))).toEqual([RETURNS, around(LEFT_OUT)]);
});

test('an answer and instructions are never replaced, and a passage that only an answer has is none', () => {
  const messages: Message[] = [user('Write it down.'), { role: 'assistant', content: RETURNS }, user(RETURNS), { role: 'system', content: RETURNS }];
  expect(without(...messages)).toEqual(messages.map(({ content }) => content));
});

test('JSON is left out as a whole, since half of it would be none; that of a tool, which may be cut, stands for no other', () => {
  const json = JSON.stringify({ rows: Array.from({ length: 30 }, (_, id) => ({ id, text: 'a\n\nb' })) }, undefined, 2);
  expect(without(user(json), user(json), { role: 'tool', tool_call_id: 'a', content: json })).toEqual([json, LEFT_OUT, LEFT_OUT]);
  expect(without({ role: 'tool', tool_call_id: 'a', content: json }, { role: 'tool', tool_call_id: 'b', content: json }, user(json))).toEqual([json, json, json]);
});

test('code is left out with its fence, and only the very same', () => {
  const code = (sign: string): string => `\`\`\`ts\nfor (let i = 0; i ${sign} rows.length; i++) {\n${'  total += rows[i].amount;\n\n'.repeat(10)}}\n\`\`\``;
  expect(without(user(`Mine:\n${code('<')}`), user(`Again:\n${code('<')}`), user(`Changed:\n${code('<=')}`))).toEqual([`Mine:\n${code('<')}`, `Again:\n${LEFT_OUT}`, `Changed:\n${code('<=')}`]);
});

const repeats = (later: string, earlier = RETURNS): boolean => without(user(earlier), user(later))[1] === LEFT_OUT;

test.each([
  ['broken into lines at another place', RETURNS.replaceAll(' is ', '\nis ')],
  ['another punctuation', RETURNS.replace('; the price', ', the price')],
  ['a word less', RETURNS.replace('looked at the goods', 'looked at goods')],
])('a passage with %s says nothing new', (_, later) => {
  expect(later).not.toBe(RETURNS);
  expect(repeats(later)).toBe(true);
});

test.each([
  ['number', RETURNS.replace('39', '49')],
  ['number with another sign', RETURNS.replace('39', '-39')],
  ['negation, once it is gone', RETURNS.replace('are not taken back', 'are taken back')],
  ['negation, once it is there', RETURNS.replace('is paid back', 'is not paid back')],
  ['limit', RETURNS.replace(', except where', ', where')],
  ['name', RETURNS.replace('Mina', 'Mara')],
  ['names, the other way round', RETURNS.replace('Mina Lindt', 'Lindt Mina')],
  ['word', RETURNS.replace('damaged', 'repaired')],
  ['sentence', `${RETURNS} It is free for members.`],
  ['currency', RETURNS.replace('39 euros', '39 $')],
])('a passage with another %s is another one', (_, later) => {
  expect(later).not.toBe(RETURNS);
  expect(repeats(later)).toBe(false);
});

test('lines whose indentation may count are compared to the character', () => {
  const steps = (indent: string): string => `steps:\n  - build\n${indent}- run the long migration of the table of orders before anything else is started, and wait until it has come to its end\n  - ${'verify '.repeat(20)}it`;
  expect(repeats(steps('    '), steps('  '))).toBe(false);
  expect(repeats(steps('  '), steps('  '))).toBe(true);
});

test('short passages are what people say twice', () => {
  expect(without(user('Thank you very much.'), user('Thank you very much.'))).toEqual(['Thank you very much.', 'Thank you very much.']);
});

const word = fc.constantFrom(...RETURNS.split(' '));
const passage = fc.array(word, { minLength: 40, maxLength: 120 }).map(words => words.join(' '));

test('the fate of a passage depends only on what stands before it', () => {
  const messages = fc.array(fc.array(fc.oneof(passage, fc.constantFrom(RETURNS, SHIPPING)), { minLength: 1, maxLength: 3 }).map(parts => user(parts.join('\n\n'))), { minLength: 2, maxLength: 6 });
  fc.assert(fc.property(messages, all => {
    const whole = without(...all);
    all.forEach((_, i) => expect(without(...all.slice(0, i))).toEqual(whole.slice(0, i)));
  }), { numRuns: 60 });
});

test('whatever says nothing new has its words, its numbers and its names in the earlier one', () => {
  fc.assert(fc.property(passage, fc.array(fc.nat(119), { maxLength: 4 }), fc.nat(119), word, (text, gone, at, put) => {
    const words = text.split(' ');
    const later = words.filter((_, i) => !gone.includes(i)).toSpliced(at, 0, ...at % 3 === 0 ? [put] : []);
    if (!saysNothingNew(fingerprintOf(later.join(' ')), fingerprintOf(text))) return;
    const plain = (list: readonly string[]): string[] => list.map(each => each.toLowerCase().replace(/[.,;]/g, ''));
    let next = 0;
    for (const each of plain(words)) if (each === plain(later)[next]) next++;
    expect(next).toBe(later.length);
  }));
});

test('MinHash finds what the full comparison does', () => {
  fc.assert(fc.property(fc.array(word, { minLength: 100, maxLength: 200 }), fc.nat(99), (words, at) => {
    const [earlier, later] = [fingerprintOf(words.join(' ')), fingerprintOf(words.toSpliced(at, 1).join(' '))];
    if (saysNothingNew(later, earlier)) expect(later.bands.some(band => earlier.bands.includes(band))).toBe(true);
  }), { seed: 3, numRuns: 200 });
});

test('the passages of a text are parts of it, in order', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(RETURNS, SHIPPING, '\n\n', '\n---\n', '[1] ', '<a>', '</a>', '```\n', '\n```\n', '{"a":1}', '\n'), { maxLength: 20 }), parts => {
    const text = parts.join('');
    let end = 0;
    for (const chunk of chunksOf(text)) {
      expect(chunk.from).toBeGreaterThanOrEqual(end);
      expect(text.slice(chunk.from, chunk.to)).toBe(chunk.text);
      end = chunk.to;
    }
  }));
});

test('a long message sent again is a mark in its place; short ones, calls of tools, images and the last turn stay', () => {
  const same = (messages: Message[], spared = 0): readonly unknown[] => new DuplicateMessages().without(messages, spared).map((message, i) => message === messages[i]);
  const image = (): Message => ({ role: 'user', content: [{ type: 'text', text: RETURNS }, { type: 'image_url', image_url: { url: 'https://cdn.test/1.png' } }] });
  const call = (): Message => ({ role: 'assistant', content: RETURNS, tool_calls: [] });
  expect(new DuplicateMessages().without([user(RETURNS), { ...user(RETURNS), name: 'mina' }, { ...user(RETURNS), name: 'mina' }], 0).at(-1)).toEqual({ role: 'user', name: 'mina', content: '[Repeats an earlier message; left out.]' });
  expect(same([user(RETURNS), user(RETURNS), { role: 'assistant', content: RETURNS }, { role: 'assistant', content: RETURNS }])).toEqual([true, false, true, false]);
  expect(same([user(RETURNS), user(RETURNS)], 1)).toEqual([true, true]);
  expect(same([user('yes'), user('yes'), image(), image(), call(), call(), { role: 'tool', content: RETURNS }, { role: 'tool', content: RETURNS }])).toEqual(Array.from({ length: 8 }, () => true));
});
