import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Artifact } from '../generate/declared.ts';
import { MARK } from '../generate/artifacts.ts';
import { UsageError } from './exit.ts';

/* What was generated, against the files that are there. */

interface Missing {
  readonly is: 'missing';
  readonly path: string;
}
interface LeftOver {
  readonly is: 'left over';
  readonly path: string;
}
interface Different {
  readonly is: 'different';
  readonly path: string;
  /** The first line that differs, from 1; a text is undefined where the file has ended by then. */
  readonly line: number;
  readonly found: string | undefined;
  readonly expected: string | undefined;
}

/** One way in which a file is not what would be generated now. */
export type Drift = Missing | LeftOver | Different;

/** All differences between what was made and what lies below `root`, by path. */
export function driftOf(
  made: readonly Artifact[],
  root: string,
  folders: readonly string[],
): readonly Drift[] {
  const expected = new Set(made.map(({ path }) => path));
  const leftOver = folders
    .flatMap((folder) => filesBelow(root, folder))
    .filter((path) => !expected.has(path) && isGenerated(join(root, path)))
    .map((path): Drift => ({ path, is: 'left over' }));
  return [...made.flatMap((artifact) => changeOf(artifact, root)), ...leftOver].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

function changeOf({ path, text }: Artifact, root: string): readonly Drift[] {
  const there = textOf(join(root, path));
  if (there === text) return [];
  if (there === undefined) return [{ path, is: 'missing' }];
  const [found, expected] = [there.split('\n'), text.split('\n')];
  const index = expected.findIndex((line, at) => line !== found[at]);
  const at = index === -1 ? expected.length : index;
  const is = 'different';
  return [{ path, is, line: at + 1, found: lineOf(found, at), expected: lineOf(expected, at) }];
}

/** What stands behind the last newline of a file is no line of it. */
const lineOf = (lines: readonly string[], at: number): string | undefined =>
  at === lines.length - 1 && lines[at] === '' ? undefined : lines[at];

/** Makes the files below `root` what they should be. A file is replaced as a whole or not at all. */
export function mend(drift: readonly Drift[], made: readonly Artifact[], root: string): void {
  const texts = new Map(made.map(({ path, text }) => [path, text]));
  for (const { path } of drift) {
    const file = join(root, path);
    const text = texts.get(path);
    said(file, () => {
      if (text === undefined) rmSync(file);
      else replace(file, text);
    });
  }
}

function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** The text of a file; undefined where there is none. */
function textOf(file: string): string | undefined {
  try {
    return said(file, () => readFileSync(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The files in a folder and below it, as paths from `root`; none where there is no such folder. */
function filesBelow(root: string, folder: string): readonly string[] {
  try {
    return said(join(root, folder), () =>
      readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = `${folder}/${entry.name}`;
        return entry.isDirectory() ? filesBelow(root, path) : [path];
      }),
    );
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

const isGenerated = (file: string): boolean => textOf(file)?.includes(MARK) === true;

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to',
  EPERM: 'this user has no right to',
  EROFS: 'its file system is mounted read-only',
  ENOSPC: 'its file system is full',
  EDQUOT: 'the quota of this user is used up',
  ENOTDIR: 'a part of its path is a file, expected a folder',
  EEXIST: 'a part of its path is a file, expected a folder',
  EISDIR: 'it is a folder, expected a file',
};

/** Does it, and says in words which file could not be read or written, and why. */
function said<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const why = WHY[codeOf(error)];
    if (why === undefined || error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read or written: ${why}`);
  }
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);
