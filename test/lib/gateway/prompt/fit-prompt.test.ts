/** Whatever is left out, what stays is a conversation that a model accepts, says what it is about, and fits. */
import fc from 'fast-check';
import { TokenLimits } from '../../../../lib/contracts/gateway-route';
import { Message, messagesOf } from '../../../../lib/gateway/conversation';
import { TokenCalibration } from '../../../../lib/gateway/estimate';
import { Fitted, fitPrompt } from '../../../../lib/gateway/prompt/fit-prompt';
import { PromptTokens } from '../../../../lib/gateway/prompt/prompt-tokens';
import { Refusal } from '../../../../lib/gateway/refusal';
import { tokenCounter } from '../../../../lib/services/gateway/token-counter/token-counter';
import { conversation, count, grammarOf } from './conversations';

const bodyOf = (messages: readonly Message[], more: object = {}) => ({ model: 'm', messages, ...more });
const fit = (messages: readonly Message[], maxInput: number, more: Partial<TokenLimits> = {}, counter = count): Fitted => {
  const body = bodyOf(messages);
  return fitPrompt(body, JSON.stringify(body).length, { maxInput, trim: true, ...more }, new TokenCalibration(), counter);
};
const sizeOf = (messages: readonly Message[]): number => new PromptTokens(count).ofBody(bodyOf(messages));
const fitted = (messages: readonly Message[], maxInput: number): readonly Message[] | 'refused' => {
  try {
    return messagesOf(fit(messages, maxInput).body);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return 'refused';
  }
};
const turns = (number: number, words = 40): Message[] => Array.from({ length: number }, (_, i): Message[] => [
  { role: 'user', content: `Question ${i}: ${'what happened on the line '.repeat(words / 5)}?` }, { role: 'assistant', content: `Answer ${i}: ${'sleepers were worn at kilometre nine '.repeat(words / 6)}.` },
]).flat();

test('whatever the conversation and the limit: grammar, instructions, task and question stay, in order, within the limit or refused', () => {
  fc.assert(fc.property(conversation, fc.integer({ min: 50, max: 6000 }), (messages, maxInput) => {
    const left = fitted(messages, maxInput);
    if (left === 'refused') return void expect(sizeOf(messages)).toBeGreaterThan(0.9 * maxInput);
    expect(grammarOf(messages)).toBeUndefined();
    expect(grammarOf(left)).toBeUndefined();
    expect(sizeOf(left)).toBeLessThanOrEqual(Math.max(maxInput, 0));
    expect(left.filter(({ role }) => role === 'system')).toEqual(messages.filter(({ role }) => role === 'system'));
    const users = messages.filter(({ role }) => role === 'user');
    const usersLeft = left.filter(({ role }) => role === 'user');
    const shape = (message: Message): unknown => ({ ...message, content: undefined });
    expect([shape(usersLeft[0]!), shape(usersLeft.at(-1)!)]).toEqual([shape(users[0]!), shape(users.at(-1)!)]);
    // What is left is a part of what came, in its order, and but for texts as it came.
    let at = 0;
    for (const message of left) {
      at = messages.findIndex((each, i) => i >= at && JSON.stringify(shape(each)) === JSON.stringify(shape(message))) + 1;
      expect(at).toBeGreaterThan(0);
    }
  }), { numRuns: 300 });
});

test('trimming never makes it longer, and once is enough', () => {
  fc.assert(fc.property(conversation, fc.integer({ min: 200, max: 6000 }), (messages, maxInput) => {
    const left = fitted(messages, maxInput);
    if (left === 'refused') return;
    expect(JSON.stringify(left).length).toBeLessThanOrEqual(JSON.stringify(messages).length);
    if (sizeOf(left) <= 0.9 * maxInput) expect(fitted(left, maxInput)).toEqual(left);
  }), { numRuns: 200 });
});

test('while a conversation grows its beginning changes seldom, and stays as it was in between', () => {
  const all = turns(80);
  const maxInput = 2_000;
  let [before, cuts] = [[] as readonly Message[], 0];
  for (let length = 1; length <= all.length; length += 2) {
    const left = fitted(all.slice(0, length), maxInput) as readonly Message[];
    const kept = JSON.stringify(left.slice(0, before.length)) === JSON.stringify(before);
    if (!kept) {
      cuts++;
      expect(sizeOf(left)).toBeLessThanOrEqual(0.61 * maxInput + 100);
    }
    before = left;
  }
  // All of it is 80 turns of 130 tokens: each cut makes room for 600.
  expect(cuts).toBeGreaterThan(5);
  expect(cuts).toBeLessThanOrEqual(80 * 130 / 600 + 1);
});

