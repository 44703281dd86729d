/** The price book with a refreshed snapshot laid over it, where one is named. */
import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../errors';
import { PriceBook, parseSnapshot } from '../prices/book';
import { parseJson } from './read';

export function readPrices(file: string | undefined): PriceBook {
  if (file === undefined) return PriceBook.builtIn();
  if (!existsSync(file)) {
    throw new InputError(`The price file ${file} does not exist. Write it with "ai-margin prices refresh --out ${file}", or name no price file.`);
  }
  return PriceBook.builtIn(parseSnapshot(parseJson(readFileSync(file, 'utf8'), file), file));
}
