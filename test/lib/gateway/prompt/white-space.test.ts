/** White space that says nothing goes; code, JSON, tables and Markdown stay to the character. */
import fc from 'fast-check';
import { withoutExtraSpace } from '../../../../lib/gateway/prompt/white-space';

test.each([
  ['runs of spaces within prose', 'The  order   is late. ', 'The order is late.'],
  ['blank lines', 'First.\n\n\n\nSecond.\n \n\nThird.', 'First.\n\nSecond.\n\nThird.'],
  ['line ends of Windows', 'One.  Two. \r\n\r\n\r\n\r\nThree.', 'One. Two.\r\n\r\nThree.'],
  ['a heading and an item keep what follows their mark', '-   one  two\n\n1.  three  four\n\n##  five  six', '-   one two\n\n1.  three four\n\n##  five six'],
])('%s', (_, before, after) => {
  expect(withoutExtraSpace(before)).toBe(after);
});

test.each([
  ['fenced code', '```python\ndef f(a,  b):\n\n\n\n    return a  + b   \n```'],
  ['code in tildes that is never closed', '~~~\nx  =  1\n\n\n\ny  =  2'],
  ['code without a fence', 'def f(a):\n    x  =  a\n\n\n    return x'],
  ['a diff', ' unchanged\n-    old  line\n\n\n     context'],
  ['strings and inline code', 'He typed "a  b" and `c  d` and it\'s  so'],
  ['JSON', '{"text": "a  b",\n\n\n\n "list": [1,   2]}'],
  ['a table', '| plan   | price  |\n|--------|--------|\n| basic  | 10     |'],
  ['columns', 'NAME    READY   STATUS\napi-0   1/1     Running\napi-1   0/1     Pending'],
  ['a line break of Markdown', 'Rose Street 1  \nAlbany'],
  ['HTML as it is written', '<pre>a  b</pre>'],
])('%s stays', (_, text) => {
  expect(withoutExtraSpace(text)).toBe(text);
});

test('JSON within a prompt stays to the character, and the prose around it does not', () => {
  const json = '{\n  "items": [\n    { "id": 1,\n\n\n      "name": "a   b" }\n  ]\n}';
  expect(withoutExtraSpace(`Sum  these  up: \n\n\n\n${json}\n\n\n\nIn  one  line.`)).toBe(`Sum these up:\n\n${json}\n\nIn one line.`);
});

const piece = fc.constantFrom('word', 'Word.', ' ', '  ', '   ', '\n', '\n\n\n', '\t', '    ', '"', '{', '}', '[1]', '```', '| ', '- ', '\r\n', 'é', '😀');

test('no character but white space ever goes, and no text gets longer', () => {
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
    const text = pieces.join('');
    const after = withoutExtraSpace(text);
    expect(after.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    // Words stay apart where they were.
    expect(after.trim().split(/\s+/)).toEqual(text.trim().split(/\s+/));
    expect(after.length).toBeLessThanOrEqual(text.length);
  }), { numRuns: 500 });
});

test('what stands between fences is kept, whatever it is', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('a', '  ', '\n', '\n\n\n', '{', '"', '\t'), { maxLength: 40 }), pieces => {
    const code = `\`\`\`\n${pieces.join('')}\n\`\`\``;
    expect(withoutExtraSpace(`Look  here: \n\n\n${code}\n\n\nThanks.`)).toBe(`Look here:\n\n${code}\n\nThanks.`);
  }));
});
