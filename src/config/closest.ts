/** `; did you mean "address"?` when one of `known` is a slip of the finger away, else nothing. */
export function closest(word: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: edits(word, candidate) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= Math.max(2, candidate.length / 3) && distance < candidate.length - 1,
    )
    .sort((a, b) => a.distance - b.distance)[0];
  return near === undefined ? '' : `; did you mean "${near.candidate}"?`;
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one word into the other. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    let diagonal = index;
    row = row.reduce<number[]>((next, above, column) => {
      const left = next[column - 1];
      const cost =
        left === undefined
          ? index + 1
          : Math.min(left + 1, above + 1, diagonal + Number(to[column - 1] !== letter));
      diagonal = above;
      return [...next, cost];
    }, []);
  }
  return row[to.length] ?? 0;
}
