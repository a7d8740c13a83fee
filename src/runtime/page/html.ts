import { printable } from '../../core/printable.ts';

/** Markup that is safe to be sent: it was written here, or was escaped on its way in. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template. Text of any kind is escaped; `undefined` and `false` are nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const MOST = 4000;

/** Text from anywhere as the content of an element or of a quoted attribute, on one line. */
const escaped = (text: string): string =>
  printable(text, MOST).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

function markup(part: Part): string {
  if (part instanceof Html) return part.toString();
  if (part === undefined || part === false) return '';
  if (typeof part === 'object') return part.map(markup).join('');
  return escaped(String(part));
}

const dense = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The template's own text without its lines and indentation, which are for whoever reads the source. */
function densely(texts: TemplateStringsArray): readonly string[] {
  const known = dense.get(texts);
  if (known !== undefined) return known;
  const made = texts.map((text) => text.replaceAll(/\s*\n\s*/g, ' '));
  dense.set(texts, made);
  return made;
}

/** A template whose own text is markup, and in which everything that is put in is escaped. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(
    densely(texts)
      .map((text, index) => text + markup(parts[index]))
      .join(''),
  );

/** Markup that is made elsewhere: a style sheet. Never for what came from outside. */
export const asIs = (text: string): Html => new Html(text);
