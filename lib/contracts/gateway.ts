/**
 * What the gateway is told: one JSON document, read at the start and again whenever it changes. It is taken whole or not at
 * all. Secrets never stand in it: it names where they are.
 */
import { z } from 'zod';
import { priceOverrideSchema, revenueSchema } from './declaration';
import { routeSchema, secretSchema } from './gateway-route';

const text = z.string().min(1);
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores, at most 63');
const positive = z.number().positive();
const count = z.number().int().positive();
/** Timers of Node run at once when told to wait for more than 24 days; nothing here waits for more than an hour. */
const seconds = z.number().positive().max(3600);

const endpointSchema = z.strictObject({
  /** Base URL up to and without `/chat/completions`, such as http://vllm:8000/v1. @default the provider's own, where it has one */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** AWS region, for Bedrock. */
  region: text.optional(),
  /** @default no key is sent; Bedrock signs with the credentials of the process */
  apiKey: secretSchema.optional(),
});

const ANOTHER_UNIT = 'USD per million tokens; this looks like another unit';
/** Below a hundredth of a cent per million it is the price of a token; one of a thousand tokens could be a cheap model's of a million. */
const usdPerMillion = z.number().nonnegative().max(100_000, ANOTHER_UNIT).refine(usd => usd === 0 || usd >= 0.0001, ANOTHER_UNIT);

const tierPriceSchema = z.union([
  /** As the price book lists the model. */
  z.strictObject({
    provider: text,
    model: text,
    serviceTier: z.enum(['standard', 'flex', 'priority']).default('standard'),
    /** Region the calls are made from. */
    region: text.optional(),
  }),
  /** Declared: a contract, or what an own GPU's tokens cost by the forecast. */
  z.strictObject({
    usdPerMillionTokens: z.strictObject({
      input: usdPerMillion,
      output: usdPerMillion,
      /** @default as input */
      cacheRead: usdPerMillion.optional(),
      /** @default as input */
      cacheWrite: usdPerMillion.optional(),
    }),
    /** Where the figures are from, such as `allocated: forecast of group Notes/Llama`. */
    source: text,
  }),
], 'provider and model of the price book, or usdPerMillionTokens with its source');

export const tierSchema = z.strictObject({
  id,
  kind: z.enum(['chat', 'embedding']).default('chat'),
  /** How its endpoints are spoken to: openai (as vLLM and Bedrock's OpenAI endpoint are), anthropic, bedrock. */
  provider: text,
  /** The model's name at its endpoints. */
  model: text,
  /** Tried in turn; one that fails is left alone for a while. */
  endpoints: z.array(endpointSchema).min(1),
  price: tierPriceSchema,
  /** A premium model is for the calls that need it; its share is shown. */
  premium: z.boolean().default(false),
  /** Its endpoints are vLLM started with `--scheduling-policy priority`: they are sent the route's priority, which others refuse. */
  acceptsPriority: z.boolean().default(false),
  /** Output tokens of a call that asks for no limit; a call that asks for more is refused. What is reserved is at most this. */
  maxOutputTokens: count.default(4096),
  timeouts: z.strictObject({
    connectSeconds: seconds.default(3),
    /** From the request to the first event of a stream. */
    firstEventSeconds: seconds.default(120),
    /** Between two events of a stream. */
    idleSeconds: seconds.default(60),
    /** Of a call, all attempts included; a reply that is no stream has this time to come. */
    totalSeconds: seconds.default(600),
  }).prefault({}),
});

const gatewayWorkflowSchema = z.strictObject({
  id,
  /** Tier ids in the order they are tried. */
  tiers: z.array(id).min(1),
  revenue: revenueSchema.optional(),
  /** With revenue per seat: a run earns the month's revenue over these. */
  runsPerMonth: positive.optional(),
  /** A call that names no run earns 1/callsPerRun of one. */
  callsPerRun: positive.default(1),
  route: routeSchema.prefault({}),
});

export const gatewayKeySchema = z.strictObject({
  id,
  /** The key itself from the environment, or its SHA-256 in hex. */
  secret: z.union([secretSchema, z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits') })], 'env, or sha256'),
  /** Of calls without an x-workflow header. @default such a call is refused */
  workflow: id.optional(),
  tenant: id,
  /** By the store's clock, in calendar minutes, over all processes. @default no limit */
  requestsPerMinute: count.optional(),
  /** Input and output tokens. @default no limit */
  tokensPerMinute: count.optional(),
  /** @default never */
  expires: z.iso.datetime({ offset: true }).optional(),
});

export const budgetSchema = z.strictObject({
  scope: z.enum(['global', 'workflow', 'tenant', 'key']),
  /** Which workflow, tenant or key. @default each of them has this budget of its own */
  of: id.optional(),
  /**
   * Only calls of these tiers are held against it, though every call is counted: `degrade` with the premium tier here serves
   * who has spent so much by the cheaper ones. @default all tiers
   */
  tiers: z.array(id).min(1).optional(),
  /** Calendar day or month, UTC. */
  period: z.enum(['day', 'month']),
  /** Counted in billionths of a dollar in a double: exact up to $9 million. */
  usd: z.number().positive().max(9_000_000),
  /**
   * degrade: the next cheaper tier of the workflow; its cheapest is served even so, which a second budget can end.
   * throttle: 429 with retry-after. block: 402.
   */
  onExhausted: z.enum(['degrade', 'throttle', 'block']),
  /** When the store cannot be asked: refuse, or let each process spend this much until it can. */
  onStoreFailure: z.union([z.literal('closed'), z.strictObject({ openUpToUsd: z.number().positive().max(9_000_000) })]).default('closed'),
});

export const gatewayConfigSchema = z.strictObject({
  version: z.literal(1),
  /** The hash tag of all its keys in the store: gateways that share a store differ in it. */
  gatewayId: id,
  tiers: z.array(tierSchema).min(1),
  workflows: z.array(gatewayWorkflowSchema).min(1),
  keys: z.array(gatewayKeySchema).min(1),
  budgets: z.array(budgetSchema).default([]),
  priceOverrides: z.array(priceOverrideSchema).default([]),
  /** Larger request bodies are refused with 413. */
  maxBodyBytes: count.max(256 * 1024 * 1024).default(16 * 1024 * 1024),
  /** One EMF record per workflow and tier each so many seconds. */
  metricsSeconds: seconds.default(60),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;
export type TierConfig = z.infer<typeof tierSchema>;
export type TierPrice = z.infer<typeof tierPriceSchema>;
export type EndpointConfig = z.infer<typeof endpointSchema>;
export type GatewayWorkflow = z.infer<typeof gatewayWorkflowSchema>;
export type GatewayKey = z.infer<typeof gatewayKeySchema>;
export type Budget = z.infer<typeof budgetSchema>;
export type SecretPlace = z.infer<typeof secretSchema>;
