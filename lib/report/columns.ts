/** Rows of text as aligned columns, for a terminal. */
export function columns(rows: readonly (readonly string[])[], rightAligned: ReadonlySet<number> = new Set()): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const pad = (cell: string, column: number): string => rightAligned.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map(row => row.map(pad).join('  ').trimEnd());
}
