/** From a provider of the AI SDK to one of the gateway: what each needs is checked when the configuration is read, not at the first call. */
import { TierConfig } from '../../../contracts/gateway';
import { InputError } from '../../../errors';
import { Provider } from '../upstream/upstream';
import { embeddingTranslator } from './bedrock-embedding';
import { Connection } from './connection';
import { EmbeddingModel, Fetch, LanguageModel } from './language-model';
import { TranslatedEndpoint, Translator, chatTranslator } from './translated-endpoint';

/** What the SDK's factory is given. */
export interface AiSdkSettings {
  readonly baseURL: string;
  readonly fetch: Fetch;
  /** '' where the provider needs none. */
  readonly region: string;
  readonly apiKey: string | undefined;
}

export interface AiSdkProvider {
  readonly name: string;
  readonly needs: readonly ('apiKey' | 'region')[];
  /** Where it is when the endpoint names no url. */
  readonly url: (region: string) => string;
  readonly chat: (settings: AiSdkSettings, model: string) => LanguageModel;
  /** @default it has none that is carried */
  readonly embedding?: (settings: AiSdkSettings, model: string) => EmbeddingModel;
}

export function aiSdkProvider(provider: AiSdkProvider): Provider {
  return (tier, endpoint, apiKey) => {
    for (const need of provider.needs) {
      if (need === 'apiKey' ? apiKey === undefined : endpoint.region === undefined) throw new InputError(`provider ${provider.name} needs ${need}: ${REMEDY[need]}.`);
    }
    const translator = translatorFor(provider, tier);
    // A header's error would quote the key.
    if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) throw new InputError('apiKey holds a space, a line end or another character that no header can carry: look for a line end at its end.');
    const url = new URL(endpoint.url ?? provider.url(endpoint.region ?? ''));
    if (url.username !== '' || url.password !== '') throw new InputError(`url holds a user or a password (host ${url.host}): leave them out and give the key as apiKey.`);
    const connection = new Connection(url, tier.timeouts.connectSeconds);
    const settings = { baseURL: url.href.replace(/\/$/, ''), fetch: connection.fetch, region: endpoint.region ?? '', apiKey };
    return new TranslatedEndpoint(`${provider.name} ${url.host}`, connection, translator(settings));
  };
}

const REMEDY = { apiKey: 'name the environment variable that holds it, as {"env": "..."}', region: 'such as us-east-1' };

function translatorFor({ name, chat, embedding }: AiSdkProvider, { kind, model }: TierConfig): (settings: AiSdkSettings) => Translator {
  if (kind === 'chat') return settings => chatTranslator(chat(settings, model));
  if (embedding) return settings => embeddingTranslator(embedding(settings, model));
  throw new InputError(`provider ${name} has no embeddings: give a tier of kind embedding the provider openai or bedrock.`);
}
