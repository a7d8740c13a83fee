import { printable } from '../../src/core/printable.ts';
import type { Instant } from '../../src/core/time.ts';
import { begins, type Notice } from '../notice.ts';
import type { Parcel, Receipt, Thread } from '../notifier.ts';

/*
 * What makes mails of one episode one conversation, in every mail program that knows RFC 5322. All ids
 * come from the parcel, so that a repetition is recognised as one.
 */

/** Where a mail stands in its conversation. */
export interface Place {
  /** `<…@domain>`, as all of them. */
  readonly messageId: string;
  /** Absent in the mail that begins the conversation. */
  readonly inReplyTo?: string;
  readonly references: readonly string[];
}

const UTF8 = new TextEncoder();
const octets = (character: string): string =>
  [...UTF8.encode(character)]
    .map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');

/**
 * Any text as a dot-atom (RFC 5322 section 3.2.3), one to one: `/` becomes `.`, and whatever is no
 * letter, digit, dash or underscore its octets as `=2E`.
 */
const atomOf = (text: string): string =>
  text
    .split('/')
    .map((part) => (part === '' ? '=' : part.replaceAll(/[^A-Za-z0-9_-]/gu, octets)))
    .join('.');

const domainOf = (from: string): string => from.slice(from.lastIndexOf('@') + 1);

/** The Message-ID of a parcel: `<01J….email.open.1@example.org>`. */
const messageIdOf = (parcel: string, from: string): string =>
  `<${atomOf(parcel)}@${domainOf(from)}>`;

/** What the other end called an accepted mail. */
const idIn = ({ serverId, messageId }: Receipt): readonly string[] => {
  const id = serverId ?? messageId;
  return typeof id === 'string' && /^<[^<>\s]+>$/.test(id) ? [id] : [];
};

const standsAlone = (notice: Notice): boolean =>
  begins(notice) || notice.kind === 'test' || notice.collapsed === true;

/**
 * Root is the first mail of the episode that this channel accepted. When none was (its opening was
 * given up) a root is referred to that nobody has: all later ones still come together below it.
 */
export function placeOf(
  { id, notice }: Parcel,
  { receipts, episode }: Thread,
  from: string,
): Place {
  const messageId = messageIdOf(id, from);
  const known = receipts.flatMap(idIn);
  const [root] = known;
  if (root === undefined && standsAlone(notice)) return { messageId, references: [] };
  const first = root ?? messageIdOf(episode, from);
  return { messageId, inReplyTo: first, references: [...new Set([first, known.at(-1) ?? first])] };
}

/** A region as part of a List-Id, which is written like a domain name. */
const labelOf = (region: string): string => atomOf(region).replaceAll(/[^A-Za-z0-9-]/g, '-');

/** Fit for a header, whatever it holds: one line, nothing invisible, not too long. */
export const headerText = (text: string, most = 150): string =>
  Array.from(printable(text, most)).slice(0, most).join('');

/** Headers that keep robots from answering and let people sort. */
export const headersOf = (
  { region }: Pick<Notice, 'region'>,
  subject: string,
  from: string,
): Readonly<Record<string, string>> => ({
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
  'List-Id': `<${labelOf(region).slice(0, 63)}.maasha.${domainOf(from)}>`,
  'Thread-Topic': subject,
});

/** A moment as RFC 5322 section 3.3 writes it, in UTC. */
export const mailDate = (moment: Instant): string =>
  // eslint-disable-next-line no-restricted-globals -- only formats the moment it is given
  new Date(moment).toUTCString().replace('GMT', '+0000');
