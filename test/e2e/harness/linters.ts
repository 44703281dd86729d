/** cfn-lint and shellcheck as functions: what they find, one line each; nothing found is an empty list. */
import { spawnSync } from 'node:child_process';
import { tool } from './paths';

/** `found` is the exit status that means "there are findings"; any other failure is the linter's own and stops the test. */
function findings(program: 'cfn-lint' | 'shellcheck', args: string[], found: (status: number | null) => boolean, input?: string): string[] {
  const { status, stdout, stderr, error } = spawnSync(tool(program), args, { encoding: 'utf8', input });
  if (error) throw error;
  if (status === 0) return [];
  if (!found(status)) throw new Error(`${program} could not run (exit status ${status}): ${stderr || stdout}`);
  return stdout.trim().split('\n');
}

/** What cfn-lint says of every template that CDK and we write, and why it is no mistake. */
const IGNORED = {
  E4002: 'it refuses fractions in Metadata, which CloudFormation takes; ours are checked by the schema of lib/contracts/declaration.ts',
  W3005: 'CDK lets a function depend on its role and on the policies of the role; that the role is implied does no harm',
};

/** Findings of cfn-lint, its warnings and remarks included. */
export function cfnLint(templatePath: string, region = 'us-east-1'): string[] {
  // The status is a sum: 2 errors, 4 warnings, 8 remarks; 1 is a crash and 32 and more a wrong call.
  return findings('cfn-lint', ['--format', 'parseable', '--regions', region, '--include-checks', 'I', '--ignore-checks', ...Object.keys(IGNORED), '--', templatePath],
    status => status !== null && status % 2 === 0 && status < 16);
}

/** Findings of shellcheck in the text of a script, as bash. */
export function shellcheck(script: string): string[] {
  return findings('shellcheck', ['--shell=bash', '--format=gcc', '--norc', '-'], status => status === 1, script);
}
