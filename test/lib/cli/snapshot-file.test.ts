import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PriceSnapshot } from '../../../lib/contracts/price-snapshot';
import { readSnapshot } from '../../../lib/assembly/prices';
import { WriteError, writeSnapshot } from '../../../lib/cli/snapshot-file';

const SNAPSHOT: PriceSnapshot = { version: 1, regions: {} };

describe('the price file', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'snapshot-file-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  test('what was written is read again, and nothing lies beside it', () => {
    const file = path.join(folder, 'prices.json');
    expect(readSnapshot(file, '')).toBeNull();
    writeSnapshot(file, SNAPSHOT);
    expect(readSnapshot(file, '')).toEqual(SNAPSHOT);
    expect(readdirSync(folder)).toEqual(['prices.json']);
  });

  test('who reads the old file while the new one is written sees the old one whole', () => {
    const file = path.join(folder, 'prices.json');
    writeFileSync(file, 'old');
    const reader = openSync(file, 'r');
    writeSnapshot(file, SNAPSHOT);
    expect(readFileSync(reader, 'utf8')).toBe('old');
    closeSync(reader);
  });

  test('gate: a document that does not fit the schema is not written', () => {
    const file = path.join(folder, 'prices.json');
    writeFileSync(file, 'old');
    expect(() => writeSnapshot(file, { version: 2 } as unknown as PriceSnapshot)).toThrow(WriteError);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['prices.json']);
  });

  test('gate: where the last step fails the temporary file is gone', () => {
    const file = path.join(folder, 'taken');
    mkdirSync(path.join(file, 'by-a-folder'), { recursive: true });
    expect(() => writeSnapshot(file, SNAPSHOT)).toThrow(/was not written to .*taken .*stays as it was.*--out/s);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
