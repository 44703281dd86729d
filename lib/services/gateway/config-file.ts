/** The configuration's file: read whole, and looked at each second for a change. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { ZodError } from 'zod';
import { GatewayConfig, gatewayConfigSchema } from '../../contracts/gateway';
import { InputError, explainSchema } from '../../errors';
import { configProblems } from '../../gateway/config-problems';

/** By looking and not by notice: it also works where a file is replaced by renaming, or is on a mounted volume. */
const LOOK_EVERY_MS = 1000;

export function readConfig(path: string): GatewayConfig {
  const read = gatewayConfigSchema.safeParse(parseJson(path), { reportInput: true });
  if (!read.success) throw new InputError(explainSchema(path, withoutSecrets(read.error)));
  const problems = configProblems(read.data);
  if (problems.length > 0) throw new InputError(`${path} is not valid. ${problems.join('; ')}.`);
  return read.data;
}

/** Where somebody has put a key itself in the place of its place, the error must not tell it. */
const withoutSecrets = ({ issues }: ZodError): ZodError => new ZodError(issues.map(issue => {
  const { input, path, message } = issue;
  const told = input === undefined || (typeof input !== 'object' && !path.some(step => step === 'secret' || step === 'apiKey'));
  return told ? issue : { code: 'custom', path, message, input: '(not shown)' };
}));

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InputError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Calls back after each change; returns what ends the watch. */
export function watchConfig(path: string, changed: () => void): () => void {
  const listener = (): void => { changed(); };
  watchFile(path, { interval: LOOK_EVERY_MS }, listener);
  return () => { unwatchFile(path, listener); };
}
