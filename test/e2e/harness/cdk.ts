/** `cdk bootstrap` and `cdk deploy` with the real, pinned command line against the emulator. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { STRIPPED } from '../stripped-types';
import { ROOT } from './paths';
import { Removed, Template, strip } from './strip';

const WITHIN_MS = 180_000;

/** Runs the command line; a failure carries everything it said. */
export async function cdk(args: readonly string[], environment: NodeJS.ProcessEnv = process.env, cwd = environment.E2E_FOLDER): Promise<string> {
  const run = promisify(execFile);
  const bin = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  try {
    const { stdout } = await run(process.execPath, [bin, ...args, '--no-notices', '--no-color'], {
      cwd, env: { ...environment, CI: 'true' }, timeout: WITHIN_MS, maxBuffer: 1 << 26,
    });
    return stdout;
  } catch (error) {
    // The cause's own message holds what went to standard error.
    throw new Error(`cdk ${args[0]} failed. ${(error as { stdout?: string }).stdout ?? ''}`, { cause: error });
  }
}

/** Synthesizes the app named by cdk.json as its users do, the core's validator on and strict. Answers the folder of the assembly. */
export async function synthReferenceApp(): Promise<string> {
  const output = join(mkdtempSync(join(process.env.E2E_FOLDER!, 'reference-')), 'cdk.out');
  await cdk(['synth', '--strict', '--quiet', '--output', output], { ...process.env, CDK_VALIDATION: undefined }, ROOT);
  return output;
}

export interface Deployed {
  /** By stack name, as `cdk deploy --outputs-file` writes them. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What the harness left out and therefore did not prove. */
  readonly removed: readonly Removed[];
}

/** Deploys stacks of a synthesized assembly (a cdk.out folder), without what the reviewed list strips. The folder itself is left as it is. */
export async function deploy(assembly: string, ...stacks: string[]): Promise<Deployed> {
  const work = mkdtempSync(join(process.env.E2E_FOLDER!, 'deploy-'));
  const copy = join(work, 'cdk.out');
  cpSync(assembly, copy, { recursive: true });
  const removed = globSync('*.template.json', { cwd: copy }).flatMap(name => stripFile(join(copy, name)));
  for (const name of globSync(['manifest.json', '*.assets.json'], { cwd: copy })) deployAsCaller(join(copy, name));
  const outputsFile = join(work, 'outputs.json');
  await cdk(['deploy', ...stacks, '--app', copy, '--require-approval', 'never', '--outputs-file', outputsFile]);
  const outputs = existsSync(outputsFile) ? JSON.parse(readFileSync(outputsFile, 'utf8')) as Deployed['outputs'] : {};
  return { outputs, removed };
}

function stripFile(path: string): Removed[] {
  const { template, removed } = strip(JSON.parse(readFileSync(path, 'utf8')) as Template, STRIPPED);
  writeFileSync(path, JSON.stringify(template));
  return removed;
}

/** The bootstrap roles are conditioned on aws:ResourceAccount, which MiniStack 1.5.33 does not know: the caller's own rights are used instead. */
function deployAsCaller(path: string): void {
  const withoutRoles = JSON.parse(readFileSync(path, 'utf8'), (key: string, value: unknown) => (key === 'assumeRoleArn' ? undefined : value)) as unknown;
  writeFileSync(path, JSON.stringify(withoutRoles));
}
