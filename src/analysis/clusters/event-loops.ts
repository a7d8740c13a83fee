import { z } from 'zod';
import type { AdvertisedLoop } from '../region/rpc-info.ts';
import { FAILURE_CODES, type FailureCode } from '../../core/failure.ts';
import type { Endpoint } from '../../core/ports/network.ts';
import type { Region } from '../../core/region.ts';
import { between, instant, seconds, type Instant, type Seconds } from '../../core/time.ts';

/** What one handshake with a loop came to; kept from run to run, so it is plain data. */
export type Handshake =
  | {
      readonly kind: 'answered';
      readonly asked: string;
      readonly seconds: number;
      /** Whether it holds the region's secret; absent where that cannot be told. */
      readonly secretValid?: boolean | undefined;
      /** Why it could not be told. */
      readonly says?: string | undefined;
    }
  /** Nobody is there: what is advertised may be left over from a loop that has ended. */
  | { readonly kind: 'gone'; readonly says: string }
  /** Somebody is there and does not speak as a loop does. */
  | { readonly kind: 'failed'; readonly says: string }
  | { readonly kind: 'unknown'; readonly code: FailureCode; readonly says: string };

export interface Shaken {
  readonly endpoint: Endpoint;
  readonly at: Instant;
  readonly outcome: Handshake;
  /** Since when nobody is there, look after look; by the steady clock. */
  readonly goneSince?: Instant | undefined;
}

/** The newest handshake of every loop that was advertised last, by the loop's name. */
export type Handshakes = Readonly<Record<string, Shaken>>;

const says = z.string();
const moment = z.number().transform(instant);
const stored = z.record(
  z.string(),
  z.object({
    endpoint: z.object({ host: z.string(), port: z.number() }),
    at: moment,
    outcome: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('answered'),
        asked: z.string(),
        seconds: z.number(),
        secretValid: z.boolean().optional(),
        says: says.optional(),
      }),
      z.object({ kind: z.literal('gone'), says }),
      z.object({ kind: z.literal('failed'), says }),
      z.object({ kind: z.literal('unknown'), code: z.enum(FAILURE_CODES), says }),
    ]),
    goneSince: moment.optional(),
  }),
);

/** What an earlier run remembered, if it is of this shape. */
export const parseHandshakes = (memory: unknown): Handshakes | undefined =>
  stored.safeParse(memory).data;

/** Label value for a loop of which nothing says on which configured node it runs. */
export const UNCONFIGURED = 'unconfigured';

/** The node that a loop runs on: by one of its addresses, else by the host in its name. */
export function nodeOf(region: Region, { name, endpoints }: AdvertisedLoop): string {
  const host = name.split(':')[0] ?? '';
  const node =
    region.nodes.find(({ address }) => endpoints.some((endpoint) => endpoint.host === address)) ??
    region.nodes.find((each) => each.name === host || each.name === host.split('.')[0]);
  return node?.name ?? UNCONFIGURED;
}

/**
 * Where to greet a loop: at its node's own address, because behind the virtual one another loop may listen
 * by now; at that only where it has no other. What is neither is never touched: the answer of a web page
 * must not aim the monitor at somebody else.
 */
export const greetable = (region: Region, { endpoints }: AdvertisedLoop): Endpoint | undefined =>
  endpoints.find(({ host }) => region.nodes.some(({ address }) => address === host)) ??
  endpoints.find(({ host }) => host === region.vip || region.alsoVips?.includes(host) === true);

/** The handshake to show again instead of greeting the loop anew; none when it is new, moved or due. */
export function stillFresh(
  region: Region,
  before: Shaken | undefined,
  endpoint: Endpoint,
  now: Instant,
): Shaken | undefined {
  if (before === undefined || !isAt(before, endpoint)) return undefined;
  const age = between(before.at, now);
  // A clock that was set back must not keep an old answer alive.
  return age >= 0 && age < region.rpc.interval ? before : undefined;
}

/**
 * For how long a region goes on listing a loop that has ended without a farewell: generation 1 drops rows
 * after 5 minutes, 2.0 and later after 90 s, at a refresh that comes each minute (regionservice.py, ipc.py).
 */
export const leftOverFor = ({ generation }: Region): Seconds =>
  seconds(generation === 1 ? 300 : 150);

/** Since when a loop that is gone now has been gone from this place: since this look, or an earlier one. */
export function goneSince(
  before: Shaken | undefined,
  endpoint: Endpoint,
  { kind }: Handshake,
  steady: Instant,
): Instant | undefined {
  if (kind !== 'gone') return undefined;
  const since = isAt(before, endpoint) ? before?.goneSince : undefined;
  // A moment in the future is none.
  return since !== undefined && since <= steady ? since : steady;
}

const isAt = (before: Shaken | undefined, { host, port }: Endpoint): boolean =>
  before?.endpoint.host === host && before.endpoint.port === port;
