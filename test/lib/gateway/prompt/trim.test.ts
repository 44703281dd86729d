/** What may be cut out of a conversation, and that its prompts begin as the ones before them. */
import fc from 'fast-check';
import { Message, messagesOf } from '../../../../lib/gateway/conversation';
import { TokenCalibration } from '../../../../lib/gateway/estimate';
import { Fitted, fitPrompt } from '../../../../lib/gateway/prompt/fit-prompt';
import { PromptTokens } from '../../../../lib/gateway/prompt/prompt-tokens';
import { textsOf } from '../../../../lib/gateway/prompt/message-texts';
import { Refusal } from '../../../../lib/gateway/refusal';
import { bytesOf, callsOf, conversation, isWhole, quarters } from './conversations';

const fit = (messages: readonly Message[], maxInput: number): Fitted => {
  const body = { model: 'm', messages };
  return fitPrompt(body, bytesOf(body), { maxInput, trim: true }, new TokenCalibration(), quarters);
};
const tokensOf = (body: Readonly<Record<string, unknown>>): number => {
  const tokens = new PromptTokens(quarters);
  return tokens.ofRest(body) + tokens.ofAll(messagesOf(body));
};
/** Of the messages that came in, those that are left. */
const tracesOf = (messages: readonly Message[]): readonly unknown[] => messages.flatMap(({ trace }) => trace ?? []);

/** undefined: refused. */
function fitted(messages: readonly Message[], maxInput: number): Fitted | undefined {
  try {
    return fit(messages, maxInput);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return undefined;
  }
}

/** Each takes milliseconds: the messages are long. */
const RUNS = 120;
const limit = fc.integer({ min: 200, max: 12_000 });
/** Both kinds of outcome, and mostly a cut. */
const cases = fc.tuple(conversation, limit);
const check = (holds: (before: readonly Message[], after: readonly Message[], fitted: Fitted, maxInput: number) => void, seed?: number): void => {
  fc.assert(fc.property(cases, ([messages, maxInput]) => {
    const found = fitted(messages, maxInput);
    if (found !== undefined) holds(messages, messagesOf(found.body), found, maxInput);
  }), { numRuns: RUNS, ...seed === undefined ? {} : { seed } });
};

test('every tool result still follows the call it answers, and every call has its results', () => {
  check((_, after) => {
    after.forEach((message, i) => {
      if (message.role !== 'tool') return;
      const caller = after.slice(0, i).findLast(({ role }) => role !== 'tool')!;
      expect((caller.tool_calls as { id: string }[]).map(({ id }) => id)).toContain(message.tool_call_id);
    });
    const answered = after.flatMap(({ tool_call_id: id }) => id ?? []);
    expect(after.flatMap(({ tool_calls: calls }) => Array.isArray(calls) ? calls.map(({ id }) => id as unknown) : [])).toEqual(answered);
  });
});

test('user and assistant take turns as before: no two messages of either stand together that did not', () => {
  check((before, after) => {
    const twice = (messages: readonly Message[]): number =>
      messages.filter(({ role }) => role !== 'developer').filter(({ role }, i, all) => i > 0 && role !== 'tool' && role !== 'system' && role === all[i - 1]!.role).length;
    expect(twice(after)).toBeLessThanOrEqual(twice(before));
  });
});

test('instructions, the first message of the user and the last turn are kept, and the order is', () => {
  check((before, after) => {
    const traces = tracesOf(after);
    expect(traces).toEqual(tracesOf(before).filter(trace => traces.includes(trace)));
    const instructions = before.filter(({ role }) => role === 'system' || role === 'developer');
    expect(after.filter(({ role }) => role === 'system' || role === 'developer')).toEqual(instructions);
    const lastTurn = before.slice(before.findLastIndex(({ role }) => role === 'user'));
    for (const { trace } of [before.find(({ role }) => role === 'user')!, ...lastTurn]) expect(traces).toContain(trace);
  });
});

test('of a message only its texts change: all else of it, images and unknown fields, stays', () => {
  const known = (message: Message): object => ({ ...message, content: Array.isArray(message.content) ? message.content.map((part: object) => 'text' in part ? 'text' : part) : typeof message.content });
  check((before, after) => {
    for (const message of after) {
      if (message.trace === undefined) expect(message).toEqual({ role: 'assistant', content: expect.stringMatching(/^\[\d+ earlier messages? left out\.\]$/) });
      else expect(known(message)).toEqual(known(before.find(({ trace }) => trace === message.trace)!));
    }
  });
});

test('what is not mentioned as trimmed is not: leaving out turns alone changes no message', () => {
  let seen = 0;
  check((before, after, { trimmed }) => {
    if (trimmed?.by.join() !== 'turns') return;
    seen++;
    for (const message of after) if (message.trace !== undefined) expect(before).toContainEqual(message);
  }, 5);
  expect(seen).toBeGreaterThan(0);
});

