/** Reads the documents people write by hand: templates in JSON or YAML with CloudFormation's short forms, and margin.yaml. */
import { readFileSync } from 'node:fs';
import { ScalarTag, CollectionTag, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { parseJson } from '../assembly/read';
import { InputError } from '../errors';

/** JSON by its first character, YAML otherwise. */
export function parseText(text: string, file: string): unknown {
  return /^\s*[{[]/.test(text) ? parseJson(text, file) : parseYaml(text, file);
}

export function readDocument(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return parseText(text, file);
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { customTags: SHORT_FORMS, maxAliasCount: 100 } as Parameters<typeof parseDocument>[1]);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new InputError(`${file} is not YAML: ${problem.message.split('\n')[0]}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(`${file} is not YAML: ${(error as Error).message}`);
  }
}

const FUNCTIONS = ['Base64', 'Cidr', 'And', 'Equals', 'If', 'Not', 'Or', 'FindInMap', 'GetAtt', 'GetAZs', 'ImportValue', 'Join', 'Length',
  'Select', 'Split', 'Sub', 'ToJsonString', 'Transform'];

/** `!Sub x` is `Fn::Sub: x`; `!Ref` and `!Condition` have no prefix. */
const SHORT_FORMS: (ScalarTag | CollectionTag)[] = [...FUNCTIONS, 'Ref', 'Condition'].flatMap(name => {
  const key = FUNCTIONS.includes(name) ? `Fn::${name}` : name;
  const wrap = (value: unknown): unknown => ({ [key]: key === 'Fn::GetAtt' && typeof value === 'string' ? value.split('.') : value });
  return [
    { tag: `!${name}`, resolve: (text: string) => wrap(text) },
    { tag: `!${name}`, collection: 'seq' as const, resolve: (list: YAMLMap | YAMLSeq) => wrap(list.toJSON()) },
    { tag: `!${name}`, collection: 'map' as const, resolve: (map: YAMLMap | YAMLSeq) => wrap(map.toJSON()) },
  ] as unknown as (ScalarTag | CollectionTag)[];
});
