/** Writes the price file whole or not at all. */
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PriceSnapshot, priceSnapshotSchema } from '../contracts/price-snapshot';
import { InputError } from '../errors';

/** Before minutes of asking: can the file be written there at all? */
export function assertFolder(file: string): void {
  const folder = path.dirname(path.resolve(file));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`The price snapshot cannot be written to ${file}: there is no folder ${folder}. `
      + 'Create it, or give another file to --out.');
  }
}

/** The disk said no; the message says what stayed as it was. */
export class WriteError extends Error {
  public override readonly name = 'WriteError';
}

/** Through a temporary file in the same folder, so that a reader sees the old file or the new one, and never a part. */
export function writeSnapshot(file: string, snapshot: PriceSnapshot): void {
  const temporary = path.join(path.dirname(path.resolve(file)), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, `${JSON.stringify(priceSnapshotSchema.parse(snapshot), null, 2)}\n`, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new WriteError(`The price snapshot was not written to ${file} (${(error as Error).message}); what was there stays as it was. `
      + 'Check the permissions and the free space, or give another file to --out.');
  }
}
