/**
 * What a workflow's route does with a call before, instead of and after a model: rules that answer without one, the cache, task
 * classes, the premium share, checks of the answer, limits of the prompt. Every part is optional; without any of them a call
 * goes to the workflow's tiers in their order, and its answer comes as the model gives it.
 */
import { z } from 'zod';

const text = z.string().min(1);
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores, at most 63');
const count = z.number().int().positive();
/** A regular expression of JavaScript; it is read with the flag u, so that a mistake in it is an error. */
const pattern = z.string().min(1).max(1_000);
/** Of these, none changes where a search begins. */
const flags = z.string().regex(/^[ims]{0,3}$/, 'any of i, m and s').default('');

/** A secret's place: an environment variable of the gateway's process. */
export const secretSchema = z.strictObject({ env: text });

/** Answers single questions without a model: a call with one user message and no tools. Its text is taken without outer space. */
export const bypassRuleSchema = z.discriminatedUnion('kind', [
  /** The text, its runs of white space as one space, is one of these. */
  z.strictObject({ kind: z.literal('lookup'), id: name, answers: z.record(text, text) }),
  /** The text is this with any word or words in each `{slot}`; the answer may name the slots. */
  z.strictObject({ kind: z.literal('template'), id: name, text, answer: text }),
  /** The whole text matches; the answer may have `$1` and `$<name>` of the match. */
  z.strictObject({ kind: z.literal('regex'), id: name, pattern, flags, answer: text }),
  /**
   * A function over HTTP is asked: POST of `{workflow, tenant, run, messages}`. Status 200 and `{"content": "..."}` answers the
   * call; 204 leaves it to the next step, and so does every failure.
   */
  z.strictObject({
    kind: z.literal('function'), id: name,
    url: z.url({ protocol: /^https?$/ }),
    /** Sent as a bearer token. */
    apiKey: secretSchema.optional(),
    /** A call is not held up for longer. */
    timeoutSeconds: z.number().positive().max(30).default(1),
    /** Only where the text matches this. @default every single question is asked */
    pattern: pattern.optional(),
    flags,
  }),
]);

export const taskClassSchema = z.strictObject({
  /** What the header x-task-class says. */
  id: name,
  /** Pinned: calls of this class begin at this tier. @default the expected gain decides, where the route has maxPremiumSharePercent */
  tier: name.optional(),
  /** What the premium model is expected to add to the quality of an answer, in points from -1 to 1. At 0 and below, no answer is escalated. @default unknown, taken for 0.1 */
  gain: z.number().min(-1).max(1).optional(),
  /** A call without the header is of the first class with a pattern that its last user message has. */
  patterns: z.array(pattern).default([]),
});

/** Each looks at the answer alone, says a reason without a word of it, and takes microseconds. */
export const checkSchema = z.discriminatedUnion('kind', [
  /** The model came to its end: not cut at a limit or by a filter. */
  z.strictObject({ kind: z.literal('finish-reason') }),
  /** The answer is JSON that the schema (draft 2020-12) allows, with or without a Markdown fence around it. */
  z.strictObject({ kind: z.literal('json-schema'), schema: z.record(z.string(), z.unknown()) }),
  z.strictObject({ kind: z.literal('regex'), pattern, flags, /** The answer has no match. */ absent: z.boolean().default(false) }),
  /** Characters of the answer, without outer space. */
  z.strictObject({ kind: z.literal('length'), min: count.optional(), max: count.optional() }),
  /**
   * The model does not decline to answer. In English, and by OpenAI's own field. A draft that declines in the first person, without a
   * time or a signature, is taken for a refusal; an answer of more than 1,500 characters never is.
   */
  z.strictObject({ kind: z.literal('refusal') }),
  /** The answer is in one of these languages, by their codes of ISO 639-1. Short answers pass: nobody can tell. */
  z.strictObject({ kind: z.literal('language'), languages: z.array(z.string().regex(/^[a-z]{2}$/, 'two lower-case letters')).min(1) }),
  /** The sums an answer shows are right. */
  z.strictObject({ kind: z.literal('numeric-recompute') }),
  /** What the answer cites is in the conversation: passages in quotation marks of at least five words, and sources such as [3] or [doc-7]. */
  z.strictObject({ kind: z.literal('citations'), /** At least so many. */ min: z.number().int().nonnegative().default(0) }),
  /**
   * The answer calls a tool, this one where it is named, with arguments that are JSON and that the tool's own schema allows. Where that
   * has patterns, references or uniqueItems, which a client could stop the gateway with, only that they are an object.
   */
  z.strictObject({ kind: z.literal('tool-call'), tool: text.optional() }),
]);

export const tokenLimitsSchema = z.strictObject({
  /** Tokens of the prompt. Counted exactly for OpenAI's models from GPT-4o on, else within some 10%. */
  maxInput: count.optional(),
  /** Of a call that asks for no limit; a call that asks for more is refused. @default the tier's maxOutputTokens */
  maxOutput: count.optional(),
  /** A prompt of 90% of maxInput is cut to 60%, oldest turns last. false: only one above maxInput is refused. */
  trim: z.boolean().default(true),
});

export const responseCacheSchema = z.strictObject({
  /** A week at most: answers age. */
  ttlSeconds: z.number().int().positive().max(7 * 24 * 3600),
  /** Also answers that were drawn at random: calls with a temperature above 0, or with none, which means 1. */
  sampled: z.boolean().default(false),
});

export const routeSchema = z.strictObject({
  /** Tried in this order, before anything else. */
  bypass: z.array(bypassRuleSchema).default([]),
  /** Answers to the very same call of the same tenant. @default none */
  cache: responseCacheSchema.optional(),
  classes: z.array(taskClassSchema).default([]),
  /**
   * Of the calls that reach a model, at most this share may use a premium one, whatever the reason: by choice, escalation, shadow,
   * or because the cheap tier fails. Where nothing else says so, calls begin at the cheap tier, and those of which the premium
   * one is expected to gain most begin there. @default no limit, and the workflow's order decides
   */
  maxPremiumSharePercent: z.number().min(0).max(100).optional(),
  /** An answer that fails one is asked for again once, of the premium tier; the better one is given, marked where it fails, too. */
  checks: z.array(checkSchema).default([]),
  tokenLimits: tokenLimitsSchema.optional(),
  /** For tiers with `acceptsPriority`: lower is earlier, as vLLM has it. */
  priority: z.number().int().min(-1_000).max(1_000).default(0),
  /** Of the answered calls, this share is also asked of the other kind of tier, premium or not, to compare. It costs what it costs. */
  shadowPercent: z.number().min(0).max(100).default(0),
});

export type RouteConfig = z.infer<typeof routeSchema>;
export type BypassRule = z.infer<typeof bypassRuleSchema>;
export type TaskClass = z.infer<typeof taskClassSchema>;
export type CheckConfig = z.infer<typeof checkSchema>;
export type CheckKind = CheckConfig['kind'];
export type TokenLimits = z.infer<typeof tokenLimitsSchema>;
export type ResponseCacheConfig = z.infer<typeof responseCacheSchema>;
