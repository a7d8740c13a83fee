import type { Node } from '../../core/region.ts';

/* Who is declared to be the primary, as it stands in a text that is not ours: a Hiera file, a page, a push. */

/** A line that declares somebody. */
export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
  /** The name or address that stands there, without quotes. */
  readonly value: string;
  /** Where in the text that begins. */
  readonly at: number;
}

/** What a text declares. */
export type Declaration =
  | { readonly is: 'node'; readonly node: Node; readonly lines: readonly Line[] }
  /** Somebody who is none of the nodes. */
  | { readonly is: 'stranger'; readonly lines: readonly Line[] }
  /** One line against another. */
  | { readonly is: 'several'; readonly lines: readonly Line[] }
  | { readonly is: 'nobody' };

const BEFORE = `"'`;
const BEHIND = `"',;`;

/**
 * Reads who is declared: a node by its name, by its name and a domain, or by its address. Comments (`#`) and
 * lines that do not match are passed over; several lines may say the same.
 *
 * @param pattern a regular expression for one line; its first group is the name or address. Absent: the whole line is.
 */
export function readDeclaration(
  text: string,
  pattern: string | undefined,
  nodes: readonly Node[],
): Declaration {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'd');
  const lines = text
    .split(/\r?\n/)
    .flatMap((line, index) => declaredIn(line, index + 1, expression));
  const [first] = lines;
  if (first === undefined) return { is: 'nobody' };
  const named = lines.map(({ value }) => nodeBy(value, nodes));
  const [node] = named;
  if (named.some((each) => each !== node)) return { is: 'several', lines };
  if (node !== undefined) return { is: 'node', node, lines };
  return { is: 'stranger', lines };
}

function declaredIn(text: string, number: number, expression?: RegExp): readonly Line[] {
  if (text.trimStart().startsWith('#')) return [];
  const found = expression === undefined ? [0, text.length] : expression.exec(text)?.indices?.[1];
  if (found === undefined) return [];
  const [at, end] = bare(text, found[0] ?? 0, found[1] ?? 0);
  return at === end ? [] : [{ number, text, value: text.slice(at, end), at }];
}

/** A part of a text without spaces and quotes about it; no expression: one would take long on some lines. */
function bare(text: string, from: number, to: number): readonly [at: number, end: number] {
  const is = (at: number, marks: string): boolean => {
    const character = text.charAt(at);
    return character.trim() === '' || marks.includes(character);
  };
  let [at, end] = [from, to];
  while (at < end && is(at, BEFORE)) at += 1;
  while (end > at && is(end - 1, BEHIND)) end -= 1;
  return [at, end];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Host names are compared without regard to case (RFC 4343). */
const nodeBy = (value: string, nodes: readonly Node[]): Node | undefined =>
  nodes.find(({ name, address }) => same(name, value) || same(address, value)) ??
  nodes.find(({ name }) => isBelow(value, name));

/** Whether it is the name with a domain behind it. */
const isBelow = (value: string, name: string): boolean =>
  same(value.slice(0, name.length + 1), `${name}.`);

/** The line as it is to read, in the manner in which it names nodes now: by name, by name and domain, by address. */
export function corrected({ text, value, at }: Line, wrong: Node | undefined, right: Node): string {
  return text.slice(0, at) + spelling(value, wrong, right) + text.slice(at + value.length);
}

function spelling(value: string, wrong: Node | undefined, right: Node): string {
  if (wrong === undefined || same(value, wrong.name)) return right.name;
  if (same(value, wrong.address)) return right.address;
  return right.name + value.slice(wrong.name.length);
}
