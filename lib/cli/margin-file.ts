/** margin.yaml: what people declare by hand for stacks, laid over what the templates declare. */
import { ReadStack, declarationIn } from '../assembly/stack';
import { Declaration, marginFileSchema } from '../contracts/declaration';
import { parseDeclaration } from '../economics/declared';
import { InputError, parseWith } from '../errors';
import { readDocument } from './documents';

/** What margin.yaml says of a stack stands in place of what its template declares, field by field. */
export function declarations(stacks: readonly ReadStack[], file: string | undefined): (stack: ReadStack) => Declaration {
  if (file === undefined) return declarationIn;
  const document = readDocument(file) as { stacks: Record<string, { economics?: { growth?: object } }> };
  parseWith(marginFileSchema, document, file);
  const names = stacks.map(stack => stack.name);
  for (const name of Object.keys(document.stacks)) {
    if (!names.includes(name)) throw new InputError(`${file} declares stack ${name}, which is not in the app; it has ${names.join(', ')}.`);
  }
  return stack => {
    // Laid over as written and parsed then, so that a schema's default never hides what the template declares.
    const [inTemplate, written] = [declarationIn(stack), document.stacks[stack.name]];
    if (!written) return inTemplate;
    const economics = (inTemplate.economics ?? written.economics) && {
      ...inTemplate.economics, ...written.economics, growth: { ...inTemplate.economics?.growth, ...written.economics?.growth },
    };
    return parseDeclaration({ ...inTemplate, ...written, economics }, `stack ${stack.name} in ${file}`);
  };
}
