import { printable } from '../../src/core/printable.ts';
import type { Instant } from '../../src/core/time.ts';
import { utc } from './words.ts';

/*
 * Slack's markup from texts that nobody vouches for. Everything here returns text that is markup
 * already, that cannot mention anybody, make a link or format anything that was not meant to be, and
 * that is never longer than asked for: in UTF-16 code units, and counted after the escapes.
 */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What is shown when there is nothing: Slack refuses an empty text. */
const NOTHING = '–';

/** The text's begin, no longer than `most`, and never half a character. */
export const begin = (text: string, most: number): string =>
  text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');

/** Escapes what Slack reads as control characters, and cuts between characters, never within an entity. */
function escaped(text: string, most: number, isCut: boolean): string {
  let made = '';
  let kept = '';
  for (const character of text) {
    made += ENTITIES[character] ?? character;
    if (made.length > most) return `${kept}…`;
    if (made.length < most) kept = made;
  }
  return isCut ? `${kept}…` : made;
}

const JOINER = '\u2060';
const CALL = /@(?=(?:here|channel|everyone|group)\b)/gi;

const restrained = (text: string, most: number, change: (line: string) => string): string => {
  const head = begin(text, most);
  const shown = change(printable(head, Infinity)).replaceAll(CALL, `@${JOINER}`).trim();
  return shown === '' ? NOTHING : escaped(shown, most, head.length < text.length);
};

const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: '＿' };

const unformatted = (line: string): string =>
  line
    .replaceAll(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOKALIKES[mark] ?? mark)
    // Slack makes a picture of `:name:`, and a quotation of a first `>`.
    .replaceAll(/:(?=(?:[a-z][\w+'-]{2,}|100|1234):)/gi, `:${JOINER}`)
    .replace(/^\s*>/, '›');

/** One line of running text without any format of its own. */
export const inert = (text: string, most: number): string => restrained(text, most, unformatted);

/** One line for `plain_text`, where nothing is formatted but the entities. */
export const plain = (text: string, most: number): string => restrained(text, most, (line) => line);

const noTicks = (line: string): string => line.replaceAll('`', "'");

/** One line of text in a fixed pitch, inside of a code block or span. */
const literal = (text: string, most: number): string => restrained(text, most, noTicks);

const FENCE = '```';

/** Lines in a code block that none of them can end. Each is cut at `width`; the block is within `most`. */
export function codeBlock(lines: readonly string[], width: number, most: number): string {
  const room = most - 2 * (FENCE.length + 1);
  const shown = lines.map((line) => literal(line, width));
  const fitting = shown.filter((_, index) => shown.slice(0, index + 1).join('\n').length <= room);
  return `${FENCE}\n${fitting.join('\n')}\n${FENCE}`;
}

const ELSEWHERE = ' … (the rest is in the runbook)';

/**
 * A step of a runbook: text, with its commands between backticks. A command is shown whole or not at
 * all, because half of one may do something else.
 */
export function instruction(text: string, most: number): string {
  // Every second part stood between backticks.
  const parts = text.replaceAll(/\s+/g, ' ').split(/`([^`]+)`/);
  let made = '';
  for (const [index, part] of parts.entries()) {
    if (part.trim() === '') {
      made += part;
      continue;
    }
    const shown = index % 2 === 1 ? `\`${literal(part, Infinity)}\`` : running(part);
    if (made.length + shown.length + ELSEWHERE.length > most) {
      const room = most - made.length - ELSEWHERE.length;
      return `${made}${index % 2 === 1 || room < 2 ? '' : inert(part, room)}${ELSEWHERE}`;
    }
    made += shown;
  }
  return made.trim() === '' ? NOTHING : made;
}

/** Keeps the spaces that part it from the commands around it. */
const running = (part: string): string =>
  `${part.startsWith(' ') ? ' ' : ''}${inert(part, Infinity)}${part.endsWith(' ') ? ' ' : ''}`;

/** A moment in UTC, and as the reader's own clock shows it. */
export function when(moment: Instant): string {
  const fixed = utc(moment);
  const epoch = Math.floor(moment / 1000);
  // Slack's clients refuse what does not fit 32 bits.
  if (!(epoch > 0 && epoch < 0x1_0000_0000)) return fixed;
  return `${fixed} · <!date^${epoch}^{date_short_pretty} {time}|${fixed}>`;
}

/** Whom to call: `here`, `channel`, `everyone`, a user's id or a user group's. */
export function mentionOf(whom: string): string {
  if (whom.startsWith('S')) return `<!subteam^${whom}>`;
  return /^[UW]/.test(whom) ? `<@${whom}>` : `<!${whom}>`;
}
