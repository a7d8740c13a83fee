import { evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence, toFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { DnsReply } from '../../core/ports/dns.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { MASTER, query, type Place } from './servers.ts';

/* The ways that a question takes: over UDP and TCP, and through a slave and the master to the outside. */

export const up = gauge({
  name: 'maasha_dns_up',
  help: 'Whether this server answers the monitor anything over this transport, udp or tcp (1), or nothing (0).',
  labels: ['server', 'transport'],
});
export const transportBroken = gauge({
  name: 'maasha_dns_transport_broken',
  help: 'Whether this server answers the monitor over the other transport only (1) or over this one too (0).',
  labels: ['server', 'transport'],
});
export const upstream = gauge({
  name: 'maasha_dns_upstream_success',
  help: 'Whether the DNS master resolved the configured name outside of MAAS for the monitor (1) or not (0).',
  labels: [],
});
export const forward = gauge({
  name: 'maasha_dns_forward_success',
  help: 'Whether this slave resolved the configured name outside of MAAS for the monitor (1) or not (0).',
  labels: ['server'],
});

const MASTER_GONE = [
  { alert: 'MaasHaDnsMasterDown' },
  { alert: 'MaasHaVipServiceDown', where: { service: 'dns' } },
  { alert: 'MaasHaVipUnreachable' },
  { alert: 'MaasHaRegionDown' },
  { alert: 'MaasHaMonitorIsolated' },
] as const;

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsUpstreamBroken',
    severity: 'warning',
    metric: upstream,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: MASTER_GONE,
    summary:
      'The DNS master does not resolve names outside of MAAS: its upstream does not answer it',
  },
  {
    name: 'MaasHaDnsForwardBroken',
    severity: 'warning',
    metric: forward,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaDnsUpstreamBroken' },
      { alert: 'MaasHaDnsClientsBlind', where: { name: 'outside' } },
      { alert: 'MaasHaDnsSlaveDown', on: { server: 'node' } },
      { alert: 'MaasHaDnsAllSlavesDown' },
      ...MASTER_GONE,
    ],
    summary:
      'The slave DNS on {server} does not resolve names outside of MAAS: machines that ask it find none',
  },
  {
    name: 'MaasHaDnsTransportBroken',
    severity: 'warning',
    metric: transportBroken,
    when: { equal: 1 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaDnsSlaveDown', on: { server: 'node' } },
      { alert: 'MaasHaDnsAllSlavesDown' },
      { alert: 'MaasHaDnsMasterDown', only: { server: MASTER } },
      { alert: 'MaasHaVipServiceDown', where: { service: 'dns' }, only: { server: MASTER } },
      { alert: 'MaasHaMonitorIsolated' },
    ],
    summary: '{server} answers DNS questions, but none over {transport}',
  },
];

const TRANSPORTS = ['udp', 'tcp'] as const;
/** A resolver that waits for its own upstream answers late, or not at all. */
const PATIENT = { timeout: seconds(5), tries: 2 };

type Answer = DnsReply | CheckFailure;

/** What one server said on each of the ways. */
export interface Ways {
  readonly name: string;
  readonly udp: Answer;
  readonly tcp: Answer;
  /** The name outside of MAAS; undefined where none is configured. */
  readonly outside: Answer | undefined;
}

/** Asks a server for a zone over either transport, and for a name that it has to ask others for. */
export async function walk(
  io: Ports,
  at: Place,
  zone: string,
  outsideName: string | undefined,
): Promise<Ways> {
  const question = { name: zone, type: 'SOA' } as const;
  const [udp, tcp, outside] = await Promise.all([
    query(io, at, question),
    query(io, at, question, { transport: 'tcp' }),
    outsideName === undefined
      ? undefined
      : query(io, at, { name: outsideName, type: 'A', recurse: true }, PATIENT),
  ]);
  // A truncated answer was fetched over TCP: the datagram was an answer all the same.
  return { name: at.name, udp, tcp, outside };
}

