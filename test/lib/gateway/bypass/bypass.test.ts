/** Rules that answer a single question without a model: which one, with what, and when none. */
import fc from 'fast-check';
import { BypassRule, bypassRuleSchema } from '../../../../lib/contracts/gateway-route';
import { Bypass, BypassAnswer, Question } from '../../../../lib/gateway/bypass/bypass';
import { bypassProblems } from '../../../../lib/gateway/bypass/bypass-problems';
import { CallBody } from '../../../../lib/gateway/request-body';

const lookup = { kind: 'lookup', id: 'hours', answers: { 'What are your opening hours?': 'From 9 to 17.', 'Are you  open\ntoday?': 'On workdays.' } };
const template = { kind: 'template', id: 'reset', text: 'How do I reset {product}?', answer: 'Hold the button of {product} for 5 s.' };
const regex = { kind: 'regex', id: 'order', pattern: '(?:where is|track) order (?<number>\\d+)(?: of (\\d{4}))?\\??', flags: 'i', answer: 'Order $<number> ($2) is on its way; it costs $$5.' };

const asking = (text: string, rest: Readonly<Record<string, unknown>> = {}): CallBody => ({ model: 'auto', messages: [{ role: 'user', content: text }], ...rest });

interface Setup {
  readonly asked: Question[];
  answer(text: string, rest?: Readonly<Record<string, unknown>>): Promise<BypassAnswer | undefined>;
}

function given(rules: readonly object[], functionSays: (question: Question) => string | undefined = () => undefined): Setup {
  const parsed: BypassRule[] = rules.map(rule => bypassRuleSchema.parse(rule));
  expect(bypassProblems(parsed, 'bypass')).toEqual([]);
  const asked: Question[] = [];
  const bypass = new Bypass(parsed, {
    seconds: () => 1_790_000_000,
    open: () => question => {
      asked.push(question);
      return Promise.resolve(functionSays(question));
    },
  });
  return { asked, answer: (text, rest) => bypass.answer({ request: 'req-1', workflow: 'support', tenant: 'acme', run: null, body: asking(text, rest) }) };
}

type Rest = Readonly<Record<string, unknown>>;
const contentOf = async (rules: readonly object[], text: string, rest?: Rest): Promise<string | undefined> => (await given(rules).answer(text, rest))?.content;

describe('a lookup', () => {
  test('answers the very text, whatever its white space, with the rule and the time', async () => {
    expect(await given([lookup]).answer(' What are  your\nopening hours? ')).toEqual({ rule: 'hours', content: 'From 9 to 17.', at: 1_790_000_000 });
    expect(await contentOf([lookup], 'Are you open today?')).toBe('On workdays.');
  });

  test.each(['what are your opening hours?', 'What are your opening hours', 'What are your openinghours?', '__proto__', 'constructor'])('leaves %s', async text => {
    expect(await contentOf([lookup], text)).toBeUndefined();
  });

  test('does not look through a text that is mostly white space', async () => {
    expect(await contentOf([lookup], `What are${' '.repeat(1_900)}your opening hours?`)).toBe('From 9 to 17.');
    expect(await contentOf([lookup], `What are${' '.repeat(2_100)}your opening hours?`)).toBeUndefined();
  });
});

describe('a template', () => {
  test('answers with its slots', async () => {
    expect(await contentOf([template], 'How do I reset the X-200 router?')).toBe('Hold the button of the X-200 router for 5 s.');
  });

  test('leaves a question that asks for more', async () => {
    expect(await contentOf([template], 'How do I reset it? It is broken. Can I have my money back?')).toBeUndefined();
  });

  test('takes what the question has as it is, signs of replacement too', async () => {
    expect(await contentOf([template], 'How do I reset $& {product} $1?')).toBe('Hold the button of $& {product} $1 for 5 s.');
  });
});

describe('a regular expression', () => {
  test('answers the whole text with its groups, by number and by name', async () => {
    expect(await contentOf([regex], 'Where is order 4711 of 2026?')).toBe('Order 4711 (2026) is on its way; it costs $5.');
    expect(await contentOf([regex], 'track order 7')).toBe('Order 7 () is on its way; it costs $5.');
  });

  test('is not content with a part of the text, nor with a line of it', async () => {
    expect(await contentOf([regex], 'Where is order 4711? And my refund?')).toBeUndefined();
    const lines = { ...regex, pattern: '^hello$', flags: 'im', answer: 'Hello.' };
    expect(await contentOf([lines], 'Hello')).toBe('Hello.');
    expect(await contentOf([lines], 'Hello\nignore that')).toBeUndefined();
    expect(await contentOf([{ ...regex, pattern: 'a|ab', answer: 'Yes.' }], 'ab')).toBe('Yes.');
    expect(await contentOf([{ ...regex, pattern: 'a|b', answer: 'Yes.' }], 'ab')).toBeUndefined();
  });

  test('an empty answer is none', async () => {
    expect(await contentOf([{ ...regex, pattern: 'echo(.*)', answer: '$1' }], 'echo')).toBeUndefined();
  });
});

test('longer texts than 2,000 characters are for no template and no pattern', async () => {
  const any = { kind: 'regex', id: 'any', pattern: 'x+', answer: 'Yes.' };
  expect(await contentOf([any], 'x'.repeat(2_000))).toBe('Yes.');
  expect(await contentOf([any], 'x'.repeat(2_001))).toBeUndefined();
});

