import { printable } from '../core/printable.ts';
import { isNode, type Document, type LineCounter } from 'yaml';

/** One mistake in the configuration: where it stands, what was found there, what was expected. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly found: string;
  readonly expected: string;
}

/** The configuration was refused; `problems` holds every mistake, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${file}: ${count}\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** `regions[0].nodes[1].address` */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');

/** Where in the file a path stands: at the value, else at the nearest thing around it. */
export class Locator {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  at(path: readonly PropertyKey[]): { readonly line: number; readonly column: number } {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) {
        const { line, col } = this.#lines.linePos(node.range[0]);
        return { line, column: col };
      }
    }
    return { line: 1, column: 1 };
  }
}

/** A value as it is shown in a message: short, on one line, and without the account in a URL. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return printable(JSON.stringify(value).replaceAll(/:\/\/[^/@"\s]+@/g, '://***@'), 60);
}

/** All problems as lines `file:line:column: path: found …, expected …`, in the order of the file. */
export function describe(file: string, problems: readonly Problem[], locator: Locator): string[] {
  return problems
    .map((problem) => ({ ...problem, ...locator.at(problem.path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ line, column, path, found, expected }) =>
        `${file}:${line}:${column}: ${path.length === 0 ? '' : `${pathText(path)}: `}found ${found}, expected ${expected}`,
    );
}
