/** The regular expressions of bypass rules. */

/** Anywhere in the text. */
export const partOf = (pattern: string, flags: string): RegExp => new RegExp(pattern, `${flags}u`);

/** The text as a whole; with the flag m, ^ and $ would be content with a line of it. */
export const wholeOf = (pattern: string, flags: string): RegExp => partOf(`(?<![^])(?:${pattern})(?![^])`, flags);

/** As an answer may name them: `1`, `<name>`. */
export function groupsOf(pattern: string, flags: string): readonly string[] {
  // Nothing as another choice always matches, and shows all groups.
  return [...groupsIn(partOf(`${pattern}|`, flags).exec('')!).keys()];
}

/** A group that took no part is empty. */
export const groupsIn = (match: RegExpExecArray): ReadonlyMap<string, string> => new Map([
  ...match.slice(1).map((value: string | undefined, i) => [String(i + 1), value ?? ''] as const),
  ...Object.entries(match.groups ?? {}).map(([name, value]: readonly [string, string | undefined]) => [`<${name}>`, value ?? ''] as const),
]);
