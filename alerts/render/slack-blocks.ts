import type { Severity } from '../../src/core/rule.ts';
import type { Notice, Shown } from '../notice.ts';

/*
 * The blocks that a message is made of. Slack refuses a message as a whole when one text is too long,
 * and at about 13,200 characters although each text is legal; a reader at 3 a.m. has limits of his
 * own. So every text has a budget in characters, and together they stay far below both.
 */

export interface Markup {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Slack must not make links or mentions of anything that is not written as one. */
  readonly verbatim: true;
}
interface Plain {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}
interface Button {
  readonly type: 'button';
  readonly text: Plain;
  readonly url: string;
  readonly action_id: string;
}
export type Block =
  | { readonly type: 'header'; readonly text: Plain }
  | { readonly type: 'section'; readonly text: Markup }
  | { readonly type: 'section'; readonly fields: readonly Markup[] }
  | { readonly type: 'context'; readonly elements: readonly Markup[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] };

/** What chat.postMessage and chat.update are given. `text` is for notifications and screen readers. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly attachments: readonly { readonly color: string; readonly blocks: readonly Block[] }[];
}

export const BUDGET = {
  text: 600,
  header: 140,
  name: 200,
  summary: 500,
  remark: 300,
  fact: 160,
  evidence: { lines: 5, width: 180, whole: 950 },
  steps: { count: 2, each: 320 },
  context: 300,
  url: 1000,
  plain: 2800,
} as const;

const GLYPHS: Readonly<Record<Shown, string>> = {
  firing: '🔴',
  acknowledged: '👀',
  recovering: '🟡',
  flapping: '🔁',
  stale: '❔',
  explained: '🔗',
  silenced: '🔕',
  resolved: '✅',
  retired: '⚪',
};
const GREY = '#7F8C8D';
const SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: '#C0392B',
  warning: '#D68910',
  info: GREY,
};
const COLOURS: Readonly<Partial<Record<Shown, string>>> = {
  acknowledged: '#2E6DA4',
  stale: GREY,
  explained: GREY,
  silenced: GREY,
  resolved: '#1E8449',
  retired: GREY,
};

export const glyphOf = ({ standing, severity }: Notice): string =>
  standing === 'firing' && severity !== 'critical' ? '🟠' : GLYPHS[standing];

/** The colour of the bar: a second hint only, the word says it. */
export const colourOf = ({ standing, severity }: Pick<Notice, 'standing' | 'severity'>): string =>
  COLOURS[standing] ?? SEVERITIES[severity];

export const markup = (text: string): Markup => ({ type: 'mrkdwn', text, verbatim: true });
export const section = (...lines: readonly string[]): Block => ({
  type: 'section',
  text: markup(lines.filter((line) => line !== '').join('\n')),
});

// It opens an address and nothing else: no answer has to reach the monitor.
export function button(label: string, address: string | undefined): readonly Button[] {
  const url = linkTo(address);
  if (url === undefined) return [];
  const text = { type: 'plain_text', text: label, emoji: false } as const;
  return [{ type: 'button', text, url, action_id: label.toLowerCase() }];
}

/** An address that Slack takes, or none: one that is cut leads elsewhere. */
export function linkTo(address: string | undefined): string | undefined {
  if (address === undefined || !/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    return undefined;
  }
  const { href } = new URL(address);
  return href.length > BUDGET.url ? undefined : href;
}