test('the numbers are right: never more than before, never more than the limit, and whoever is refused is above it', () => {
  fc.assert(fc.property(cases, ([messages, maxInput]) => {
    const before = tokensOf({ messages });
    const found = fitted(messages, maxInput);
    if (found === undefined) {
      expect(before).toBeGreaterThan(maxInput);
      return;
    }
    const after = tokensOf(found.body);
    expect(after).toBeLessThanOrEqual(Math.min(before, maxInput));
    expect(found.bytes).toBe(bytesOf(found.body));
    expect(found.trimmed === null).toBe(after === before);
    if (found.trimmed !== null) expect(found.trimmed).toMatchObject({ before, after });
    if (before <= 0.9 * maxInput) expect(found.trimmed).toBeNull();
  }), { numRuns: RUNS });
});

test('nothing that came in is changed, and the same comes out each time', () => {
  fc.assert(fc.property(cases, ([messages, maxInput]) => {
    const copy = structuredClone(messages);
    expect(fitted(messages, maxInput)).toEqual(fitted(copy, maxInput));
    expect(messages).toEqual(copy);
  }), { numRuns: RUNS });
});

test('what was trimmed is not trimmed again while it is below 90%', () => {
  check((_, after, { trimmed }, maxInput) => {
    if (trimmed === null || trimmed.after > 0.9 * maxInput) return;
    expect(fit(after, maxInput).trimmed).toBeNull();
  });
});

test('half a character is never left', () => {
  check((_, after) => {
    for (const message of after) for (const text of textsOf(message)) if (text.includes('left out')) expect(isWhole(text)).toBe(true);
  });
});

/** Whether a prompt begins with all of another. */
const beginsWith = (prompt: readonly Message[], begin: readonly Message[]): boolean => JSON.stringify(prompt.slice(0, begin.length)) === JSON.stringify(begin);

/** Of the calls of a conversation how many do not begin as the one before. */
function cuts(messages: readonly Message[], maxInput: number): number {
  const prompts = callsOf(messages).map(call => messagesOf(fit(call, maxInput).body));
  return prompts.filter((prompt, i) => i > 0 && !beginsWith(prompt, prompts[i - 1]!)).length;
}

/** A growing chat: everything that has to stay is less than 60% of the limit. */
const length = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const chatTurn = fc.tuple(length(700), length(1200), fc.option(length(3000), { nil: undefined, freq: 3 }));
const chat = fc.tuple(fc.array(chatTurn, { minLength: 10, maxLength: 80 }), length(2000))
  .map(([turns, system]): readonly Message[] => [
    { role: 'system', content: 's'.repeat(system) },
    ...turns.flatMap(([asked, answered, output], i): Message[] => [
      { role: 'user', content: `${i} ${'u'.repeat(asked)}` },
      ...output === undefined ? [] : [
        { role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'f', arguments: '{}' } }] }, { role: 'tool', tool_call_id: `c${i}`, content: `${i} ${'o'.repeat(output)}` },
      ],
      { role: 'assistant', content: `${i} ${'a'.repeat(answered)}` },
    ]),
    { role: 'user', content: 'And now?' },
  ]);

test('a growing conversation is cut in big steps: between two cuts each prompt begins with the one before', () => {
  let most = 0;
  fc.assert(fc.property(chat, messages => {
    const maxInput = 4_000;
    const made = cuts(messages, maxInput);
    // From 60% to 90% again, each time.
    expect(made).toBeLessThanOrEqual(Math.ceil(tokensOf({ messages }) / (0.3 * maxInput)));
    most = Math.max(most, made);
  }), { numRuns: 40, seed: 5 });
  expect(most).toBeGreaterThan(2);
});

test('an agent at one task: its old outputs make room, in big steps too', () => {
  const messages: Message[] = [{ role: 'system', content: 'You keep the build green.' }, { role: 'user', content: 'The build is red. Find out why, and mend it.' }];
  for (let i = 0; i < 60; i++) {
    messages.push({ role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'run', arguments: `{"command":"npm test -- part-${i}"}` } }] });
    messages.push({ role: 'tool', tool_call_id: `c${i}`, content: Array.from({ length: 90 }, (_, line) => `part-${i} line ${line}: expected 200, got ${500 + line}`).join('\n') });
  }
  expect(tokensOf({ messages })).toBeGreaterThan(50_000);
  expect(cuts(messages, 16_000)).toBeLessThanOrEqual(6);
  const { body, trimmed } = fit(messages, 16_000);
  expect(trimmed!.by).toEqual(['tool-outputs']);
  // What the model has yet to see is whole.
  expect(messagesOf(body).at(-1)).toEqual(messages.at(-1));
});
