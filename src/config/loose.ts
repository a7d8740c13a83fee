import { show, type Problem } from './problem.ts';

/* The file's content before its shape is known to be right, and what is said about it. */

export type Path = readonly PropertyKey[];
export type Loose = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const problem = (
  path: Path,
  found: unknown,
  expected: string,
  literal = false,
): Problem => ({ path, found: literal ? String(found) : show(found), expected });

/** Every value after the first of its kind; `sameAs` gives what makes two of them the same. */
export function repeated(
  values: readonly unknown[],
  at: (index: number) => Path,
  expected: string,
  sameAs: (value: unknown) => unknown = (value) => value,
): readonly Problem[] {
  const keys = values.map(sameAs);
  return values.flatMap((value, index) =>
    value !== undefined && keys.indexOf(keys[index]) < index
      ? [problem(at(index), `${show(value)} a second time`, expected, true)]
      : [],
  );
}
