import type { IncomingHttpHeaders } from 'node:http';
import { printable } from '../../../src/core/printable.ts';
import type { Secret } from '../../../src/core/secret.ts';
import { seconds, type Instant, type Seconds } from '../../../src/core/time.ts';
import { DeliveryFailure, type Trouble } from '../../notifier.ts';
import type { Answer } from './exchange.ts';

/** What an answer is judged with. */
export interface Exchanged {
  /** Whose answer it is, for the message. */
  readonly where: string;
  readonly now: Instant;
  /** What was sent and must not be shown, should it be echoed. */
  readonly secrets: readonly Secret[];
}

/**
 * Says nothing when the answer means that it was accepted.
 *
 * A redirect is not followed: it may lead anywhere, with the token. A web page is no acceptance: it is
 * how a portal or a proxy in between answers everything with 200.
 *
 * @throws DeliveryFailure with the answer's own words.
 */
export function demandAccepted(answer: Answer, { where, now, secrets }: Exchanged): void {
  const [trouble, meaning] = judge(answer);
  if (trouble === undefined) return;
  const words = wordsOf(answer.body, secrets);
  const said = words === '' || isPage(answer.body) ? '' : `: ${words}`;
  const pause = retryAfter(answer.headers, now);
  throw new DeliveryFailure(
    // Whoever is overloaded and says for how long wants a pause, whatever the status.
    trouble === 'again' && pause !== undefined && pause > 0 ? 'limited' : trouble,
    `${where} answered ${answer.status}${said} (${meaning})`,
    pause === undefined ? {} : { retryAfter: pause },
  );
}

type Verdict = readonly [Trouble, string] | readonly [undefined];

const AUTHORITY: Verdict = ['closed', 'it does not take our token: check token_file'];
const ADDRESS: Verdict = ['closed', 'it takes nothing at this address: check the URL'];
const LATER: Verdict = ['again', 'it may work later'];

const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: AUTHORITY,
  403: AUTHORITY,
  407: ['closed', 'there is a proxy in between'],
  404: ADDRESS,
  405: ADDRESS,
  410: ADDRESS,
  408: LATER,
  425: LATER,
  429: ['limited', 'it wants a pause'],
};

function judge(answer: Answer): Verdict {
  const { status } = answer;
  const named = BY_STATUS[status];
  if (named !== undefined) return named;
  if (status >= 500) return LATER;
  if (status >= 400) return ['refused', 'it will not take this one'];
  if (status >= 300) return ['closed', `it redirects${target(answer)}: write the final URL`];
  return isPage(answer.body)
    ? ['closed', 'a web page, so something else answers in its place: check the URL']
    : [undefined];
}

/** Only where to, without the path: that may be a secret. */
function target({ headers: { location = '' } }: Answer): string {
  return URL.canParse(location) ? ` to ${new URL(location).origin}` : '';
}

const isPage = (body: string): boolean => /^\s*(<!doctype html|<html)/i.test(body);

/** What the server says for itself: JSON's `message`, a JSON text, or the body as it is. */
function wordsOf(body: string, secrets: readonly Secret[]): string {
  const text = messageIn(body) ?? body;
  const hidden = secrets
    .map((secret) => secret.reveal())
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return printable(hidden.trim().replaceAll(/\s+/g, ' '));
}

function messageIn(body: string): string | undefined {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said === 'string') return said;
    const { message } = (said ?? {}) as { readonly message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How long the other end wants to be left alone: seconds, or until a date (RFC 9110 section 10.2.3).
 * A date is counted from the answer's own `Date`, so that it means the same when the clocks differ.
 */
function retryAfter(headers: IncomingHttpHeaders, now: Instant): Seconds | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return seconds(Number(text));
  const until = httpDate(text);
  if (until === undefined) return undefined;
  return seconds(Math.max(0, (until - (httpDate(headers.date) ?? now)) / 1000));
}

/** Epoch milliseconds of an HTTP date in any of its three forms; each of them is in UTC. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  // eslint-disable-next-line no-restricted-globals -- only reads the moment it is given
  const moment = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(moment) ? undefined : moment;
}
