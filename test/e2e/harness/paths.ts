/** Where scripts/setup-e2e puts the tools, and a clear word when it has not run. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../../..');

/** A program of the Python environment; missing is a failure, never a skip. */
export function tool(name: 'python' | 'cfn-lint' | 'shellcheck' | 'valkey-server'): string {
  const path = resolve(ROOT, '.e2e/venv/bin', name);
  if (!existsSync(path)) throw new Error(`${name} is missing: run scripts/setup-e2e first (npm run test:e2e does).`);
  return path;
}
