/** Loads the counter of tokens, once and only for a configuration that limits prompts. */
import { createRequire } from 'node:module';
import { TokenCounter } from '../../../gateway/prompt/token-counter';
import type * as Counter from './o200k-counter';

/** Beside this file in the source tree, and beside the gateway's bundle as a bundle of its own: a name known only at run time is not bundled. */
const MODULE = './o200k-counter';

let loaded: TokenCounter | undefined;

export const tokenCounter = (): TokenCounter => loaded ??= (createRequire(__filename)(MODULE) as typeof Counter).countO200k;
