import type { DnsReply, Soa } from '../../core/ports/dns.ts';
import type { Seconds } from '../../core/time.ts';
import { sameName } from '../../protocol/dns.ts';

/** What a server is to a zone, as its answer to an SOA question shows; all but the first are faults. */
export const ZONE_STATES = [
  /** Its own SOA, with authority. */
  'served',
  /** Nothing at all, without authority: a resolver that does not have the zone. */
  'absent',
  /** The zone's SOA, without authority: from a cache, or from somebody else. */
  'lame',
  /** REFUSED or NOTAUTH. */
  'refused',
  /** SERVFAIL: a zone file that could not be loaded, or a copy that has expired. */
  'broken',
  /** SERVFAIL of a slave whose copy was bound to expire before now. */
  'expired',
  /** NXDOMAIN. */
  'nxdomain',
  /** With authority, but no SOA: a name within another zone, no zone. */
  'no_zone',
  /** The SOA of another name. */
  'other_zone',
  /** Any other rcode. */
  'error',
] as const;
export type ZoneState = (typeof ZONE_STATES)[number];

/** The zone as a server has it. */
export interface Served {
  readonly soa: Soa;
  /** How long a slave's copy lives if it hears no more of its master, where it says so (RFC 7314). */
  readonly expiresIn?: Seconds | undefined;
}

/**
 * Why a server does not serve a zone, in words that the zone may follow. `gone` where it is no server of
 * the zone, and so has no version of it that could be compared with another one.
 */
export interface NotServed {
  readonly state: Exclude<ZoneState, 'served'>;
  readonly why: string;
  readonly gone: boolean;
}

export type ZoneAnswer = Served | NotServed;

const not = (state: NotServed['state'], why: string, gone: boolean): NotServed => ({
  state,
  why,
  gone,
});

/** Where the copy's end is known to have passed. */
export const EXPIRED = not('expired', 'has an expired copy (SERVFAIL) of', false);

const RCODES: Readonly<Record<string, NotServed['state']>> = {
  NXDOMAIN: 'nxdomain',
  REFUSED: 'refused',
  NOTAUTH: 'refused',
};

/**
 * Reads the answer to an SOA question that did not ask for recursion. A server that is also a resolver
 * answers NOERROR, without AA and without an answer, for a zone that it does not have.
 */
export function readZone(zone: string, reply: DnsReply): ZoneAnswer {
  const { rcode, authoritative, answers, expiresIn } = reply;
  if (rcode === 'SERVFAIL')
    return not('broken', 'has an expired or broken copy (SERVFAIL) of', false);
  // Another error may come from a server that has the zone.
  if (rcode !== 'NOERROR')
    return not(RCODES[rcode] ?? 'error', `answers ${rcode} for`, rcode in RCODES);
  const soas = answers.filter((each) => each.type === 'SOA');
  const own = soas.find(({ name }) => sameName(name, zone));
  if (own !== undefined)
    return authoritative
      ? { soa: own.soa, expiresIn }
      : not('lame', 'answers without authority for', true);
  if (soas.length > 0) return not('other_zone', 'answers with another zone’s SOA for', true);
  return authoritative
    ? not('no_zone', 'has as a name within another zone, not as a zone:', true)
    : not('absent', 'does not have', true);
}

/** The name that a server gives itself (`hostname.bind`); undefined where it keeps that to itself. */
export function hostnameOf({ answers }: DnsReply): string | undefined {
  const answer = answers[0];
  if (answer?.type !== 'TXT') return undefined;
  const text = answer.text.replaceAll(/[^\w.-]/g, '').slice(0, 253);
  return text === '' ? undefined : text;
}

/** What holds for many zones in one sentence each, still readable with 200: `does not have a, b`. */
export function summarise(
  sayings: Iterable<readonly [says: string, zone: string]>,
): readonly string[] {
  const zones = new Map<string, string[]>();
  for (const [says, zone] of sayings) zones.set(says, [...(zones.get(says) ?? []), zone]);
  return [...zones].map(([says, all]) => `${says} ${enumerate(all)}`);
}

/** `a, b, c`, or `a, b, c, d, 196 more`. */
export const enumerate = (names: readonly string[]): string =>
  (names.length <= 5 ? names : [...names.slice(0, 4), `${names.length - 4} more`]).join(', ');
