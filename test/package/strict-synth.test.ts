/** The reference app through the real CDK command line, strict, with the core's validator and AwsSolutions on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ai-margin-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function synth(name: string, ...args: string[]): { code: number | null; text: string; report: () => { verdict: string } } {
  const output = join(folder, name);
  // As a user's shell: the validator on, and not in jest.
  const env = { ...process.env, CDK_VALIDATION: undefined, NODE_ENV: undefined };
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/cdk'), ['synth', '--strict', '--quiet', '--no-notices', '--output', output, ...args], { cwd: root, encoding: 'utf8', env });
  return { code: status, text: stdout + stderr, report: () => JSON.parse(readFileSync(join(output, 'ai-margin/report.json'), 'utf8')) };
}

test('cdk synth --strict passes with the validator, AwsSolutions and us', () => {
  const { code, text, report } = synth('passes');
  expect([code, text.match(/error|warning/gi)]).toEqual([0, null]);
  expect(report().verdict).toBe('ok');
});

test('the README shows what npm start prints', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, shown] = /^```\n(ManagedApi[^]*?)^```/m.exec(readme)!;
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'assets/ai-margin.js'), 'report', '--app', join(folder, 'passes')], { encoding: 'utf8' });
  expect([status, stdout.slice(0, shown!.length)]).toEqual([0, shown]);
});

test('a higher target makes it exit 1 with MARGIN001 and the path', () => {
  const { code, text } = synth('breaks', '--context', 'target=90');
  expect(code).toBe(1);
  expect(text).toMatch(/ERROR ManagedApi\/Economics\/DraftNote: 1x margin [^]*AiMargin::MARGIN001/);
});

test('the break-glass reports and passes', () => {
  const { code, text, report } = synth('glass', '--context', 'target=90', '--context', 'ai-margin:gate=report');
  expect([code, report().verdict]).toEqual([0, 'breaks']);
  expect(text).toContain('INFO ManagedApi/Economics/DraftNote: 1x margin');
});
