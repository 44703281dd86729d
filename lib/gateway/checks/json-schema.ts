/** The answer is JSON that a configured schema allows. */
import { Check, ofText } from './answer';
import { parseAnswer } from './json';
import { compileSchema } from './schemas';

interface Config {
  readonly schema: Readonly<Record<string, unknown>>;
}

export function jsonSchema({ schema }: Config): Check {
  const failure = compileSchema(schema);
  return ofText(({ text }) => {
    const parsed = parseAnswer(text);
    return parsed === undefined ? 'is not JSON' : failure(parsed.value);
  });
}

export function jsonSchemaProblems({ schema }: Config, place: string): string[] {
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    return [`${place}.schema is no JSON schema of draft 2020-12 that can be compiled: ${(error as Error).message}`];
  }
}
