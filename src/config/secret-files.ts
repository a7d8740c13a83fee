import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '../core/secret.ts';
import { show, type Problem } from './problem.ts';

/** Reads the files that hold secrets; what cannot be read becomes a problem at its key. */
export class SecretFiles {
  readonly problems: Problem[] = [];
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  read(path: readonly PropertyKey[], file: string): Secret {
    const found = this.#problem(file);
    if (found !== undefined)
      this.problems.push({ path, found, expected: 'the path of a readable, non-empty file' });
    return new Secret(found === undefined ? this.#text(file) : '');
  }

  /** The same check on content whose shape is wrong elsewhere, so that one round of mending is enough. */
  missing(content: unknown, path: readonly PropertyKey[] = []): readonly Problem[] {
    if (typeof content !== 'object' || content === null) return [];
    return Object.entries(content).flatMap(([key, value]: [string, unknown]) => {
      const here = [...path, Array.isArray(content) ? Number(key) : key];
      if (!key.endsWith('_file') || typeof value !== 'string') return this.missing(value, here);
      const found = this.#problem(value);
      return found === undefined
        ? []
        : [{ path: here, found, expected: 'the path of a readable, non-empty file' }];
    });
  }

  #problem(file: string): string | undefined {
    try {
      return this.#text(file) === '' ? `${show(file)}, which is empty` : undefined;
    } catch (error) {
      return `${show(file)}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
    }
  }

  #text(file: string): string {
    return readFileSync(resolve(this.#base, file), 'utf8').trim();
  }
}
