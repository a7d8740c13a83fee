import type { Content, Section } from './email-content.ts';

/** The widest line that every mail program shows unbroken. */
const COLUMNS = 78;

const width = (text: string): number => Array.from(text).length;

/** A word that means something only as a whole: a command in backticks, an address of a page. */
const isWhole = (word: string): boolean => word.includes('`') || /^https?:\/\//.test(word);

/** Pieces that fit; a word that must stay whole may be wider. */
const pieces = (word: string, columns: number): readonly string[] => {
  if (width(word) <= columns || isWhole(word)) return [word];
  const characters = Array.from(word);
  return Array.from({ length: Math.ceil(characters.length / columns) }, (_, index) =>
    characters.slice(index * columns, (index + 1) * columns).join(''),
  );
};

/** Breaks at blanks, never inside of a command; the lines after the first begin with `indent`. */
export function wrap(text: string, indent = '', columns = COLUMNS): readonly string[] {
  const lead = /^ */.exec(text)?.[0] ?? '';
  const room = columns - width(indent);
  const words = (text.match(/(?:`[^`]*`|\S)+/g) ?? []).flatMap((word) => pieces(word, room));
  const lines: string[] = [];
  let line = lead;
  let empty = true;
  for (const word of words) {
    if (!empty && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

const item = (text: string): readonly string[] => wrap(`- ${text}`, '  ');

/** Under what a line of a list goes on. */
const hanging = (text: string): string => ' '.repeat(/^ *(?:- )?/.exec(text)?.[0].length ?? 0);

const block = ({ heading, lines, verbatim }: Section): readonly string[] => [
  '',
  ...wrap(heading),
  ...lines.flatMap((line) => (verbatim ? wrap(line, hanging(line)) : item(line))),
];

/** A mail as text: the part that counts. No line is wider than 78 columns, but for a command or an address that would break. */
export function emailText({
  headline,
  sentences,
  facts,
  sections,
  links,
  origin,
}: Content): string {
  const column = Math.max(0, ...facts.map(([name]) => width(name))) + 2;
  const indent = ' '.repeat(column);
  return [
    ...wrap(headline),
    '',
    ...sentences.flatMap((sentence) => wrap(sentence)),
    ...(facts.length === 0 ? [] : ['']),
    ...facts.flatMap(([name, value]) => wrapFact(name, value, indent)),
    ...sections.flatMap(block),
    ...(links.length === 0 ? [] : ['']),
    ...links.flatMap(([name, url]) => wrap(`${name}: ${url}`)),
    '',
    ...wrap(origin),
    '',
  ].join('\n');
}

const wrapFact = (name: string, value: string, indent: string): readonly string[] => {
  const [first = '', ...rest] = wrap(value, '', COLUMNS - indent.length);
  return [`${name.padEnd(indent.length)}${first}`, ...rest.map((line) => `${indent}${line}`)];
};
