/** The rules that answer a single question without a model, compiled once and tried in their order. */
import { BypassRule } from '../../contracts/gateway-route';
import { messagesOf, singleQuestion } from '../conversation';
import { CallBody } from '../request-body';
import { groupsIn, partOf, wholeOf } from './patterns';
import { fill } from './places';
import { Template } from './template';

/** A longer text is no question that somebody foresaw; and no pattern or template can take long with one. */
const MOST_CHARACTERS = 2_000;

export type FunctionRule = Extract<BypassRule, { kind: 'function' }>;

/** What a function is sent. */
export interface Question {
  /** As the header x-request-id. */
  readonly request: string;
  readonly workflow: string;
  readonly tenant: string;
  readonly run: string | null;
  readonly messages: readonly unknown[];
}

/** Answers within its deadline, undefined for whatever else comes of it; never rejects. */
export type AskFunction = (question: Question) => Promise<string | undefined>;

export interface BypassPorts {
  /** Called once per rule. */
  open(rule: FunctionRule): AskFunction;
  /** Now, since 1970. */
  seconds(): number;
}

export interface BypassCall {
  readonly request: string;
  readonly workflow: string;
  readonly tenant: string;
  readonly run: string | null;
  readonly body: CallBody;
}

export interface BypassAnswer {
  readonly rule: string;
  readonly content: string;
  /** In seconds since 1970. */
  readonly at: number;
}

interface Asked {
  readonly text: string;
  readonly call: BypassCall;
  /** The answer must be JSON. */
  readonly json: boolean;
}

type Try = (asked: Asked) => string | undefined | Promise<string | undefined>;

export class Bypass {
  private readonly rules: readonly { readonly id: string; readonly try: Try }[];

  /** Of rules that were found sound: see bypassProblems. */
  public constructor(rules: readonly BypassRule[], private readonly ports: BypassPorts) {
    this.rules = rules.map(rule => ({ id: rule.id, try: compiled(rule, ports) }));
  }

  /** undefined: none of the rules is for this call. */
  public async answer(call: BypassCall): Promise<BypassAnswer | undefined> {
    if (this.rules.length === 0 || (call.body.n ?? 1) !== 1) return undefined;
    const text = singleQuestion(call.body);
    if (text === undefined) return undefined;
    const asked = { text, call, json: asksForJson(call.body) };
    for (const rule of this.rules) {
      const content = await rule.try(asked);
      if (content !== undefined && content !== '' && (!asked.json || isJson(content))) return { rule: rule.id, content, at: this.ports.seconds() };
    }
    return undefined;
  }
}

function compiled(rule: BypassRule, ports: BypassPorts): Try {
  switch (rule.kind) {
    case 'lookup': return lookup(rule.answers);
    case 'template': {
      const template = new Template(rule.text);
      return short(({ text, json }) => {
        const values = template.match(text);
        return values === undefined ? undefined : fill(rule.answer, 'template', values, json);
      });
    }
    case 'regex': {
      const whole = wholeOf(rule.pattern, rule.flags);
      return short(({ text, json }) => {
        const match = whole.exec(text);
        return match === null ? undefined : fill(rule.answer, 'regex', groupsIn(match), json);
      });
    }
    case 'function': {
      const ask = ports.open(rule);
      const asking: Try = ({ call: { request, workflow, tenant, run, body } }) => ask({ request, workflow, tenant, run, messages: messagesOf(body) });
      if (rule.pattern === undefined) return asking;
      const where = partOf(rule.pattern, rule.flags);
      return short(asked => where.test(asked.text) ? asking(asked) : undefined);
    }
  }
}

const short = (rule: Try): Try => asked => asked.text.length > MOST_CHARACTERS ? undefined : rule(asked);

function lookup(answers: Readonly<Record<string, string>>): Try {
  const byText = new Map(Object.entries(answers).map(([text, answer]) => [spaced(text), answer]));
  const longest = Math.max(...[...byText.keys()].map(text => text.length)) + MOST_CHARACTERS;
  return ({ text }) => text.length > longest ? undefined : byText.get(spaced(text));
}

/** Runs of white space as one space. */
export const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

const asksForJson = ({ response_format: format }: CallBody): boolean =>
  typeof format === 'object' && format !== null && (format as { readonly type?: unknown }).type !== 'text';

function isJson(content: string): boolean {
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
}
