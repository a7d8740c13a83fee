const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);

/** One element's start, as it is met. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The names of those that it stands in. */
  readonly inside: readonly string[];
}

/**
 * All elements of a page that was written by a program: each is closed in its order and each attribute is
 * quoted. @throws with the place where that is not so.
 */
export function elementsOf(page: string): readonly Element[] {
  const open: string[] = [];
  const found: Element[] = [];
  // What stands in these is no markup.
  const markup = page
    .replace(/^<!doctype html>/, '')
    .replaceAll(/<(style|script)([^>]*)>[^<]*<\/\1>/g, '<$1$2></$1>');
  for (const [piece] of markup.matchAll(/<[^>]*>|[^<]+|</g)) {
    if (!piece.startsWith('<')) assertPlain(piece);
    else if (piece.startsWith('</')) close(piece, open);
    else found.push(begin(piece, open));
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return found;
}

function assertPlain(text: string): void {
  if (/>|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`a bare sign in: ${text}`);
}

function close(tag: string, open: string[]): void {
  const expected = open.pop();
  if (tag !== `</${expected ?? ''}>` && !new RegExp(`^</${expected ?? ''}\\s*>$`).test(tag))
    throw new Error(`${tag} ends <${expected ?? 'nothing'}>`);
}

const TAG = /^<([a-z][a-zA-Z0-9]*)((?:\s+[a-z][\w-]*(?:="[^"<>]*")?)*)\s*(\/?)>$/;

function begin(tag: string, open: string[]): Element {
  const [, name, list = '', self] = TAG.exec(tag) ?? [];
  if (name === undefined) throw new Error(`no tag: ${tag.slice(0, 120)}`);
  const attributes = Object.fromEntries(
    [...list.matchAll(/([a-z][\w-]*)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [
      key,
      value,
    ]),
  );
  const element = { name, attributes, inside: [...open] };
  if (self !== '/' && !VOID.has(name)) open.push(name);
  return element;
}