test('what is far below its limit is not even counted', () => {
  const never = (): number => { throw new Error('counted'); };
  const result = fit(turns(3), 5_000, {}, never);
  expect(result).toMatchObject({ trimmed: null });
  expect(() => fit(turns(60), 5_000, {}, never)).toThrow('counted');
});

test('what is near its limit goes as it came, to the object', () => {
  const body = bodyOf(turns(10));
  const before = new PromptTokens(count).ofBody(body);
  expect(fitPrompt(body, JSON.stringify(body).length, { maxInput: Math.ceil(before / 0.89), trim: true }, new TokenCalibration(), count).body).toBe(body);
});

test('what cannot be made to fit is refused with the numbers', () => {
  const long: Message[] = [{ role: 'user', content: 'word '.repeat(2_000) }];
  expect(() => fit(long, 1_000)).toThrow(/2507 tokens.*2507 with all left out.*allows 1000.*tokenLimits\.maxInput/);
  expect(() => fit([...turns(40), ...long], 1_000, { trim: false })).toThrow(/has \d{4} tokens; its route allows 1000/);
  expect(fit(turns(9), 1_300, { trim: false }).trimmed).toBeNull();
});

test('images and descriptions of tools count', () => {
  const image: Message = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] };
  expect(() => fit([image], 4_000)).toThrow(/50\d\d tokens/);
  const body = bodyOf([{ role: 'user', content: 'Hello' }], { tools: [{ type: 'function', function: { name: 'f', description: 'd'.repeat(8_000) } }] });
  expect(() => fitPrompt(body, JSON.stringify(body).length, { maxInput: 1_000, trim: true }, new TokenCalibration(), count)).toThrow(/20\d\d tokens/);
});

describe('the mildest step that is enough', () => {
  const CHUNK = 'The northern line was inspected on 4 May by the foreman, who found nine worn sleepers between kilometres two and five and had three of them replaced the same day; the others wait for the autumn, when the line is closed.';
  test.each<[string, readonly Message[], readonly string[]]>([
    ['white space', [{ role: 'user', content: `a${' '.repeat(3_000)}b${'\n'.repeat(900)}c` }], ['whitespace']],
    ['the same message again', [
      { role: 'user', content: 'Begin.' }, ...Array.from({ length: 5 }, (): Message[] => [{ role: 'user', content: 'Summarise this one for the board of the railway, please. '.repeat(12).trim() }, { role: 'assistant', content: 'Done.' }]).flat(), { role: 'user', content: 'Thanks' },
    ], ['duplicate-messages']],
    ['chunks found again', Array.from({ length: 16 }, (_, i): Message[] => [{ role: 'user', content: `${CHUNK}\n\nQuestion ${i}: what was found?` }, { role: 'assistant', content: `Nine, as of question ${i}.` }]).flat().slice(0, -1), ['duplicate-chunks']],
    ['a tool\'s long output', [
      { role: 'user', content: 'Look.' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: Array.from({ length: 900 }, (_, i) => `row ${i * 7919 % 997}`).join('\n') },
    ], ['tool-outputs']],
    ['the oldest turns', turns(14), ['turns']],
  ])('%s', (_, messages, by) => {
    const { trimmed, body } = fit(messages, Math.floor(sizeOf(messages) / 0.95));
    expect(trimmed).toMatchObject({ before: sizeOf(messages), by });
    expect(trimmed!.after).toBe(sizeOf(messagesOf(body)));
  });
});

test('an agent\'s rounds are left out with their calls, the last one stays', () => {
  const rounds = Array.from({ length: 12 }, (_, i): Message[] => [
    { role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'look', arguments: `{"page":${i}}` } }] },
    { role: 'tool', tool_call_id: `c${i}`, content: `Page ${i} of the register: ${'an entry of the register, '.repeat(20)}` },
  ]).flat();
  const left = fitted([{ role: 'user', content: 'Read the register.' }, ...rounds], 1_500) as readonly Message[];
  expect(grammarOf(left)).toBeUndefined();
  expect(left[0]).toEqual({ role: 'user', content: 'Read the register.' });
  expect(left.slice(-2)).toEqual(rounds.slice(-2));
  expect(left.length).toBeLessThan(25);
});

test('the exact counter', () => {
  const exact = tokenCounter();
  // As OpenAI's own tokenizer has it for o200k.
  expect(exact('hello world')).toBe(2);
  expect(exact('a <|endoftext|> b')).toBeGreaterThan(3);
  expect(exact('a'.repeat(100_000))).toBe(12_500);
  expect(() => fit([{ role: 'user', content: ' '.repeat(100_000) + 'x'.repeat(50_000) }], 2_000, {}, exact)).toThrow(Refusal);
});
