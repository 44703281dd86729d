/** Words of the family sources: property names, values and items. Tests that must meet what families read take them from here. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FAMILIES = join(__dirname, '../../../lib/estimate/families');
const sources = readdirSync(FAMILIES)
  .map(file => readFileSync(join(FAMILIES, file), 'utf8').replace(/^import .*$/gm, ''))
  .join('\n');

const all = (pattern: RegExp): string[] => [...new Set([...sources.matchAll(pattern)].map(match => match[1]!))];

/** Items written out, such as `alb/hour`; those put together from a property are not among them. */
export const WRITTEN_ITEMS: readonly string[] = all(/'([a-z][a-z0-9-]*\/[a-z][a-z0-9-]*)'/g);
/** Every step of a property path. */
export const PROPERTY_NAMES: readonly string[] = [
  ...new Set(all(/\b([A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)*)\b/g).flatMap(path => path.split('.'))),
];
export const VALUES: readonly string[] = all(/'([A-Za-z0-9_.-]+)'/g);
