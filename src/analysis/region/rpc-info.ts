import { z } from 'zod';
import { isFrontEndAlone } from './front-end.ts';
import { toFailure, type CheckFailure, type FailureCode } from '../../core/failure.ts';
import type { Endpoint, HttpReply, Limit } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { printable } from '../../core/printable.ts';
import type { Region } from '../../core/region.ts';
import type { Seconds } from '../../core/time.ts';

/*
 * `GET /MAAS/rpc/`: open to everybody in every version of MAAS, and it needs the web server, the region
 * application and the database. So its answer tells which of them is missing, address by address.
 */

/**
 * What the region application at an address is like:
 *
 * - `active`       it answers from its database
 * - `no_database`  it runs, and cannot use its database: of generation 1 every passive node is so
 * - `starting`     it says so itself (503), or that it failed to start
 * - `down`         nobody listens, or only the web server is there (502)
 * - `hangs`        it takes the request and does not answer (or 504)
 * - `unreachable`  there is no way to the address
 * - `other`        something answers that is not MAAS's region
 */
export const REGION_STATES = [
  'active',
  'no_database',
  'starting',
  'down',
  'hangs',
  'unreachable',
  'other',
] as const;
export type RegionState = (typeof REGION_STATES)[number];

/** An event loop as `/MAAS/rpc/` advertises it; whether it lives is another question. */
export interface AdvertisedLoop {
  /** `HOSTNAME:pid=PID`, and from 1.8 on the same for each worker. */
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

export interface RpcInfo {
  readonly state: RegionState;
  /** In words for people. */
  readonly says: string;
  /** Absent where nothing was answered. */
  readonly took?: Seconds;
  /** `unknown` = MAAS 1.7 to 2.3 says `null`: it does not know yet. Present only of an active region. */
  readonly loops?: readonly AdvertisedLoop[] | 'unknown';
}

export interface RpcAnswer {
  /** A failure says that it could not be looked at: a channel that cannot be secured, a fault of ours. */
  readonly info: RpcInfo | CheckFailure;
  /** When the server's certificate expires, in epoch seconds; over https, even if it is not accepted. */
  readonly certificateExpires?: number;
}

const INFO = z.object({
  eventloops: z
    .record(
      z.string().max(300),
      z.array(z.tuple([z.string().max(64), z.int().min(1).max(65_535)])).max(64),
    )
    .refine((found) => Object.keys(found).length <= 64)
    .nullable(),
});

const MOST_OCTETS = 256 * 1024;

/** Asks at `host` instead of at the URL's own host, where one is given; verified is the URL's name all the same. */
export async function askRegion(
  { http }: Pick<Ports, 'http'>,
  region: Region,
  { host, timeout }: Limit & { readonly host?: string },
): Promise<RpcAnswer> {
  const { url, tls } = addressed(region, 'rpc/', host);
  try {
    const reply = await http.get(url, { timeout, maxBytes: MOST_OCTETS, tls });
    const { certificateExpires } = reply;
    return { info: read(reply), ...(certificateExpires !== undefined && { certificateExpires }) };
  } catch (error) {
    const failure = toFailure(error);
    const end = failure.facts['certificateExpires'];
    return {
      info: silence(failure) ?? failure,
      ...(typeof end === 'number' && { certificateExpires: end }),
    };
  }
}

/** A page below `maas_url`, and how to ask for it: at its own host, or at another address by the same name. */
export function addressed({ maasUrl, maasTls }: Region, page: string, host?: string) {
  const url = new URL(`${maasUrl.replace(/\/+$/, '')}/${page}`);
  if (host === undefined) return { url: url.href, tls: { ...maasTls } };
  const name = /^[\d.]+$|:/.test(url.hostname) ? undefined : url.hostname;
  url.hostname = host.includes(':') ? `[${host}]` : host;
  return { url: url.href, tls: { ...(name !== undefined && { serverName: name }), ...maasTls } };
}

/** What a status other than 200 means here (MAAS's webapp.py, and what stands before it). */
const STATUSES: Readonly<Record<number, readonly [RegionState, string]>> = {
  404: ['other', 'no region application is served there'],
  500: ['no_database', 'the region application runs and cannot use its database'],
  502: ['down', 'the web server is there and the region application is not'],
  503: ['starting', 'the region application is starting, or failed to start'],
  504: ['hangs', 'the web server is there and the region application hangs'],
};

function read(reply: HttpReply): RpcInfo {
  const { status, body, took } = reply;
  // Apache says 503 where others say 502; MAAS says it, too, while it starts.
  const meant = status === 503 && isFrontEndAlone(reply) ? 502 : status;
  const [state, about] = STATUSES[meant] ?? ['other', 'expected 200'];
  if (status !== 200) return { state, took, says: `/MAAS/rpc/ answers ${status}: ${about}` };
  const info = INFO.safeParse(parseJson(body));
  if (!info.success) {
    const words = printable(body.trimStart(), 40);
    const says = `/MAAS/rpc/ answers 200 with something that is not MAAS: "${words}"`;
    return { state: 'other', took, says };
  }
  const { eventloops } = info.data;
  if (eventloops === null)
    return { state: 'active', took, loops: 'unknown', says: 'does not know its event loops yet' };
  const loops = Object.entries(eventloops).map(([name, endpoints]) => ({
    name,
    endpoints: endpoints.map(([host, port]) => ({ host, port })),
  }));
  const count = loops.length === 1 ? '1 event loop' : `${loops.length} event loops`;
  return { state: 'active', took, loops, says: `/MAAS/rpc/ advertises ${count}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a failure says of the region. */
const SILENCES: Readonly<Partial<Record<FailureCode, RegionState>>> = {
  refused: 'down',
  unreachable: 'unreachable',
  timeout: 'hangs',
  // No HTTP, or more of it than any region says.
  protocol: 'other',
};

/** Undefined where the failure says something of us, or of the channel only. */
function silence({ code, message, facts }: CheckFailure): RpcInfo | undefined {
  const state = SILENCES[code];
  if (state === undefined) return undefined;
  const noWay = code === 'timeout' && facts['phase'] === 'connect';
  return { state: noWay ? 'unreachable' : state, says: message };
}
