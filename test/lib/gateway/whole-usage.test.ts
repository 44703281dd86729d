/** What a whole reply used: the provider's word, else an estimate that is not free. */
import fc from 'fast-check';
import { usageOfWhole } from '../../../lib/gateway/whole-usage';

const reply = (parsed: Readonly<Record<string, unknown>>): Parameters<typeof usageOfWhole>[0] => ({ body: Buffer.from(JSON.stringify(parsed)), parsed });

test('as the provider reports it, with the service tier beside it', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 4 } };
  expect(usageOfWhole(reply({ usage, service_tier: 'flex' }), 99, 'chat')).toEqual({
    tokens: { input: 10, cacheRead: 4, cacheWrite: 0, output: 5, reasoning: 0 }, usage: 'provider', serviceTier: 'flex',
  });
});

test.each([['none', undefined], ['null', null], ['one that is no usage', { prompt_tokens: 'many' }]])('%s: estimated, the output by its length', (_, usage) => {
  const answer = reply({ choices: [{ message: { content: 'a'.repeat(300) } }], ...usage === undefined ? {} : { usage } });
  expect(usageOfWhole(answer, 99, 'chat')).toEqual({
    tokens: { input: 99, cacheRead: 0, cacheWrite: 0, output: Math.ceil(answer.body.length / 3), reasoning: 0 }, usage: 'estimated', serviceTier: undefined,
  });
  expect(usageOfWhole(answer, 99, 'embedding').tokens).toMatchObject({ input: 99, output: 0 });
});

test('whatever an upstream replies, the tokens are whole numbers, and never none of input without its word', () => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('usage', 'choices', 'service_tier'), fc.jsonValue()), fc.integer({ min: 1, max: 1e6 }), (parsed, estimate) => {
    const { tokens, usage } = usageOfWhole(reply(parsed), estimate, 'chat');
    expect(Object.values(tokens).every(count => Number.isSafeInteger(count) && count >= 0)).toBe(true);
    if (usage === 'estimated') expect(tokens.input).toBe(estimate);
  }));
});
