/** The AI SDK's types as its providers give them: `@ai-sdk/provider` comes in two versions beneath them and is no dependency of ours. */
import type { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import type { AnthropicProvider, createAnthropic } from '@ai-sdk/anthropic';

export type LanguageModel = ReturnType<AnthropicProvider>;
export type CallOptions = Parameters<LanguageModel['doGenerate']>[0];
export type GenerateResult = Awaited<ReturnType<LanguageModel['doGenerate']>>;
type StreamResult = Awaited<ReturnType<LanguageModel['doStream']>>;
export type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never;
export type FinishPart = Extract<StreamPart, { type: 'finish' }>;
export type Usage = GenerateResult['usage'];
export type FinishReason = GenerateResult['finishReason'];

export type PromptMessage = CallOptions['prompt'][number];
type Content<Role extends PromptMessage['role']> = Extract<PromptMessage, { role: Role }>['content'];
export type UserPart = Exclude<Content<'user'>, string>[number];
export type AssistantPart = Exclude<Content<'assistant'>, string>[number];
export type FunctionTool = Extract<NonNullable<CallOptions['tools']>[number], { type: 'function' }>;
export type JsonSchema = FunctionTool['inputSchema'];

export type EmbeddingModel = ReturnType<ReturnType<typeof createAmazonBedrock>['embeddingModel']>;

export type Fetch = NonNullable<NonNullable<Parameters<typeof createAnthropic>[0]>['fetch']>;
