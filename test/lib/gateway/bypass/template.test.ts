/** Questions with slots: what fits, what does not, and that no text takes long. */
import fc from 'fast-check';
import { fill } from '../../../../lib/gateway/bypass/places';
import { Template } from '../../../../lib/gateway/bypass/template';

const slotsOf = (template: string, text: string): Readonly<Record<string, string>> | undefined => {
  const values = new Template(template).match(text);
  return values && Object.fromEntries(values);
};

test.each([
  ['How do I reset {product}?', 'How do I reset my phone?', { product: 'my phone' }],
  ['{from} to {to}', 'Bern to Basel', { from: 'Bern', to: 'Basel' }],
  ['{from} to {to}', 'Bern to Basel to Zurich', { from: 'Bern', to: 'Basel to Zurich' }],
  ['from {a} to {b}, please', 'from x to y, please, please', { a: 'x', b: 'y, please' }],
  ['{x}', 'anything', { x: 'anything' }],
  ['Price (in $) of {a.b}?', 'Price (in $) of {a.b}?', {}],
  [' Hello {name} ', 'Hello Ada', { name: 'Ada' }],
  ['{word} is {word}', 'a rose is a rose', { word: 'a rose' }],
  ['Where is order {number}?', 'Where is order A-12.5/v2.?', { number: 'A-12.5/v2.' }],
  ['Where is {what}?', 'Where is one two three four five six seven eight?', { what: 'one two three four five six seven eight' }],
  ['{word} is {word} is {rest}', 'a is b is a is b is so', { word: 'a is b', rest: 'so' }],
])('%s fits %s', (template, text, values) => {
  expect(slotsOf(template, text)).toEqual(values);
});

test.each([
  ['How do I reset {product}?', 'How do I reset ?'],
  ['How do I reset {product}?', 'How do I reset my phone'],
  ['How do I reset {product}?', 'How do I reset my\nphone?'],
  ['How do I reset {product}?', 'how do I reset my phone?'],
  ['{from} to {to}', 'Bern to'],
  ['{from} to {to}', ' to Basel'],
  ['{from} to {to}', '  to Basel'],
  ['{word} is {word}', 'a rose is a flower'],
  ['Hello', 'Hello!'],
  ['Hello {name}', 'Hello'],
  ['Where is order {number}?', 'Where is order 12? It says delivered but is not here. Can I have my money back?'],
  ['Where is order {number}?', 'Where is order 12! Or my money?'],
  ['Where is order {number}?', 'Where is order 12. And my money?'],
  ['Where is order {number}?', 'Where is order 12\u3002\u8FD8\u6709?'],
  ['Where is {number} now?', 'Where is it? And where is my money now?'],
  ['Where is order {number}?', 'Where is order 12 and can I have all my money back?'],
  ['{number} please', 'Give me 12. And my money please'],
])('%s does not fit %s', (template, text) => {
  expect(slotsOf(template, text)).toBeUndefined();
});

test('a slot has at most 200 characters', () => {
  for (const template of ['reset {product}!', '{product} reset']) {
    const asked = (length: number): string => template.replace('{product}', 'x'.repeat(length));
    expect(slotsOf(template, asked(200))).toEqual({ product: 'x'.repeat(200) });
    expect(slotsOf(template, asked(201))).toBeUndefined();
    expect(slotsOf(template, template.replace('{product}', `${'x'.repeat(199)}\n`))).toBeUndefined();
  }
});

const word = fc.stringMatching(/^[a-z0-9äé]{1,12}$/);
const words = fc.array(word, { minLength: 1, maxLength: 5 }).map(all => all.join(' '));

test('a template with its slots filled comes back with what they were filled with', () => {
  // Signs between the slots that no word has: there is one way to read it.
  const literal = fc.stringMatching(/^[.,:;!?()$^*+|\\[\]-]{1,4}$/);
  const part = fc.tuple(fc.constantFrom('product', 'city', 'a_1'), literal);
  fc.assert(fc.property(literal, fc.array(part, { maxLength: 6 }), fc.record({ product: words, city: words, a_1: words }), (start, parts, given) => {
    const template = start + parts.map(([slot, after]) => `{${slot}}${after}`).join('');
    const values = new Map(Object.entries(given));
    const used = Object.fromEntries(parts.map(([slot]) => [slot, given[slot]]));
    expect(slotsOf(template, fill(template, 'template', values, false))).toEqual(used);
  }));
});

/** Every way to fill the slots, the shortest values first. */
function naive(template: string, text: string, values: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> | undefined {
  const [, before, slot, after] = /^([^{]*)\{(\w+)\}(.*)$/.exec(template) ?? [];
  if (before === undefined || slot === undefined || after === undefined) return template === text ? values : undefined;
  if (!text.startsWith(before)) return undefined;
  for (let end = before.length + 1; end <= text.length; end++) {
    const value = text.slice(before.length, end);
    if (value.trim() === '' || value.trim().split(/\s+/).length > 8 || /[?!\n]|\.\s/.test(value) || (values[slot] ?? value) !== value) continue;
    const found = naive(after, text.slice(end), { ...values, [slot]: value });
    if (found !== undefined) return found;
  }
  return undefined;
}

test('what fits, and by which values, is what trying every way finds', () => {
  const fewWords = fc.array(fc.constantFrom('a', 'to', 'via', 'b', ' ', 'to a', 'b?', 'a.'), { maxLength: 12 }).map(all => all.join(' '));
  fc.assert(fc.property(fc.constantFrom('{x} to {y}', '{x} to {x}', '{x} to {y} via {x}', 'a {x} b', '{x} {y} {x}'), fewWords, (template, text) => {
    expect(slotsOf(template, text)).toEqual(naive(template, text));
  }), { numRuns: 500 });
});

test('where the slots repeat, an answer that only very many tries would find is not found', () => {
  const repeated = '{a} to {b} to {c} to {d} = {a}';
  const asked = (times: number): string => `${'x to '.repeat(times)}x to y to y to y = ${'x to '.repeat(times)}x`;
  expect(slotsOf(repeated, asked(2))).toEqual({ a: 'x to x to x', b: 'y', c: 'y', d: 'y' });
  expect(slotsOf(repeated, asked(35))).toBeUndefined();
});

test('a text made to be tried in many ways is given up, and an answer that is near is found', () => {
  const many = '{a} to {b} to {c} to {d} to {e} to {f}!';
  expect(slotsOf(many, 'x to '.repeat(400))).toBeUndefined();
  expect(slotsOf(many, `${'x to '.repeat(400)}end!`)).toBeUndefined();
  expect(slotsOf(many, `${'x to '.repeat(8)}end!`)).toMatchObject({ a: 'x', e: 'x', f: 'x to x to x to end' });
});
