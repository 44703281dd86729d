/** The shipped bundle as a user runs it: a process, its output and its exit code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version as packageVersion } from '../../../package.json';

const bundle = join(__dirname, '../../../assets/ai-margin.js');
const folder = mkdtempSync(join(tmpdir(), 'ai-margin-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function aiMargin(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], { encoding: 'utf8', cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

test('help names the commands and exits 0', () => {
  expect(aiMargin('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/report[^]*prices/) });
});

test('prices show prints a price with its provenance', () => {
  expect(aiMargin('prices', 'show', 'nat/hour')).toMatchObject({ code: 0, out: expect.stringMatching(/nat\/hour[^]*0\.045[^]*2026-09-29/) });
});

test('--version is the package\'s', () => {
  expect(aiMargin('--version')).toMatchObject({ code: 0, out: `${packageVersion}\n` });
});

test('a reader that stops early is no error', () => {
  const { stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${bundle}" prices show ec2 | head -1`], { encoding: 'utf8', cwd: folder });
  expect(stderr).not.toContain('EPIPE');
});

test('wrong options and bad input exit 2 with one clear error and no stack trace', () => {
  for (const args of [['report'], ['report', '--app', 'x', '--format', 'xml'], ['nonsense'], ['report', '--app', 'nowhere'], ['prices', 'refresh', '--region', 'moon-1']]) {
    const { code, err } = aiMargin(...args);
    expect([args, code]).toEqual([args, 2]);
    expect(err.trim()).not.toBe('');
    expect(err).not.toMatch(/^\s+at /m);
  }
});

test('--app is repeatable', () => {
  for (const name of ['a.json', 'b.json']) writeFileSync(join(folder, name), '{"Resources":{}}');
  const { code, out } = aiMargin('report', '--app', 'a.json', '--app', 'b.json', '--format', 'json');
  expect(JSON.parse(out).stacks.map((s: { name: string }) => s.name)).toEqual(['a', 'b']);
  expect(code).toBe(3);
});
