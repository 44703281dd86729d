/**
 * A model server that speaks OpenAI's API and knows the questions of the replay: whether a model of it answers one well follows from
 * its name and the prompt, always the same. It keeps its own ledger, which the gateway's records are held against.
 */
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { Verdict, WRONG, Written, answerTo } from './answers';
import { Kind, Question } from './questions';
import { Random, chanceOf } from './random';

export const MODELS = { cheap: 'replay-small', premium: 'replay-large' } as const;
type Strength = keyof typeof MODELS;

/** Out of every check's sight, and of the same length. */
export const FINGERPRINTS = { good: 'fp_7c01a4', bad: 'fp_7c01b9' } as const;

interface Skill {
  readonly cheap: number;
  readonly premium: number;
}
/** Share of the questions that a model answers well: of most customers, and of the one whose questions are hard. */
const SKILLS: Readonly<Record<Kind, readonly [Skill, Skill]>> = {
  faq: [{ cheap: 0.93, premium: 0.97 }, { cheap: 0.93, premium: 0.97 }],
  classify: [{ cheap: 0.96, premium: 0.97 }, { cheap: 0.93, premium: 0.96 }],
  extract: [{ cheap: 0.88, premium: 0.97 }, { cheap: 0.76, premium: 0.95 }],
  draft: [{ cheap: 0.94, premium: 0.95 }, { cheap: 0.92, premium: 0.94 }],
  math: [{ cheap: 0.66, premium: 0.95 }, { cheap: 0.5, premium: 0.93 }],
  code: [{ cheap: 0.74, premium: 0.93 }, { cheap: 0.58, premium: 0.91 }],
  rag: [{ cheap: 0.85, premium: 0.95 }, { cheap: 0.74, premium: 0.93 }],
};
/** Of the cheap model in its outage, of what it can do else. */
const LEFT_IN_OUTAGE = 0.25;
/** By which a model is worse than the other on a question of the same difficulty: the strong one is not better on each. */
const OWN_MISTAKES = 0.01;

export interface Account {
  readonly calls: number;
  readonly input: number;
  readonly output: number;
}

/** In the order they came. */
export interface Asked {
  /** The gateway's id of the call. */
  readonly request: string;
  readonly premium: boolean;
  /** Of the reply. */
  readonly id: string;
}

export class ReplayUpstream {
  public static async start(questions: Iterable<Question>): Promise<ReplayUpstream> {
    const upstream = new ReplayUpstream(questions);
    await new Promise<void>(resolve => { upstream.server.listen(0, '127.0.0.1', resolve); });
    return upstream;
  }

  public asked: Asked[] = [];
  private readonly server: Server;
  private readonly accounts = new Map<string, { calls: number; input: number; output: number }>();
  private readonly byRef: ReadonlyMap<string, Question>;
  private answers = 0;

  private constructor(questions: Iterable<Question>) {
    this.byRef = new Map([...questions].map(question => [question.ref === '' ? question.text : question.ref, question]));
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => { this.serve(request, response); });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  public account(strength: Strength): Account {
    return this.accounts.get(MODELS[strength]) ?? { calls: 0, input: 0, output: 0 };
  }

  /** Before another configuration is replayed. */
  public forget(): void {
    this.accounts.clear();
    this.asked = [];
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => { this.server.close(resolve); });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => { pieces.push(piece); });
    request.on('end', () => {
      try {
        this.answer(JSON.parse(Buffer.concat(pieces).toString()) as Sent, String(request.headers['x-request-id']), response);
      } catch (error) {
        response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: String(error), type: 'invalid_request_error', code: 'replay' } }));
      }
    });
  }

  private answer({ model, messages, stream, stream_options: options }: Sent, request: string, response: ServerResponse): void {
    const strength = model === MODELS.premium ? 'premium' : 'cheap';
    const prompt = messages.map(({ content }) => content).join('\n');
    const question = this.questionOf(messages.at(-1)?.content ?? '');
    const verdict = verdictOf(question, strength, prompt);
    const written = answerTo(question, verdict);
    const usage = usageOf(prompt, written);
    const id = `chatcmpl-${++this.answers}`;
    this.note(model, usage);
    this.asked.push({ request, premium: strength === 'premium', id });
    const envelope = { id, created: 1_770_000_000, model, system_fingerprint: verdict === 'good' ? FINGERPRINTS.good : FINGERPRINTS.bad };
    if (stream !== true) {
      const choice = { index: 0, message: { role: 'assistant', content: written.content, refusal: null }, logprobs: null, finish_reason: written.finishReason };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...envelope, object: 'chat.completion', choices: [choice], usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(eventsOf(envelope, written, options?.include_usage === true ? usage : undefined));
  }

  private questionOf(text: string): Question {
    const question = this.byRef.get(/\b[A-Z]1\d{5}\b/.exec(text)?.[0] ?? text.trim());
    if (question === undefined) throw new Error('This question is none of the replay.');
    return question;
  }

  private note(model: string, { prompt_tokens: input, completion_tokens: output }: Usage): void {
    const account = this.accounts.get(model) ?? { calls: 0, input: 0, output: 0 };
    this.accounts.set(model, { calls: account.calls + 1, input: account.input + input, output: account.output + output });
  }
}

interface Sent {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** How a model answers. What the answer turns on has to be in the prompt: one that was cut too far is answered wrong. */
export function verdictOf(question: Question, strength: Strength, prompt: string): Verdict {
  const { kind, ref, text, times, facts } = question;
  const name = ref === '' ? text : ref;
  const skill = SKILLS[kind][times === 'hard' ? 1 : 0][strength] * (times === 'outage' && strength === 'cheap' ? LEFT_IN_OUTAGE : 1);
  const good = chanceOf(name, 'difficulty') < skill && chanceOf(name, strength) >= OWN_MISTAKES;
  if (facts.needed !== undefined && !prompt.includes(facts.needed)) return 'unseen';
  return good ? 'good' : new Random(chanceOf(name, strength, 'flaw') * 2 ** 32).by(WRONG[kind] as Readonly<Record<Verdict, number>>);
}

/** Of these calls, the share that a model by itself would answer well. */
export const goodShare = (calls: readonly { readonly question: Question; readonly body: string }[], strength: Strength): number =>
  calls.filter(({ question, body }) => verdictOf(question, strength, body) === 'good').length / calls.length;

/** About four characters a token, as English has. */
function usageOf(prompt: string, { content }: Written): Usage {
  const [input, output] = [Math.ceil(prompt.length / 4), Math.ceil(content.length / 4)];
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

const PIECES = 4;

function eventsOf(envelope: object, { content, finishReason }: Written, usage: Usage | undefined): string {
  const size = Math.ceil(content.length / PIECES);
  const deltas = Array.from({ length: PIECES }, (_, i) => ({ ...i === 0 ? { role: 'assistant' } : {}, content: content.slice(i * size, (i + 1) * size) }));
  const chunk = (rest: object): string => `data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', ...rest })}\n\n`;
  return [
    ...deltas.map(delta => chunk({ choices: [{ index: 0, delta, finish_reason: null }] })),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: finishReason }] }),
    ...usage === undefined ? [] : [chunk({ choices: [], usage })],
    'data: [DONE]\n\n',
  ].join('');
}
