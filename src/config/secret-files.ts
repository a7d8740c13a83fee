import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '../core/secret.ts';
import { show, type Problem } from './problem.ts';

/** MAAS keeps its shared secret as hexadecimal text (`/var/lib/maas/secret`); the others are as they are. */
const RPC_SECRET = 'secret_file';
const HEX = /^([0-9a-f]{2})+$/i;

const expected = (key: PropertyKey | undefined): string =>
  key === RPC_SECRET
    ? 'the path of a file with the region’s secret in hexadecimal'
    : 'the path of a readable, non-empty file';

/** Reads the files that hold secrets; what cannot be read becomes a problem at its key. */
export class SecretFiles {
  readonly problems: Problem[] = [];
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  read(path: readonly PropertyKey[], file: string): Secret {
    const found = this.#problem(path.at(-1), file);
    if (found !== undefined) this.problems.push({ path, found, expected: expected(path.at(-1)) });
    return new Secret(found === undefined ? this.#text(file) : '');
  }

  /** The same check on content whose shape is wrong elsewhere, so that one round of mending is enough. */
  missing(content: unknown, path: readonly PropertyKey[] = []): readonly Problem[] {
    if (typeof content !== 'object' || content === null) return [];
    return Object.entries(content).flatMap(([key, value]: [string, unknown]) => {
      const here = [...path, Array.isArray(content) ? Number(key) : key];
      if (!key.endsWith('_file') || typeof value !== 'string') return this.missing(value, here);
      const found = this.#problem(key, value);
      return found === undefined ? [] : [{ path: here, found, expected: expected(key) }];
    });
  }

  #problem(key: PropertyKey | undefined, file: string): string | undefined {
    try {
      const text = this.#text(file);
      if (text === '') return `${show(file)}, which is empty`;
      return key === RPC_SECRET && !HEX.test(text)
        ? `${show(file)}, which holds something else`
        : undefined;
    } catch (error) {
      return `${show(file)}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
    }
  }

  #text(file: string): string {
    return readFileSync(resolve(this.#base, file), 'utf8').trim();
  }
}
