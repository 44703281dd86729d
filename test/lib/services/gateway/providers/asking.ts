/** Endpoints as a configuration makes them, and calls to them taken to their end. */
import { EndpointConfig, TierConfig, tierSchema } from '../../../../../lib/contracts/gateway';
import { PROVIDERS } from '../../../../../lib/services/gateway/providers/providers';
import { Endpoint, OpenAiBody, UpstreamCall, UpstreamError, UpstreamEvents, UpstreamHead, UpstreamRequest } from '../../../../../lib/services/gateway/upstream/upstream';

export function tier(provider: string, model: string, kind: TierConfig['kind'] = 'chat'): TierConfig {
  return tierSchema.parse({ id: 't', kind, provider, model, endpoints: [{}], price: { usdPerMillionTokens: { input: 1, output: 2 }, source: 'test' } });
}

export function endpoint(of: TierConfig, config: EndpointConfig, apiKey?: string): Endpoint {
  return PROVIDERS[of.provider]!(of, config, apiKey);
}

export interface Told {
  head: UpstreamHead | undefined;
  text: string;
  error: UpstreamError | undefined;
  /** In order, to see that nothing follows an end. */
  readonly events: string[];
}

export const request = (body: Record<string, unknown>, path: UpstreamRequest['path'] = '/chat/completions'): UpstreamRequest => ({ id: 'req-1', path, body: { model: 'm', ...body } satisfies OpenAiBody });

/** `during` is told of each piece while the call runs. */
export function ask(of: Endpoint, asked: UpstreamRequest, during: (call: UpstreamCall, told: Told) => void = () => undefined): Promise<Told> {
  return new Promise(resolve => {
    const told: Told = { head: undefined, text: '', error: undefined, events: [] };
    const note = (event: string): void => { told.events.push(event); };
    const events: UpstreamEvents = {
      head: head => { note('head'); told.head = head; },
      data: chunk => { note('data'); told.text += chunk.toString('utf8'); during(call, told); },
      end: () => { note('end'); setImmediate(() => { resolve(told); }); },
      error: error => { note('error'); told.error = error; setImmediate(() => { resolve(told); }); },
    };
    const call = of.call(asked, events);
  });
}

/** Its moment is the only thing in an answer that is not known beforehand. */
export const timeless = (text: string): string => text.replaceAll(/"created":\d{10}(?=,)/g, '"created":0');

/** The text of a stream that holds these chunks. */
export const stream = (...chunks: readonly object[]): string => [...chunks.map(chunk => JSON.stringify(chunk)), '[DONE]'].map(data => `data: ${data}\n\n`).join('');
