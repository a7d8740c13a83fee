import type { DnsReply } from '../../core/ports/dns.ts';
import { sameName } from '../../protocol/dns.ts';

/**
 * What a server says of a zone in answer to an SOA question: its serial, or why it has none. `gone` where
 * it is no server of the zone, and so has no version of it that could be compared with another one.
 */
export type ZoneAnswer =
  { readonly serial: number } | { readonly why: string; readonly gone: boolean };

/** Answers of a server that does not have the zone; any other error may come from one that has it. */
const NOT_SERVED: readonly string[] = ['NXDOMAIN', 'REFUSED', 'NOTAUTH'];

/**
 * Reads the answer to an SOA question that did not ask for recursion. A server that is also a resolver
 * answers NOERROR, without AA and without an answer, for a zone that it does not have.
 */
export function readZone(zone: string, { rcode, authoritative, answers }: DnsReply): ZoneAnswer {
  const soa = answers.find((each) => each.type === 'SOA' && sameName(each.name, zone));
  if (rcode === 'SERVFAIL')
    return { why: 'has an expired or broken copy (SERVFAIL) of', gone: false };
  if (rcode !== 'NOERROR') return { why: `answers ${rcode} for`, gone: NOT_SERVED.includes(rcode) };
  if (soa?.type !== 'SOA') return { why: 'does not have', gone: true };
  return authoritative
    ? { serial: soa.soa.serial }
    : { why: 'answers without authority for', gone: true };
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
  return [...zones].map(([says, all]) => {
    const named = all.length <= 5 ? all : [...all.slice(0, 4), `${all.length - 4} more`];
    return `${says} ${named.join(', ')}`;
  });
}
