/** Long outputs of tools, cut in the middle. */
import fc from 'fast-check';
import { cutInTheMiddle, cutToolOutput } from '../../../../lib/gateway/prompt/tool-outputs';
import { isWhole } from './conversations';

test('the mark says how much is missing', () => {
  const cut = cutInTheMiddle(`${'a'.repeat(600)}${'b'.repeat(600)}`, 200);
  expect(cut).toBe(`${'a'.repeat(100)}\n[... 1000 characters left out ...]\n${'b'.repeat(100)}`);
});

test('what is hardly too long stays', () => {
  expect(cutInTheMiddle('a'.repeat(399), 200)).toBe('a'.repeat(399));
});

test('the parts of an output are cut each, and its call stays', () => {
  const message = { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'x'.repeat(500), cache: true }, { type: 'text', text: 'short' }] };
  expect(cutToolOutput(message, 200)).toEqual({ role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: `${'x'.repeat(100)}\n[... 300 characters left out ...]\n${'x'.repeat(100)}`, cache: true }, { type: 'text', text: 'short' }] });
});

test('begin and end are the output\'s own, no character is halved, and the number is right', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('a', '😀', 'é', '\n'), { minLength: 300, maxLength: 900 }), fc.integer({ min: 10, max: 80 }), (characters, half) => {
    const text = characters.join('');
    const cut = cutInTheMiddle(text, 2 * half);
    if (cut === text) return;
    const [, head, left, tail] = /^([^]*)\n\[\.\.\. (\d+) characters left out \.\.\.\]\n([^]*)$/.exec(cut)!;
    expect(text.startsWith(head!) && text.endsWith(tail!)).toBe(true);
    expect(head!.length + Number(left) + tail!.length).toBe(text.length);
    expect(isWhole(cut)).toBe(true);
    expect(cut.length).toBeLessThan(text.length);
  }));
});
