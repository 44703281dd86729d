/** The reference stacks as their users get them: strict synth, linters without a finding, and a real deploy. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploy, synthReferenceApp } from './harness/cdk';
import { cfnLint, shellcheck } from './harness/linters';
import { Template } from './harness/strip';
import { stackResources } from './harness/stack';
import { userData } from './harness/user-data';
import { useEmulator } from './harness/use-emulator';

useEmulator();

let assembly: string;
let stacks: string[];

beforeAll(async () => {
  assembly = await synthReferenceApp();
  stacks = globSync('*.template.json', { cwd: assembly }).map(name => name.replace('.template.json', '')).sort();
});

const templatePath = (stack: string): string => join(assembly, `${stack}.template.json`);
const templateOf = (stack: string): Template => JSON.parse(readFileSync(templatePath(stack), 'utf8')) as Template;

test('there are the stacks this suite deploys', () => {
  expect(stacks).toEqual(['ManagedApi', 'SelfHosted']);
});

test('cfn-lint finds nothing', () => {
  expect(stacks.flatMap(stack => cfnLint(templatePath(stack)))).toEqual([]);
});

test('shellcheck finds nothing in user data, and spot drains although CDK ignores that for mixed instances', () => {
  const scripts = [...userData(templateOf('SelfHosted')).values()];
  expect(scripts).toHaveLength(2);
  expect(scripts.flatMap(shellcheck)).toEqual([]);
  for (const script of scripts) expect(script).toContain('\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n');
});

test.each(['ManagedApi', 'SelfHosted'])('%s deploys: whatever the list does not strip is created', async stack => {
  const { removed } = await deploy(assembly, stack);
  const created = (await stackResources(stack)).map(({ logicalId }) => logicalId);
  const stripped = removed.map(({ logicalId }) => logicalId);
  expect([...created, ...stripped]).toEqual(expect.arrayContaining(Object.keys(templateOf(stack).Resources)));
});
