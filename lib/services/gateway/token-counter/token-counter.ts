/** The exact counter, loaded when a prompt first comes near its limit: a gateway without limits never pays for it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TokenCounter } from '../../../gateway/prompt/token-counter';

const BUNDLE = 'token-counter.js';
/** Beside the gateway's bundle; and where the sources are run, in the folder of the bundles. */
const FOLDERS = [__dirname, join(__dirname, '../../../../assets')];

let loaded: TokenCounter | undefined;

export const tokenCounter = (): TokenCounter => text => (loaded ??= load())(text);

function load(): TokenCounter {
  const folder = FOLDERS.find(each => existsSync(join(each, BUNDLE)));
  if (folder === undefined) throw new Error(`The bundle ${BUNDLE} is missing beside the gateway's.`);
  return (createRequire(join(folder, BUNDLE))(`./${BUNDLE}`) as { readonly count: TokenCounter }).count;
}
