/** The price book with a refreshed snapshot laid over it, where one is named. */
import { readFileSync } from 'node:fs';
import { PriceSnapshot, priceSnapshotSchema } from '../contracts/price-snapshot';
import { InputError, parseWith } from '../errors';
import { PriceBook } from '../prices/book';

export function readPrices(file: string | undefined): PriceBook {
  if (file === undefined) return PriceBook.builtIn();
  const snapshot = readSnapshot(file, `Write it anew with "ai-margin prices refresh --out ${file}", or name no price file.`);
  if (snapshot) return PriceBook.builtIn(snapshot);
  throw new InputError(`The price file ${file} does not exist. Write it with "ai-margin prices refresh --out ${file}", or name no price file.`);
}

/** null where there is no such file; `repair` ends the error with what to do about a bad one. */
export function readSnapshot(file: string, repair: string): PriceSnapshot | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new InputError(`The price snapshot ${file} cannot be read (${codeOf(error)}). ${repair}`);
  }
  try {
    return parseWith(priceSnapshotSchema, JSON.parse(text), `The price snapshot ${file}`);
  } catch (error) {
    const wrong = error instanceof InputError ? error.message : `The price snapshot ${file} is not JSON (${(error as Error).message}).`;
    throw new InputError(`${wrong} ${repair}`);
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
