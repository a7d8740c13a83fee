import {
  isCacheable,
  isHit,
  looksLikeProxy,
  readFailure,
  readObject,
  readOwnPage,
  type Seen,
  type Wanted,
} from './answer.ts';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import type { Endpoint, HttpOptions, HttpReply } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { formatDuration, seconds } from '../../core/time.ts';

/* The exchanges with one port of the proxy: few, small, and each with an end. */

/** Longer than the 5 s after which a resolver, squid's own too, asks its second server. */
const OBJECT = { timeout: seconds(6), maxBytes: 256 * 1024 };
const BRIEF = { timeout: seconds(2), maxBytes: 256 * 1024 };

type Http = Pick<Ports, 'http'>;

/** Asks through one port; a failure says that it could not be looked at. */
export const askProxy = (
  io: Http,
  at: Endpoint,
  wanted: Wanted | undefined,
): Promise<Seen | CheckFailure> =>
  wanted === undefined ? askItself(io, at) : askForObject(io, at, wanted);

const get = (
  { http }: Http,
  url: string,
  options: HttpOptions,
): Promise<HttpReply | CheckFailure> => http.get(url, options).catch(toFailure);

/** A request that is meant for a web server, not for a proxy: squid answers it with a page of its own (400). */
const ownPage = (io: Http, { host, port }: Endpoint): Promise<HttpReply | CheckFailure> =>
  get(io, `http://${host.includes(':') ? `[${host}]` : host}:${port}/`, BRIEF);

async function askItself(io: Http, at: Endpoint): Promise<Seen | CheckFailure> {
  const reply = await ownPage(io, at);
  return reply instanceof CheckFailure ? readFailure(reply) : readOwnPage(reply);
}

async function askForObject(io: Http, via: Endpoint, wanted: Wanted): Promise<Seen | CheckFailure> {
  // Fresh: an answer from the cache says nothing of the way to the origin.
  const reply = await get(io, wanted.url, { ...OBJECT, via, fresh: true });
  const seen = await (reply instanceof CheckFailure
    ? readSilence(io, via, wanted, reply)
    : readObject(wanted, reply));
  if (seen instanceof CheckFailure) return seen;
  const mayBeKept = reply instanceof CheckFailure || seen.state !== 'works' || isCacheable(reply);
  return mayBeKept ? withCache(io, via, wanted, seen) : seen;
}

/** A proxy that waits for its origin is silent, too: then it still answers for itself. */
async function readSilence(
  io: Http,
  via: Endpoint,
  { url }: Wanted,
  failure: CheckFailure,
): Promise<Seen | CheckFailure> {
  const seen = readFailure(failure);
  if (seen instanceof CheckFailure || seen.state !== 'hangs') return seen;
  const own = await ownPage(io, via);
  if (own instanceof CheckFailure || !looksLikeProxy(own)) return seen;
  const waited = formatDuration(OBJECT.timeout);
  return {
    state: 'cannot_fetch',
    says: `answers for itself, and has no answer for ${url} within ${waited}: the origin, or the DNS that the proxy asks, is silent`,
  };
}

/** Asks again as a machine would: is the object kept, and does it still come while the origin is gone? */
async function withCache(io: Http, via: Endpoint, wanted: Wanted, seen: Seen): Promise<Seen> {
  if (!['works', 'cannot_resolve', 'cannot_fetch'].includes(seen.state)) return seen;
  const reply = await get(io, wanted.url, { ...BRIEF, via });
  if (reply instanceof CheckFailure || reply.headers['x-cache'] === undefined) return seen;
  const hit = isHit(reply) && reply.status === 200;
  if (seen.state === 'works') return { ...seen, hit };
  return hit ? { ...seen, hit, says: `${seen.says}; its cache still has it` } : seen;
}
