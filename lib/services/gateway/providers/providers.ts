/** Every provider a tier can name. One more of the AI SDK is one more entry here; what speaks OpenAI's API is `openai` and passes through. */
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createAnthropic } from '@ai-sdk/anthropic';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { InputError } from '../../../errors';
import { openAiEndpoint } from '../upstream/open-ai-endpoint';
import { Provider } from '../upstream/upstream';
import { AiSdkSettings, aiSdkProvider } from './ai-sdk-provider';

/** The chain of the process, which remembers what it found until shortly before that expires. */
const credentialProvider = fromNodeProviderChain();

const bedrock = (settings: AiSdkSettings) => createAmazonBedrock({ ...settings, credentialProvider });

export const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: openAiEndpoint,
  anthropic: aiSdkProvider({
    name: 'anthropic', needs: ['apiKey'], url: () => 'https://api.anthropic.com/v1',
    chat: (settings, model) => createAnthropic(settings)(model),
  }),
  bedrock: aiSdkProvider({
    name: 'bedrock', needs: ['region'], url: region => `https://bedrock-runtime.${region}.amazonaws.com`,
    chat: (settings, model) => bedrock(settings)(model),
    embedding: (settings, model) => bedrock(settings).embeddingModel(model),
  }),
};

export function providerNamed(name: string, place: string): Provider {
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider) return provider;
  throw new InputError(`${place} is ${JSON.stringify(name)}: no such provider. Known are ${Object.keys(PROVIDERS).join(', ')}; an endpoint that speaks OpenAI's API is openai.`);
}
