/** The answer calls a tool that the request declares, with arguments that the tool's own schema allows. */
import { CallBody } from '../request-body';
import { ToolCall } from '../completion';
import { Check } from './answer';
import { parseJson } from './json';
import { ClientSchemas } from './schemas';

type Fields = Readonly<Record<string, unknown>>;

/** `tool`: the one that has to be called; others may be, too. */
export function toolCall({ tool }: { readonly tool?: string }): Check {
  const schemas = new ClientSchemas();
  return ({ toolCalls, body }) => {
    if (toolCalls.length === 0) return 'calls no tool';
    if (tool !== undefined && !toolCalls.some(({ name }) => name === tool)) return `does not call ${tool}`;
    const declared = toolsOf(body);
    for (const call of toolCalls) {
      const failure = failureOf(call, declared, schemas);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}

/** A name the model made up is its own word: only that of a declared tool is told. */
function failureOf({ name, arguments: written }: ToolCall, declared: ReadonlyMap<unknown, unknown>, schemas: ClientSchemas): string | undefined {
  if (!declared.has(name)) return 'calls a tool that the request does not declare';
  // A tool without arguments is called with none.
  const parsed = written.trim() === '' ? { value: {} } : parseJson(written);
  if (parsed === undefined) return `calls ${name} with arguments that are not JSON`;
  const failure = schemas.check(declared.get(name) ?? {})(parsed.value);
  return failure === undefined ? undefined : `calls ${name} with arguments whose JSON ${failure}`;
}

/** The schema of each by its name. */
const toolsOf = ({ tools }: CallBody): ReadonlyMap<unknown, unknown> => new Map((Array.isArray(tools) ? tools : []).map((tool: unknown) => {
  const { name, parameters } = fieldsOf(fieldsOf(tool).function);
  return [name, parameters] as const;
}));

const fieldsOf = (value: unknown): Fields => typeof value === 'object' && value !== null ? value as Fields : {};