/** Which transports a server answers over. */
export function transportNotes({ name, udp, tcp }: Ways): readonly Note[] {
  const works = { udp: isUp(udp), tcp: isUp(tcp) };
  const isSilent = works.udp === false && works.tcp === false;
  const notes = TRANSPORTS.flatMap((transport): readonly Note[] => {
    const [own, other] = [works[transport], works[transport === 'udp' ? 'tcp' : 'udp']];
    const answer = transport === 'udp' ? udp : tcp;
    if (own === undefined) return [gap(name, toFailure(answer))];
    const at = { server: name, transport };
    return [
      observe(up, own, at),
      ...(own || other === true ? [observe(transportBroken, !own, at)] : []),
      ...(own || !(answer instanceof CheckFailure)
        ? []
        : [evidence(name, `does not answer over ${transport} (${answer.code})`)]),
    ];
  });
  // One that answers neither way is down, which is another check's finding: of its ways nothing is known.
  return isSilent ? [...notes, gap(name, toFailure(udp))] : notes;
}

/** Whether anything came back; undefined where the reason lies with us. */
const isUp = (answer: Answer): boolean | undefined =>
  answer instanceof CheckFailure ? (isSilence(answer) ? false : undefined) : true;

/** What came of a question to others: resolved, no such name, refused to us, failed, or nothing to tell. */
type Outcome =
  | { readonly is: 'resolved' | 'no such name' | 'refused' }
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'unknown'; readonly failure: CheckFailure };

function outcomeOf({ outside, udp, tcp }: Ways): Outcome | undefined {
  if (outside === undefined) return undefined;
  if (outside instanceof CheckFailure) {
    if (!isSilence(outside)) return { is: 'unknown', failure: outside };
    // Whoever answers nothing at all is not the way that is looked at here.
    const alive = isUp(udp) === true || isUp(tcp) === true;
    return alive ? { is: 'failed', why: `gives no answer (${outside.code})` } : undefined;
  }
  const { rcode, answers } = outside;
  if (rcode === 'NXDOMAIN') return { is: 'no such name' };
  if (rcode === 'REFUSED') return { is: 'refused' };
  if (rcode !== 'NOERROR') return { is: 'failed', why: `answers ${rcode}` };
  return answers.length > 0 ? { is: 'resolved' } : { is: 'failed', why: 'answers with nothing' };
}

/** Does a name outside of MAAS resolve at the master, and through each slave? */
export function outsideNotes(name: string, master: Ways, slaves: readonly Ways[]): readonly Note[] {
  const [first, ...others] = [master, ...slaves].map(outcomeOf);
  if (first?.is === 'no such name') {
    const why = `\`dns.outside_name\` ${name} does not exist, says the upstream of the DNS master`;
    return [gap(MASTER, new CheckFailure('config', why))];
  }
  return [
    ...outcomeNotes(name, MASTER, first, (ok) => observe(upstream, ok, {})),
    ...slaves.flatMap((slave, index) =>
      outcomeNotes(name, slave.name, others[index], (ok) =>
        observe(forward, ok, { server: slave.name }),
      ),
    ),
    ...(first?.is === 'failed' && others.some((other) => other?.is === 'failed')
      ? [evidence('upstream', 'the master does not resolve it either: the fault lies behind it')]
      : []),
  ];
}

function outcomeNotes(
  name: string,
  server: string,
  outcome: Outcome | undefined,
  toNote: (ok: boolean) => Note,
): readonly Note[] {
  switch (outcome?.is) {
    case undefined:
      return [];
    case 'resolved':
      return [toNote(true)];
    case 'refused':
      return [
        skip(
          server,
          'no_privilege',
          `it refuses to resolve ${name} for the monitor: allow recursion for its address`,
        ),
      ];
    case 'unknown':
      return [gap(server, outcome.failure)];
    case 'no such name':
      return [toNote(false), evidence(server, `says that ${name} does not exist`)];
    case 'failed':
      return [toNote(false), evidence(server, `does not resolve ${name}: it ${outcome.why}`)];
  }
}
