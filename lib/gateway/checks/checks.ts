/** The hard checks of a model's answer: each looks at the answer alone, and none asks a model. */
import { CheckConfig, CheckKind } from '../../contracts/gateway-route';
import { choicesOf } from '../completion';
import { CallBody } from '../request-body';
import { Check } from './answer';
import { citations } from './citations';
import { finishReason } from './finish-reason';
import { jsonSchema, jsonSchemaProblems } from './json-schema';
import { language, languageProblems } from './language';
import { length, lengthProblems } from './length';
import { recompute } from './numeric-recompute';
import { refusal } from './refusal';
import { regex, regexProblems } from './regex';
import { toolCall } from './tool-call';

export interface FailedCheck {
  readonly kind: CheckKind;
  /** Without a word of the answer. */
  readonly reason: string;
}

export interface Checks {
  /** Whether there are any. */
  readonly any: boolean;
  /** In their order, at most one failure of each: a completion passes where all of its choices do. */
  failed(completion: Readonly<Record<string, unknown>>, body: CallBody): readonly FailedCheck[];
}

/** Of checks that were found sound: see checkProblems. */
export function compileChecks(configs: readonly CheckConfig[]): Checks {
  const checks = configs.map(config => ({ kind: config.kind, check: compiled(config) }));
  return {
    any: checks.length > 0,
    failed: (completion, body) => {
      const answers = choicesOf(completion).map(choice => ({ ...choice, body }));
      return checks.flatMap(({ kind, check }) => {
        const reason = answers.length === 0 ? 'there is no answer' : firstOf(answers, check);
        return reason === undefined ? [] : [{ kind, reason }];
      });
    },
  };
}

function compiled(config: CheckConfig): Check {
  switch (config.kind) {
    case 'finish-reason': return finishReason;
    case 'json-schema': return jsonSchema(config);
    case 'regex': return regex(config);
    case 'length': return length(config);
    case 'refusal': return refusal;
    case 'language': return language(config);
    case 'numeric-recompute': return ({ text }) => recompute(text);
    case 'citations': return citations(config);
    case 'tool-call': return toolCall(config);
  }
}

/** What checks must hold beyond their schema, each problem in a sentence with its place. */
export const checkProblems = (configs: readonly CheckConfig[], place: string): string[] =>
  configs.flatMap((config, i) => problemsOf(config, `${place}.${i} (${config.kind})`));

function problemsOf(config: CheckConfig, place: string): string[] {
  switch (config.kind) {
    case 'json-schema': return jsonSchemaProblems(config, place);
    case 'regex': return regexProblems(config, place);
    case 'length': return lengthProblems(config, place);
    case 'language': return languageProblems(config, place);
    default: return [];
  }
}

function firstOf<T>(values: readonly T[], find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
