/** An endpoint around a model of the AI SDK: OpenAI's request goes in, OpenAI's bytes come out. Retries and time-outs are the gateway's. */
import { Endpoint, UpstreamCall, UpstreamError, UpstreamEvents, UpstreamRequest } from '../upstream/upstream';
import { Connection } from './connection';
import { fromOpenAi } from './from-open-ai';
import { LanguageModel } from './language-model';
import { ToChunks } from './to-chunks';
import { Envelope, toCompletion } from './to-open-ai';
import { TranslatedCall } from './translated-call';

const ENDED_EARLY = 'the stream ended before its message did';

export type Translator = (request: UpstreamRequest, events: UpstreamEvents) => UpstreamCall;

export function chatTranslator(model: LanguageModel): Translator {
  return (request, events) => {
    const call = new TranslatedCall(events);
    return call.start(() => request.body.stream === true ? stream(model, request, call) : generate(model, request, call));
  };
}

export class TranslatedEndpoint implements Endpoint {
  public constructor(public readonly name: string, private readonly connection: Connection, public readonly call: Translator) {}

  public reachable(deadlineMs: number): Promise<void> {
    return this.connection.reachable(deadlineMs);
  }

  public close(): Promise<void> {
    return this.connection.close();
  }
}

async function generate(model: LanguageModel, request: UpstreamRequest, call: TranslatedCall): Promise<void> {
  call.whole(toCompletion(await model.doGenerate(optionsOf(request, call)), envelopeOf(request)));
}

async function stream(model: LanguageModel, request: UpstreamRequest, call: TranslatedCall): Promise<void> {
  const { stream: parts } = await model.doStream(optionsOf(request, call));
  const toChunks = new ToChunks(envelopeOf(request));
  const reader = parts.getReader();
  for (;;) {
    while (call.flowing) await call.flowing;
    const { done, value: part } = await reader.read();
    if (call.ended) return;
    if (done) throw new UpstreamError('reply', ENDED_EARLY);
    if (part.type === 'error') throw part.error;
    // At a broken stream the SDK makes up an end, which has no reason of the provider's.
    if (part.type === 'finish' && part.finishReason.raw === undefined) throw new UpstreamError('reply', ENDED_EARLY);
    for (const chunk of toChunks.take(part)) call.event(chunk);
    if (part.type === 'finish') return call.done();
  }
}

function optionsOf(request: UpstreamRequest, call: TranslatedCall): Parameters<LanguageModel['doGenerate']>[0] {
  return { ...fromOpenAi(request.body), abortSignal: call.signal, headers: { 'x-request-id': request.id } };
}

function envelopeOf(request: UpstreamRequest): Envelope {
  return { id: `chatcmpl-${request.id}`, created: Math.floor(Date.now() / 1000), model: request.body.model };
}
