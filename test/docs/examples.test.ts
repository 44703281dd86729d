/** Every TypeScript example of the README and the guides is compiled strictly and synthesized. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as ts from 'typescript';

const root = join(__dirname, '../..');
const guides = readdirSync(join(root, 'docs/guides')).filter(name => name.endsWith('.md')).map(name => `docs/guides/${name}`);
const examples = ['README.md', ...guides].flatMap(file =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].map((match, i) => ({ name: `${file} ${i + 1}`, code: match[1]! })));

const folder = mkdtempSync(join(tmpdir(), 'ai-margin-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiled as if each stood in a file at the root of this project, with the package's own name for our entry point. */
function problems(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const sources = new Map(examples.map(({ code }, i) => [join(root, `example-${i}.ts`), code.replace(/'cdk-ai-margin'/g, '\'./constructs\'')]));
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { readFile, fileExists } = host;
  host.readFile = path => sources.get(path) ?? readFile(path);
  host.fileExists = path => sources.has(path) || fileExists(path);
  const program = ts.createProgram([...sources.keys()], { ...options, noUnusedLocals: false }, host);
  return [...sources.keys()].flatMap(path => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(d => `${d.file?.fileName.replace(root, '')}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`);
}

test('they compile', () => {
  expect(examples.length).toBeGreaterThan(1);
  expect(problems()).toEqual([]);
});

test.each(examples)('$name synthesizes', ({ name, code }) => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const apps: App[] = [];
  class RecordedApp extends App {
    public constructor() {
      super({ outdir: join(folder, name.replace(/\W+/g, '-')) });
      apps.push(this);
    }
  }
  const load = (id: string): unknown => {
    if (id === 'cdk-ai-margin') return jest.requireActual<object>('../../constructs');
    const actual = jest.requireActual<object>(id);
    return id === 'aws-cdk-lib' ? new Proxy(actual, { get: (lib, key) => key === 'App' ? RecordedApp : Reflect.get(lib, key) as unknown }) : actual;
  };
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  new Function('require', 'exports', outputText)(load, {});
  expect(apps).toHaveLength(1);
  expect(apps[0]!.synth().stacks.length).toBeGreaterThan(0);
});

test('the first screen of the README is at most 60 lines', () => {
  const [firstScreen] = readFileSync(join(root, 'README.md'), 'utf8').split('\n---\n');
  expect(firstScreen!.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});
