import { InputError } from '../../../../../lib/errors';
import { PROVIDERS, providerNamed } from '../../../../../lib/services/gateway/providers/providers';
import { endpoint, tier } from './asking';

test('a provider that nobody knows is refused with those that are known', () => {
  expect(() => providerNamed('azure', 'tiers.0.provider')).toThrow(new InputError('tiers.0.provider is "azure": no such provider. Known are openai, anthropic, bedrock; an endpoint that speaks OpenAI\'s API is openai.'));
  expect(() => providerNamed('constructor', 'p')).toThrow(InputError);
  expect(providerNamed('anthropic', 'p')).toBe(PROVIDERS.anthropic);
});

test.each([
  ['provider anthropic needs apiKey', () => endpoint(tier('anthropic', 'claude'), {})],
  ['provider bedrock needs region', () => endpoint(tier('bedrock', 'nova'), { url: 'http://x' }, 'k')],
  ['provider anthropic has no embeddings', () => endpoint(tier('anthropic', 'claude', 'embedding'), {}, 'k')],
  ['apiKey holds a space, a line end', () => endpoint(tier('anthropic', 'claude'), {}, 'sk-secret\n')],
  ['url holds a user or a password (host x)', () => endpoint(tier('anthropic', 'claude'), { url: 'http://u:sk-secret@x/v1' }, 'k')],
])('%s', (start, make) => {
  let message = '';
  try {
    make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    message = error.message;
  }
  expect(message.startsWith(start)).toBe(true);
  expect(message).not.toContain('sk-secret');
});

test('without a url it is the provider\'s own; a name holds no secret', async () => {
  const own = [endpoint(tier('anthropic', 'claude'), {}, 'sk-secret'), endpoint(tier('bedrock', 'nova'), { region: 'eu-west-1' }, 'sk-secret')];
  expect(own.map(({ name }) => name)).toEqual(['anthropic api.anthropic.com', 'bedrock bedrock-runtime.eu-west-1.amazonaws.com']);
  await Promise.all(own.map(each => each.close()));
});
