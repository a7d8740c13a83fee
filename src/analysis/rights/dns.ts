import { CheckFailure } from '../../core/failure.ts';
import type { DnsReply } from '../../core/ports/dns.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import {
  ADDRESS_OF_MONITOR,
  denied,
  granted,
  notKnown,
  silence,
  tried,
  type Asker,
  type Remedy,
  type Right,
} from './right.ts';

const QUERY = { timeout: seconds(3), tries: 2 };
const FORWARD = { timeout: seconds(6), tries: 2 };
const TRANSFER = { timeout: seconds(8) };

type Dns = NonNullable<Region['dns']>;

interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The hosts whose configuration it is. */
  readonly hosts: readonly string[];
}

/** Zones, whole zones, names outside and the server's own name, asked of every server. */
export async function dnsRights(asker: Asker, dns: Dns): Promise<readonly Right[]> {
  const { region } = asker;
  const master: Place = {
    name: 'vip',
    host: region.vip,
    port: dns.masterPort,
    hosts: region.nodes.map(({ name }) => name),
  };
  const slaves = slavesOf(region).map(({ name, address }): Place => ({
    name,
    host: address,
    port: dns.slavePort,
    hosts: [name],
  }));
  const asked = await Promise.all([
    ...[master, ...slaves].map((place) => zonesRight(asker, dns, place)),
    nameRight(asker, master),
    ...(dns.transfer === true
      ? [master, ...slaves].map((place) => transferRight(asker, dns, place))
      : []),
    ...(dns.outsideName === undefined
      ? []
      : slaves.map((place) => outsideRight(asker, dns.outsideName ?? '', place))),
  ]);
  return asked.flat();
}

/** A clause of named.conf, with the address that this server sees us as coming from. */
const clause = ({ source }: Asker, { host, hosts }: Place, words: string): readonly Remedy[] =>
  hosts.map((each) => ({
    host: each,
    into: `named.conf, \`options\` (or the zone's own clause), added to what stands there; then rndc reconfig`,
    lines: [`${words} { ${source(host) ?? ADDRESS_OF_MONITOR}; };`],
  }));

const refuses = (reply: DnsReply | CheckFailure): boolean =>
  !(reply instanceof CheckFailure) && reply.rcode === 'REFUSED';

async function zonesRight(asker: Asker, dns: Dns, place: Place): Promise<Right> {
  const about = {
    checks: ['dns-serial', 'dns-zones'],
    what: 'ask for the SOA of each zone',
    where: place.name,
  };
  const replies = await Promise.all(
    dns.zones.map(async (zone) => ({
      zone,
      reply: await tried(asker.io.dns.query(place, { name: zone, type: 'SOA' }, QUERY)),
    })),
  );
  const refused = replies.filter(({ reply }) => refuses(reply)).map(({ zone }) => zone);
  if (refused.length > 0)
    return denied(
      about,
      `it refuses to say anything of ${refused.join(', ')}`,
      ...clause(asker, place, 'allow-query'),
    );
  for (const { reply } of replies)
    if (reply instanceof CheckFailure) {
      const { why, remedies } = silence(asker, place, reply);
      return notKnown(about, why, ...remedies);
    }
  return granted(about);
}

/** `hostname.bind` (RFC 4892): which node's BIND it is that answers at the virtual address. */
async function nameRight({ io }: Asker, place: Place): Promise<Right> {
  const about = {
    checks: ['dns-serial', 'vip-owner'],
    what: 'ask the DNS master on which node it runs (hostname.bind)',
    where: place.name,
    needed: false,
  };
  const question = { name: 'hostname.bind', type: 'TXT', class: 'CH' } as const;
  const reply = await tried(io.dns.query(place, question, { ...QUERY, transport: 'tcp' }));
  if (reply instanceof CheckFailure) return notKnown(about, reply.message);
  return reply.answers.some(({ type }) => type === 'TXT')
    ? granted(about)
    : denied(
        about,
        `it hides its name (${reply.rcode})`,
        ...place.hosts.map((host) => ({
          host,
          into: 'named.conf, `options`, in the place of `hostname none`; then rndc reconfig',
          lines: [`hostname "${host}";`],
        })),
      );
}

async function transferRight(asker: Asker, dns: Dns, place: Place): Promise<Right> {
  const about = {
    checks: ['dns-content'],
    what: 'read whole zones (AXFR)',
    where: place.name,
    // Two copies are compared: the master's, and those that may be read.
    needed: place.name === 'vip',
  };
  const [zone = ''] = dns.zones;
  const told = await tried(asker.io.dns.transfer(place, zone, TRANSFER));
  if (!(told instanceof CheckFailure)) return granted(about);
  return told.code === 'no_privilege'
    ? denied(about, told.message, ...clause(asker, place, 'allow-transfer'))
    : notKnown(about, told.message);
}

async function outsideRight(asker: Asker, name: string, place: Place): Promise<Right> {
  const about = {
    checks: ['dns-path'],
    what: 'have a name outside of MAAS resolved (recursion)',
    where: place.name,
  };
  const question = { name, type: 'A', recurse: true } as const;
  const reply = await tried(asker.io.dns.query(place, question, FORWARD));
  if (reply instanceof CheckFailure) return notKnown(about, reply.message);
  // A server that does not resolve for us gives no answer and no error (RFC 1035 section 4.3.1), or refuses.
  const isReferral =
    reply.rcode === 'NOERROR' && !reply.authoritative && reply.answers.length === 0;
  return refuses(reply) || isReferral
    ? denied(
        about,
        'it resolves nothing for the monitor',
        ...clause(asker, place, 'allow-recursion'),
      )
    : granted(about);
}
