/** Runs a bundle shipped beside the command line's as a process of its own, in the foreground: its output, its signals, its exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const KILLED = 128;

/** Resolves with its exit code when it ends; 128 and the signal's number where one killed it. `environment` is added to this process's. */
export function runBundle(bundle: 'gateway.js' | 'mock-model.js', environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  // In a process group of its own, a Ctrl-C reaches it once, from here, and not from the terminal too.
  const child = spawn(process.execPath, [join(__dirname, bundle)], { stdio: 'inherit', detached: true, env: { ...process.env, ...environment } });
  const passOn = (signal: NodeJS.Signals): void => { child.kill(signal); };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => { resolve(code ?? KILLED + (signal === null ? 0 : constants.signals[signal])); });
  }).finally(() => { for (const signal of PASSED_ON) process.off(signal, passOn); });
}

export function portOption(given: string | undefined): string | undefined {
  if (given === undefined || (/^\d{1,5}$/.test(given) && Number(given) <= 65_535)) return given;
  throw new InputError(`"${given}" is no port for --port. Give a number from 0 (any free one) to 65535.`);
}
