/** What a person may have meant: the names at the smallest edit distance, as long as it is not another word altogether. */
export function nearMatches(asked: string, names: readonly string[], most = 5): string[] {
  return names
    .map(name => ({ name, distance: editDistance(asked, name) }))
    .filter(({ name, distance }) => distance <= Math.max(asked.length, name.length) / 2)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
