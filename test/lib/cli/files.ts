/** Files of one suite, in a folder that goes when it ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'ai-margin-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Text as it is, anything else as JSON. */
export function file(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
