/** Answers over retrieved documents: what they quote is there word for word, and the sources they name were given. */
import fc from 'fast-check';
import { ASKED, called, reason, said } from './answers';

const BODY = {
  ...ASKED,
  messages: [
    { role: 'system', content: 'Answer from the documents.\n\n[1] The tenant may terminate the lease with three months\u2019 notice to the end of a quarter.\n[2] The deposit is returned within six weeks after the keys are handed over.' },
    { role: 'tool', tool_call_id: 'c1', content: '<doc id="doc-7">Small repairs up to 110 EUR are paid by the tenant, at most 8% of the yearly rent.</doc>' },
    { role: 'user', content: [{ type: 'text', text: 'When do I get my deposit back? My landlord says "you will have to wait for half a year".' }] },
  ],
};
const CITATIONS = { kind: 'citations' } as const;

test.each([
  'The deposit is due six weeks after you hand over the keys [2].',
  'The lease says: "The deposit is returned within six weeks after the keys are handed over." [2]',
  'You may end it \u201Cwith three months\' notice to the end of a quarter,\u201D says source [1].',
  'Repairs: \u00ABsmall repairs up to 110 EUR are paid by the tenant\u00BB [doc-7].',
  'Your landlord\'s "you will have to wait for half a year" contradicts [1, 2] and [1-2].',
  'It reads "the deposit is returned ... after the keys are handed over" [2].',
  'He calls it a "security deposit" and "Kaution".',
  'Use `rows[3]` or:\n```js\nconst x = items[9]; // "this is not said by anybody here"\n```',
  'See [the law](https://example.com/law) and [x] the box [sic].',
  'You get it back after six weeks.',
  'In arr[5] you find it, and in rows[7].',
  'The interval is [0, 10], or [0; 10].',
  '[A1] is the cell, [B12] the sum.',
  'The clauses [1-999] are usual.',
])('%s passes', text => {
  expect(reason(CITATIONS, said(text), BODY)).toBeUndefined();
});

test.each([
  ['The deposit is due after six weeks [3].', 'cites 1 of 1 sources that the conversation does not name'],
  ['It is said in [2] and [doc-8].', 'cites 1 of 2 sources that the conversation does not name'],
  ['The lease says "the deposit is returned within four weeks after the keys are handed over" [2].', 'quotes 1 of 1 passages that the conversation does not have'],
  ['\u201EThe landlord pays interest on the deposit\u201C [2]', 'quotes 1 of 1 passages that the conversation does not have'],
  ['See [1-4].', 'cites 2 of 4 sources that the conversation does not name'],
])('%s: %s', (text, why) => {
  expect(reason(CITATIONS, said(text), BODY)).toBe(why);
});

test('what may be something else is a citation where all of it is named', () => {
  for (const text of ['Six weeks[2].', 'Six weeks, and three months [1, 2].']) expect(reason({ kind: 'citations', min: 1 }, said(text), BODY)).toBeUndefined();
  for (const text of ['Six weeks[3].', 'Six weeks, and three months [1, 3].']) expect(reason({ kind: 'citations', min: 1 }, said(text), BODY)).toBe('cites 0 passages and sources, fewer than 1');
});

test('the first fifty names and passages are looked for, and all numbers: here 1, 2 and the 7 of doc-7 are named', () => {
  const all = (one: (i: number) => string): string => Array.from({ length: 300 }, (_, i) => one(i)).join(' ');
  expect(reason(CITATIONS, said(all(i => `[doc-${i + 100}]`)), BODY)).toBe('cites 50 of 300 sources that the conversation does not name');
  expect(reason(CITATIONS, said(all(i => `"nobody has ever said that ${i}"`)), BODY)).toBe('quotes 50 of 300 passages that the conversation does not have');
  expect(reason(CITATIONS, said(all(i => `[${i + 1}]`)), BODY)).toBe('cites 297 of 300 sources that the conversation does not name');
});

test.each([['Source 12: it rains.', '12'], ['12) It rains.', '12'], ['See #12 and doc 13.', '13'], ['<doc id="doc-7.2">', 'doc-7'], ['From RFC7231: yes', 'rfc7231']])('%j names [%s]', (content, source) => {
  const body = { ...ASKED, messages: [{ role: 'user', content }] };
  expect(reason(CITATIONS, said(`It is so [${source}].`), body)).toBeUndefined();
  expect(reason(CITATIONS, said(`It is so [${source}0].`), body)).toBe('cites 1 of 1 sources that the conversation does not name');
});

test('so many are asked for', () => {
  expect(reason({ kind: 'citations', min: 1 }, said('Six weeks.'), BODY)).toBe('cites 0 passages and sources, fewer than 1');
  expect(reason({ kind: 'citations', min: 2 }, said('Six weeks [2], [2].'), BODY)).toBe('cites 1 passages and sources, fewer than 2');
  expect(reason({ kind: 'citations', min: 2 }, said('Six weeks [2], three months [1].'), BODY)).toBeUndefined();
  expect(reason({ kind: 'citations', min: 1 }, called('search', '{}'), BODY)).toBeUndefined();
});

const word = fc.string({ unit: fc.constantFrom(...'abcdeäé0123'), minLength: 1, maxLength: 8 });

test('any passage of the conversation may be quoted, in other white space and case', () => {
  fc.assert(fc.property(fc.array(word, { minLength: 6, maxLength: 40 }), fc.nat(), fc.constantFrom(' ', '  ', ' \t'), (words, seed, gap) => {
    const from = seed % (words.length - 5);
    const quoted = words.slice(from, from + 5).join(gap).toUpperCase();
    expect(reason(CITATIONS, said(`It says "${quoted}".`), { ...ASKED, messages: [{ role: 'user', content: words.join('\n') }] })).toBeUndefined();
    expect(reason(CITATIONS, said(`It says "${quoted} zzz".`), { ...ASKED, messages: [{ role: 'user', content: words.join('\n') }] })).toBeDefined();
  }));
});
