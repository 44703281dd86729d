/** Where the runtime code lies that the package ships bundled; the way there differs between sources and dist. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../lib/errors';

export function bundled(name: string): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  const path = join(folder, 'assets', name);
  if (!existsSync(path)) throw new InputError(`${path} is missing; in a checkout of cdk-ai-margin "npm run bundle" makes it.`);
  return path;
}
