import type { CheckFailure, FailureCode } from '../../core/failure.ts';
import type { HttpReply } from '../../core/ports/network.ts';
import { printable } from '../../core/printable.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';

/* What an answer that came, or did not come, through a port of the caching proxy says of it. */

/**
 * - `works`          it fetched the object from its origin; without an object: it answers as a proxy
 * - `cached`         it gave the object, from its cache although it was asked to fetch it
 * - `refuses`        it does not serve the monitor (403 or 407 of its own)
 * - `cannot_resolve` it answers, and finds no address of the origin
 * - `cannot_fetch`   it answers, and does not get the object from the origin
 * - `wrong`          something else came than the object
 * - `no_proxy`       something answers that is no proxy
 * - `hangs`          it takes connections and does not answer, not even for itself
 * - `hangs_up`       it takes connections and closes them without a word
 * - `closed`         nobody listens
 * - `unreachable`    there is no way to the address
 */
export const PROXY_STATES = [
  'works',
  'cached',
  'refuses',
  'cannot_resolve',
  'cannot_fetch',
  'wrong',
  'no_proxy',
  'hangs',
  'hangs_up',
  'closed',
  'unreachable',
] as const;
export type ProxyState = (typeof PROXY_STATES)[number];

export interface Seen {
  readonly state: ProxyState;
  /** In words for people. */
  readonly says: string;
  /** From connecting to the last byte; present where the object came. */
  readonly took?: Seconds;
  /** Whether a second, usual request was answered from the cache; absent where that shows nothing. */
  readonly hit?: boolean;
}

/** The object as the configuration gives it. */
export interface Wanted {
  readonly url: string;
  readonly expect?: string;
}

/** The error that squid gives on its own pages, without the number behind it: `ERR_DNS_FAIL`. */
const squidError = ({ headers }: HttpReply): string | undefined =>
  headers['x-squid-error']?.split(' ')[0];

/** A proxy adds `Via` to what it passes on (RFC 9110 section 7.6.3); squid says more of itself. */
export const looksLikeProxy = ({ headers }: HttpReply): boolean =>
  ['via', 'x-cache', 'x-squid-error'].some((name) => headers[name] !== undefined) ||
  (headers['server'] ?? '').toLowerCase().startsWith('squid');

export const isHit = ({ headers }: HttpReply): boolean => /\bHIT\b/.test(headers['x-cache'] ?? '');

/** Whether a cache may keep it (RFC 9111 section 3), and squid tells where it came from. */
export const isCacheable = ({ headers }: HttpReply): boolean =>
  headers['x-cache'] !== undefined && !/no-store|private/i.test(headers['cache-control'] ?? '');

/** Who answered, by the name that it gives itself: at the virtual address, that tells the node. */
const by = ({ headers }: HttpReply): string => {
  const name = /^\S+ ([\w.-]+)/.exec(headers['via'] ?? '')?.[1];
  return name === undefined ? '' : `, says ${name}`;
};

/** What the answer to a request for the object says. */
export function readObject({ url, expect }: Wanted, reply: HttpReply): Seen {
  const { status, body, took } = reply;
  const own = ownWords(reply);
  if (own !== undefined) return { ...own, says: `${own.says}${by(reply)}` };
  const isIt = status === 200 && (expect === undefined ? true : body.includes(expect));
  // What was expected is proof enough; any page at all is, only from a proxy.
  if (isIt && (expect !== undefined || looksLikeProxy(reply)))
    return isHit(reply)
      ? { state: 'cached', took, says: `gives ${url} from its cache, unasked${by(reply)}` }
      : { state: 'works', took, says: `fetched ${url} in ${formatDuration(took)}${by(reply)}` };
  const what = status === 200 ? `"${printable(body.trimStart(), 40)}"` : `status ${status}`;
  if (looksLikeProxy(reply))
    return { state: 'wrong', says: `${what} came instead of ${url}${by(reply)}` };
  return { state: 'no_proxy', says: `${what} came for ${url}, with no sign of a proxy` };
}

/** What a proxy says for itself instead of passing something on; undefined where it did pass it on. */
function ownWords(reply: HttpReply): Seen | undefined {
  const { status } = reply;
  const error = squidError(reply);
  const named = `${status}${error === undefined ? '' : ` ${error}`}`;
  if (status === 407 || (status === 403 && error !== undefined))
    return { state: 'refuses', says: `refuses to serve the monitor: ${named}` };
  if (error === 'ERR_DNS_FAIL')
    return { state: 'cannot_resolve', says: `finds no address of the origin: ${named}` };
  // Not of squid, but of a proxy all the same: what these say is that whoever is asked has no answer.
  const isGateway = [502, 503, 504].includes(status) && looksLikeProxy(reply);
  if (error !== undefined || isGateway)
    return { state: 'cannot_fetch', says: `gets nothing from the origin: ${named}` };
  return undefined;
}

/** What an answer of the proxy about itself says: its page about a request that is none. */
export const readOwnPage = (reply: HttpReply): Seen =>
  looksLikeProxy(reply)
    ? { state: 'works', says: `answers for itself${by(reply)}; no object is configured to fetch` }
    : { state: 'no_proxy', says: `status ${reply.status} came, with no sign of a proxy` };

/** What a failure says of the proxy; a failure that says something of us only is given back. */
export function readFailure(failure: CheckFailure): Seen | CheckFailure {
  const phase = failure.facts['phase'];
  const isOpen = phase !== undefined && phase !== 'connect';
  const said = (isOpen ? SAID_OPEN : SAID)[failure.code];
  if (said !== undefined) return { state: said[0], says: said[1] };
  if (failure.code !== 'protocol' || !isOpen) return failure;
  return phase === 'body'
    ? { state: 'wrong', says: failure.message }
    : { state: 'no_proxy', says: 'does not speak HTTP' };
}

type Said = Readonly<Partial<Record<FailureCode, readonly [ProxyState, string]>>>;

/** Before the connection stood. */
const SAID: Said = {
  refused: ['closed', 'nobody listens'],
  timeout: ['unreachable', 'does not answer at all'],
  unreachable: ['unreachable', 'cannot be reached'],
};
/** On a connection that stood. */
const SAID_OPEN: Said = {
  ...SAID,
  refused: ['hangs_up', 'takes connections, and closes them without an answer'],
  timeout: ['hangs', 'takes connections, and answers nothing'],
};
