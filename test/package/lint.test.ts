/** The import borders of the house hold: lint refuses what crosses them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

function lint(file: string, code: string): { code: number | null; text: string } {
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/eslint'), ['--stdin', '--stdin-filename', file], { cwd: root, input: code, encoding: 'utf8' });
  return { code: status, text: stdout };
}

test.each([
  ['lib/estimate/new.ts', 'import { App } from \'aws-cdk-lib\';\nexport const x = App;\n', 'lib/ never imports the CDK'],
  ['lib/estimate/new.ts', 'import type { Construct } from \'constructs\';\nexport type X = Construct;\n', 'lib/ never imports the CDK'],
  ['lib/estimate/families/new.ts', 'import { Workflow } from \'../../../constructs/economics/workflow\';\nexport const x = Workflow;\n', 'lib/ never imports the CDK'],
  ['lib/prices/new.ts', 'import { PricingClient } from \'@aws-sdk/client-pricing\';\nexport const x = PricingClient;\n', 'Only lib/cli and lib/services use the AWS SDK'],
  ['lib/prices/new.ts', 'import { run } from \'../cli/program\';\nexport const x = run;\n', 'Effects live at the edge'],
  ['lib/prices/new.ts', 'export const x = import(\'aws-cdk-lib\');\n', 'Import at the top of the file'],
  ['lib/prices/new.ts', 'export type X = import(\'aws-cdk-lib\').Stack;\n', 'Import at the top of the file'],
  ['bin/new.ts', 'import { PricingClient } from \'@aws-sdk/client-pricing\';\nexport const x = PricingClient;\n', 'Only lib/cli and lib/services use the AWS SDK'],
  ['constructs/new.ts', 'import { run } from \'../lib/cli/program\';\nexport const x = run;\n', 'Effects live at the edge'],
])('%s: %j is refused', (file, code, message) => {
  expect(lint(file, code)).toMatchObject({ code: 1, text: expect.stringContaining(message) });
});

test('what stays within the borders passes', () => {
  expect(lint('lib/prices/new.ts', 'import { decimal } from \'../money\';\nexport const x = decimal(1);\n')).toEqual({ code: 0, text: '' });
});
