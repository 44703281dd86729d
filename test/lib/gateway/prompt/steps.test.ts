/** Each step of trimming by itself: what it takes away, and what it must not touch. */
import fc from 'fast-check';
import { passageOf, saysTheSame } from '../../../../lib/gateway/prompt/min-hash';
import { Repeats } from '../../../../lib/gateway/prompt/repeats';
import { capped } from '../../../../lib/gateway/prompt/tool-outputs';
import { withoutIdleSpace } from '../../../../lib/gateway/prompt/whitespace';

describe('white space', () => {
  test.each([
    ['spaces within a line', 'The  patient   slept well', 'The patient slept well'],
    ['spaces at its end', 'slept well    \nand ate', 'slept well\nand ate'],
    ['a line break of Markdown stays', 'slept well  \nand ate', 'slept well  \nand ate'],
    ['empty lines beyond one', 'a\n\n\n\n  \nb', 'a\n\nb'],
    ['indentation stays', 'list:\n  - one\n    - two  of it\n\tcode  here', 'list:\n  - one\n    - two  of it\n\tcode  here'],
    ['a table stays', '| a   | b |\n|-----|---|\n| 1   | 2 |', '| a   | b |\n|-----|---|\n| 1   | 2 |'],
    ['code in a fence stays', 'see\n```py\nx  =  1\n\n\n\ny  = 2   \n```\nand  so on', 'see\n```py\nx  =  1\n\n\n\ny  = 2   \n```\nand so on'],
    ['a fence that never closes is code to the end', 'see\n```\na  b\n\n\n\nc  d', 'see\n```\na  b\n\n\n\nc  d'],
    ['code without a fence', 'x  = f(a,  b);', 'x  = f(a,  b);'],
    ['strings', 'say "a  b" to  them', 'say "a  b" to  them'],
    ['JSON', '{"a":  "b  c",\n\n\n\n"d": 1}', '{"a":  "b  c",\n\n\n\n"d": 1}'],
  ])('%s', (_, text, without) => {
    expect(withoutIdleSpace(text)).toBe(without);
  });

  test('never a character but white space, never twice, never more', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', ' ', '\n', '\n', '\t', '`', '"', '-'), maxLength: 200 }), text => {
      const without = withoutIdleSpace(text);
      expect(without.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      expect(withoutIdleSpace(without)).toBe(without);
      expect(without.length).toBeLessThanOrEqual(text.length);
    }), { numRuns: 1_000 });
  });

  test('JSON is never touched', () => {
    fc.assert(fc.property(fc.json(), fc.nat(4), (json, spaces) => {
      const text = JSON.stringify(JSON.parse(json), undefined, spaces);
      fc.pre(/^[[{"]/.test(text));
      expect(withoutIdleSpace(text)).toBe(text);
    }));
  });
});

describe('passages', () => {
  const CHUNK = 'Refunds are paid within 14 days of the return, to the card that was used for the order. Articles on sale are returned against a voucher. Who has lost the receipt asks the shop for a copy by the number of the order, which is kept for three years. '
    + 'A return is free where the article was faulty or another one than was ordered; else the post is paid by who returns it, at the price the carrier asks on that day, and the shop gives no advance on it. Returns from abroad take a week longer, since the customs office opens some of them.';
  const alike = (a: string, b: string): boolean => saysTheSame(passageOf(a), passageOf(b));

  test.each([
    ['itself', CHUNK, true],
    ['another spelling of its white space and case', CHUNK.replaceAll('. ', '.\n').toUpperCase(), true],
    ['with one word more at its end', `${CHUNK} Thanks`, true],
    ['with another number', CHUNK.replace('14 days', '30 days'), false],
    ['with a negation', CHUNK.replace('A return is free', 'A return is not free'), false],
    ['with an exception', `${CHUNK} Except on Mondays`, false],
    ['with another beginning', CHUNK.replace(/^Refunds are paid within 14 days of the return, to the card that was used for the order\./, 'Nothing is paid back within 14 days. Whoever asks is sent away.'), false],
    ['something else', 'The museum opens at nine and closes at five. '.repeat(8), false],
  ])('like %s: %s', (_, other, expected) => {
    expect(alike(CHUNK, other)).toBe(expected);
  });

  test('a later one that says the same gives way to a word about it, an earlier one and all between stays', () => {
    const repeats = new Repeats();
    expect(repeats.text(`Sources:\n\n${CHUNK}\n\nWhat of refunds?`)).toBe(`Sources:\n\n${CHUNK}\n\nWhat of refunds?`);
    expect(repeats.text(`Sources:\n\n${CHUNK} Thanks\n\nAnd of returns?`)).toBe('Sources:\n\n[A passage that stands above.]\n\nAnd of returns?');
    expect(repeats.text(`\`\`\`\n${CHUNK}\n\`\`\``)).toContain(CHUNK);
  });

  test('short messages mean something twice, long ones do not', () => {
    const repeats = new Repeats();
    expect(['yes', 'yes', CHUNK, CHUNK].map(text => repeats.message('user', text))).toEqual(['yes', 'yes', CHUNK, '[The same message as before.]']);
    expect(repeats.message('assistant', CHUNK)).toBe(CHUNK);
  });

  test('what is kept depends on what stands before it alone', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(CHUNK, `${CHUNK} Thanks`, CHUNK.replace('14', '15'), 'short'), { maxLength: 8 }), fc.nat(8), (texts, at) => {
      const through = (all: readonly string[]): string[] => {
        const repeats = new Repeats();
        return all.map(text => repeats.text(text));
      };
      expect(through(texts.slice(0, at))).toEqual(through(texts).slice(0, at));
    }));
  });
});

describe('a tool\'s output', () => {
  test('keeps its beginning and end and says how much is missing', () => {
    const text = Array.from({ length: 2_000 }, (_, i) => `row ${i}`).join('\n');
    const short = capped(text);
    const missing = Number(/\[\.\.\. (\d+) characters left out here \.\.\.\]/.exec(short)?.[1]);
    expect([short.startsWith('row 0\nrow 1\n'), short.endsWith('row 1999')]).toEqual([true, true]);
    const [head = '', tail = ''] = short.split(/\n\[\.\.\. \d+ characters left out here \.\.\.\]\n/);
    expect(head.length + tail.length + missing).toBe(text.length);
  });

  test('never half a character, never longer, once is enough', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 0, max: 9_000 }), (shift, length) => {
      const text = 'x'.repeat(shift) + '😀'.repeat(length);
      const short = capped(text);
      expect(Buffer.from(short, 'utf8').toString('utf8')).toBe(short);
      expect(short.length).toBeLessThanOrEqual(text.length);
      expect(capped(short)).toBe(short);
    }));
  });
});
