import { z } from 'zod';
import { FAILURE_CODES, type FailureCode } from '../../core/failure.ts';
import type { Endpoint } from '../../core/ports/network.ts';
import type { Region } from '../../core/region.ts';
import { between, instant, type Instant } from '../../core/time.ts';

/** An event loop as `/MAAS/rpc/` advertises it; whether it lives is another question. */
export interface AdvertisedLoop {
  /** `HOSTNAME:pid=PID`, and from 1.8 on the same for each worker. */
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

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
  | { readonly kind: 'failed'; readonly says: string }
  | { readonly kind: 'unknown'; readonly code: FailureCode; readonly says: string };

export interface Shaken {
  readonly endpoint: Endpoint;
  readonly at: Instant;
  readonly outcome: Handshake;
}

/** The newest handshake of every loop that was advertised last, by the loop's name. */
export type Handshakes = Readonly<Record<string, Shaken>>;

const says = z.string();
const stored = z.record(
  z.string(),
  z.object({
    endpoint: z.object({ host: z.string(), port: z.number() }),
    at: z.number().transform(instant),
    outcome: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('answered'),
        asked: z.string(),
        seconds: z.number(),
        secretValid: z.boolean().optional(),
        says: says.optional(),
      }),
      z.object({ kind: z.literal('failed'), says }),
      z.object({ kind: z.literal('unknown'), code: z.enum(FAILURE_CODES), says }),
    ]),
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
 * Where to greet a loop: at the VIP, which is what the clusters use, else at a configured node. What is
 * neither is never touched: the answer of a web page must not aim the monitor at somebody else.
 */
export const greetable = (region: Region, { endpoints }: AdvertisedLoop): Endpoint | undefined =>
  endpoints.find(({ host }) => host === region.vip) ??
  endpoints.find(({ host }) => region.nodes.some(({ address }) => address === host));

/** The handshake to show again instead of greeting the loop anew; none when it is new, moved or due. */
export function stillFresh(
  region: Region,
  before: Shaken | undefined,
  endpoint: Endpoint,
  now: Instant,
): Shaken | undefined {
  if (before?.endpoint.host !== endpoint.host || before.endpoint.port !== endpoint.port)
    return undefined;
  const age = between(before.at, now);
  // A clock that was set back must not keep an old answer alive.
  return age >= 0 && age < region.rpc.interval ? before : undefined;
}