describe('a function', () => {
  const rule = { kind: 'function', id: 'faq', url: 'http://faq.internal/answer' };

  test('is sent who asks what, and its answer is the call\'s', async () => {
    const setup = given([rule], () => 'On the 3rd.');
    expect(await setup.answer('When do you bill?')).toMatchObject({ rule: 'faq', content: 'On the 3rd.' });
    expect(setup.asked).toEqual([{ request: 'req-1', workflow: 'support', tenant: 'acme', run: null, messages: [{ role: 'user', content: 'When do you bill?' }] }]);
  });

  test('is asked only where the text has its pattern, and never for a longer one then', async () => {
    const setup = given([{ ...rule, pattern: '\\bbill', flags: 'i' }], () => 'On the 3rd.');
    expect(await setup.answer('Your BILLING, please')).toBeDefined();
    expect(await setup.answer('Your prices, please')).toBeUndefined();
    expect(await setup.answer(`bill ${'x'.repeat(2_000)}`)).toBeUndefined();
    expect(setup.asked).toHaveLength(1);
  });

  test('is asked for a long text where it has no pattern', async () => {
    expect(await given([rule], () => 'Yes.').answer('x'.repeat(50_000))).toBeDefined();
  });

  test('leaves the call to the rules after it', async () => {
    expect(await given([rule, lookup]).answer('Are you open today?')).toMatchObject({ rule: 'hours' });
  });
});

test('the first rule that answers wins, and the ones after it are not asked', async () => {
  const setup = given([{ ...template, id: 'first' }, { kind: 'function', id: 'faq', url: 'http://faq.internal/' }, { ...template, id: 'third' }], () => 'From the function.');
  expect(await setup.answer('How do I reset it?')).toMatchObject({ rule: 'first' });
  expect(setup.asked).toEqual([]);
  expect(await setup.answer('How do I restart it?')).toMatchObject({ rule: 'faq' });
});

describe('a call that only a model can answer', () => {
  const everything = { kind: 'regex', id: 'any', pattern: '[^]*', answer: 'Yes.' };
  const user = { role: 'user', content: 'Hello' };

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['with tools', { tools: [{ type: 'function', function: { name: 'search' } }] }],
    ['with an answer before', { messages: [user, { role: 'assistant', content: 'Hello.' }, user] }],
    ['with two messages of the user', { messages: [user, user] }],
    ['with an image', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }] }],
    ['for several answers', { n: 2 }],
    ['for an odd number of answers', { n: '1' }],
  ])('%s', async (_, rest) => {
    expect(await contentOf([everything], 'Hello', rest)).toBeUndefined();
  });

  test('one is answered with instructions, and where it asks for one answer', async () => {
    expect(await contentOf([everything], 'Hello', { messages: [{ role: 'system', content: 'Be brief.' }, user] })).toBe('Yes.');
    expect(await contentOf([everything], 'Hello', { n: 1 })).toBe('Yes.');
    expect(await contentOf([everything], 'Hello', { n: null, tools: [] })).toBe('Yes.');
  });
});

describe('a call that asks for JSON', () => {
  const json = { response_format: { type: 'json_object' } };
  const city = { kind: 'template', id: 'city', text: 'City: {city}', answer: '{"city": "{city}", "source": "rule"}' };

  test('is answered by JSON only', async () => {
    expect(await contentOf([template], 'How do I reset it?', json)).toBeUndefined();
    expect(await contentOf([template, { ...template, id: 'json', answer: '{"steps": ["Hold {product}"]}' }], 'How do I reset it?', json)).toBe('{"steps": ["Hold it"]}');
    expect(await contentOf([template], 'How do I reset it?', { response_format: { type: 'text' } })).toBeDefined();
    expect(await contentOf([template], 'How do I reset it?', { response_format: null })).toBeDefined();
  });

  test('gets no fields that its question smuggles in', async () => {
    const content = await contentOf([city], 'City: Bern", "admin": "yes', json);
    expect(JSON.parse(content!)).toEqual({ city: 'Bern", "admin": "yes', source: 'rule' });
  });

  test('any text in a slot comes back as it was', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ minLength: 1, maxLength: 100, unit: 'binary' }).filter(text => text.trim() === text && !/[\r\n\u2028\u2029?!\u3002\uFF01\uFF1F\u061F]|\.\s/.test(text) && text.split(/\s+/).length <= 8), async text => {
      expect(JSON.parse((await contentOf([city], `City: ${text}`, json))!)).toEqual({ city: text, source: 'rule' });
    }));
  });
});

test('no text makes it throw, and none has an answer of its own', async () => {
  const setup = given([lookup, template, { kind: 'template', id: 'fares', text: '{from} to {to} via {by}', answer: '{by}: {from}, {to}' }, regex]);
  const text = fc.oneof(fc.string({ maxLength: 3_000, unit: 'binary' }), fc.constantFrom('a to '.repeat(600), 'How do I reset ?', '{from} to {to} via {by}', 'track order '));
  await fc.assert(fc.asyncProperty(text, async asked => {
    const answer = await setup.answer(asked);
    expect(answer === undefined || answer.content.length > 0).toBe(true);
  }));
});
