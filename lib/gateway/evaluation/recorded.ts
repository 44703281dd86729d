/** Recorded answers of a cheap and a premium model to the same prompts, with how good each was: one JSON object a line. */
import { z } from 'zod';
import { InputError } from '../../errors';

/** Of the two models whose answers the data holds. */
export type Side = 'weak' | 'strong';

export interface RecordedAnswer {
  readonly response: string;
  /** From 0, wrong, to 1. */
  readonly correct: number;
}

export interface Recorded extends Readonly<Record<Side, RecordedAnswer>> {
  /** Of its file, the first is 1. */
  readonly line: number;
  readonly prompt: string;
  readonly task: string | undefined;
}

const correct = z.number().min(0).max(1);
/** What else a record has, nobody needs. */
const lineSchema = z.object({
  prompt: z.string().min(1), weak_correct: correct, strong_correct: correct, weak_response: z.string(), strong_response: z.string(),
  task: z.string().min(1).nullish(),
});

const ACCEPTED = 'Each line is to be a JSON object with prompt, weak_response and strong_response as texts, weak_correct and strong_correct from 0 to 1, '
  + 'and, where its task is known, task as a text.';

/** `file`: what the text is of, for errors. Throws an InputError about the first line that is none. */
export function readRecorded(text: string, file: string): Recorded[] {
  const records = text.replace(/^\uFEFF/, '').split('\n').flatMap((line, i) => line.trim() === '' ? [] : [recordOf(line, i + 1, file)]);
  if (records.length === 0) throw new InputError(`${file} has no records. ${ACCEPTED}`);
  return records;
}

function recordOf(text: string, line: number, file: string): Recorded {
  const read = lineSchema.safeParse(parsed(text, line, file), { reportInput: true });
  if (!read.success) {
    const [{ path, input }] = read.error.issues as [z.core.$ZodIssue];
    throw new InputError(`${file} line ${line}: ${path.join('.') || 'it'} is ${told(input)}. ${ACCEPTED}`);
  }
  const { prompt, task, ...answers } = read.data;
  return {
    line, prompt, task: task ?? undefined,
    weak: { response: answers.weak_response, correct: answers.weak_correct },
    strong: { response: answers.strong_response, correct: answers.strong_correct },
  };
}

function parsed(text: string, line: number, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the prompt.
    throw new InputError(`${file} line ${line}: it is not JSON. ${ACCEPTED}`);
  }
}

/** Never a text: it may be somebody's prompt, in the wrong place. */
function told(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
