/** Exact tokens, of whatever a client may send. */
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { cutLongRuns } from '../../../../lib/gateway/prompt/long-runs';
import { tokenCounter } from '../../../../lib/services/gateway/token-counter/token-counter';
import { isWhole } from './conversations';

const count = tokenCounter();

test.each([
  ['Hello, world!', 4], ['', 0], ['The customer asked why the invoice was late.', 9], ['<|endoftext|>', 7], ['a <|im_start|> b', 8],
])('%j', (text, tokens) => {
  expect(count(text)).toBe(tokens);
});

const letters = fc.constantFrom('a', 'B', 'é', '中', '文', '，', ' ', '\n', '!', '=', '7', '😀', '\u0301', '"');
const text = fc.array(fc.oneof(letters, fc.string({ maxLength: 12 }), fc.constantFrom('The invoice of March, ', 'const x = rows[0].id;\n', '這是一個沒有空格的句子，')), { maxLength: 200 }).map(parts => parts.join(''));

test('what is written by people or by programs is counted exactly', () => {
  fc.assert(fc.property(text, written => {
    expect(count(written)).toBe(countTokens(written, { disallowedSpecial: new Set() }));
  }), { numRuns: 200 });
});

const run = fc.tuple(fc.constantFrom('a', 'Z', '中', ' ', '\n', '=', '😀', '\u0301', 'éa', '!\u0482', '7', 'ab1'), fc.integer({ min: 1, max: 1500 })).map(([part, times]) => part.repeat(times));
/** The runs within which byte-pair encoding merges. */
const RUN = /[\p{L}\p{M}]+|[^\s\p{L}\p{N}]+|\s+/gu;

test('no run stays longer than a few hundred characters, nothing is lost, no character is halved, and the count hardly changes', () => {
  fc.assert(fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), runs => {
    const written = runs.join('');
    const pieces = cutLongRuns(written);
    expect(pieces.join('')).toBe(written);
    for (const piece of pieces) {
      expect(isWhole(piece)).toBe(true);
      for (const [found] of piece.matchAll(RUN)) expect(found.length).toBeLessThanOrEqual(402);
    }
    expect(Math.abs(count(written) - countTokens(written, { disallowedSpecial: new Set() }))).toBeLessThanOrEqual(2 * pieces.length);
  }), { numRuns: 60 });
});

test('a text without long runs is one piece', () => {
  const prose = 'The invoice of March was paid late, and the customer asked why. '.repeat(100);
  expect(cutLongRuns(prose)).toEqual([prose]);
});
