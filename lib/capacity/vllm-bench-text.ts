/** Finds the fields of one bench result in what was pasted, printed or saved: two runs in one text would be mixed unseen. */
import { InputError } from '../errors';

export interface Field {
  readonly printed: string;
  readonly saved: string;
}

export interface BenchReader {
  /** The value of a field as it was found; undefined where the result has none. */
  readonly lookup: (field: Field) => unknown;
  readonly nameOf: (field: Field) => string;
}

const HEADING = 'Serving Benchmark Result';
const ONE_EACH = 'each result is one entry of `benchmarks`';

export function benchReader(text: string, where: string): BenchReader {
  const pasted = text.trim(); // The mark of byte order goes too.
  if (/^[{[]/.test(pasted)) {
    const result = savedResult(pasted, where);
    return { lookup: field => result[field.saved], nameOf: field => field.saved };
  }
  const parts = pasted.split(HEADING);
  if (parts.length > 2) throw new InputError(`${where} has ${parts.length - 1} results of vllm bench serve; ${ONE_EACH}.`);
  return { lookup: field => printedValue(parts, field.printed, where), nameOf: field => `"${field.printed}"` };
}

/** The concurrency is printed before the heading and, in newer versions, again after it; nothing may be twice in one part. */
function printedValue(parts: readonly string[], label: string, where: string): string | undefined {
  const start = `${label}:`.toLowerCase(); // "Total Token throughput" in older versions.
  const found = parts.map(part => part.split('\n').map(line => line.trim()).filter(line => line.toLowerCase().startsWith(start)).map(line => line.slice(start.length).trim()));
  const values = found.flat();
  if (found.some(({ length }) => length > 1) || new Set(values).size > 1) {
    throw new InputError(`${where} has "${label}" ${values.length} times (${values.join(', ')}), as if of several runs; ${ONE_EACH}.`);
  }
  return values[0];
}

function savedResult(text: string, where: string): Record<string, unknown> {
  let saved: unknown;
  try {
    saved = JSON.parse(withoutPythonNumbers(text));
  } catch (error) {
    throw new InputError(`${where} begins like the JSON of vllm bench serve --save-result and cannot be read: ${(error as Error).message}. `
      + `Give the whole file, or the block it prints; ${ONE_EACH}, so no --append-result.`);
  }
  if (Array.isArray(saved)) throw new InputError(`${where} is a list of ${saved.length} results of vllm bench serve; ${ONE_EACH}.`);
  return saved as Record<string, unknown>;
}

/** Python writes NaN and Infinity into JSON, where strings are left as they are; no field that counts may have them. */
const withoutPythonNumbers = (text: string): string => text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g, found => found.startsWith('"') ? found : `"${found}"`);
