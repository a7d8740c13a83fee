import { z } from 'zod';
import {
  defineCheck,
  doesNotApply,
  evidence,
  gap,
  remember,
  skip,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure, isSilence, toFailure } from '../src/core/failure.ts';
import { observe } from '../src/core/metric.ts';
import type { DnsReply, Question } from '../src/core/ports/dns.ts';
import type { Endpoint } from '../src/core/ports/network.ts';
import type { Ports } from '../src/core/ports/ports.ts';
import type { Node } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';
import { sameName } from '../src/protocol/dns.ts';
import {
  compareSerials,
  describe,
  type Comparison,
  type Present,
  type ZoneHistory,
} from '../src/analysis/dns/history.ts';
import {
  authoritative,
  behind,
  distance,
  masterNode,
  masterUp,
  outOfSyncSince,
  regressed,
  rules,
  slaveUp,
  slavesAnswering,
  slowest,
  soaSerial,
  zonesBehind,
} from '../src/analysis/dns/rules.ts';
import { hostnameOf, readZone, summarise, type ZoneAnswer } from '../src/analysis/dns/zone.ts';

/** By zone; see `ZoneHistory`. */
const remembered = z.record(
  z.string(),
  z.object({
    serial: z.int().min(0).max(0xffff_ffff),
    backSince: z.number().optional(),
    differs: z.record(z.string(), z.number()),
  }),
);
type Remembered = Readonly<Record<string, ZoneHistory>>;

const LIMIT = { timeout: seconds(2), tries: 3 };
/** What a server says of a zone; a failure is no answer. */
type Said = ZoneAnswer | CheckFailure;

interface Server {
  readonly name: string;
  readonly said: ReadonlyMap<string, Said>;
  readonly slowest: number | undefined;
}

export default defineCheck({
  name: 'dns-serial',
  about: 'Whether every zone is served with authority, and by all servers in the same version.',
  every: '30s',
  timeout: seconds(6),
  absence: ({ dns }) =>
    dns === undefined || dns.zones.length === 0
      ? 'no zones are configured (section `dns`)'
      : undefined,
  metrics: [
    masterUp,
    slaveUp,
    slavesAnswering,
    authoritative,
    soaSerial,
    distance,
    behind,
    zonesBehind,
    outOfSyncSince,
    regressed,
    slowest,
    masterNode,
  ],
  rules,
  run: async ({ dns, vip, nodes }, { io, clock, memory }) => {
    if (dns === undefined || dns.zones.length === 0) {
      return [skip('dns', 'config', 'no zones are configured')];
    }
    const at = { host: vip, port: dns.masterPort };
    const [host, master, ...slaves] = await Promise.all([
      query(io, at, { name: 'hostname.bind', type: 'TXT', class: 'CH' }, 'tcp'),
      ask(io, 'vip', at, dns.zones),
      ...nodes.map(({ name, address }) =>
        ask(io, name, { host: address, port: dns.slavePort }, dns.zones),
      ),
    ]);
    const before = remembered.safeParse(memory).data ?? {};
    return [
      ...serverNotes(master, (up) => observe(masterUp, up, {})),
      ...hostNotes(host, nodes),
      ...slaves.flatMap((slave) =>
        serverNotes(slave, (up) => observe(slaveUp, up, { node: slave.name })),
      ),
      ...countOf(slaves),
      ...compare(dns.zones, master, slaves, before, {
        steady: clock.steady(),
        wall: clock.now(),
      }),
      ...dns.zones.flatMap((zone) => absences(zone, master, slaves)),
      ...slaves
        .filter((slave) => dns.zones.every((zone) => isGone(master, zone) || isGone(slave, zone)))
        .map(({ name: server }) => doesNotApply(zonesBehind, { server })),
    ];
  },
});

async function ask(io: Ports, name: string, at: Endpoint, zones: readonly string[]) {
  const took: number[] = [];
  const said = await Promise.all(
    zones.map(async (zone): Promise<[string, Said]> => {
      const reply = await query(io, at, { name: zone, type: 'SOA' });
      if (reply instanceof CheckFailure) return [zone, reply];
      took.push(reply.took);
      return [zone, readZone(zone, reply)];
    }),
  );
  return { name, said: new Map(said), slowest: took.length === 0 ? undefined : Math.max(...took) };
}

/** BIND answers few questions about itself a second over UDP and drops the rest; over TCP it answers all. */
const query = (
  io: Ports,
  at: Endpoint,
  question: Question,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<DnsReply | CheckFailure> =>
  io.dns.query(at, question, { ...LIMIT, transport }).catch(toFailure);

/** Is it up, how quick is it, and which zones does it not serve as it should? */
function serverNotes(server: Server, toUp: (up: boolean) => Note): readonly Note[] {
  const { name, said } = server;
  const failures = [...said.values()].filter((each) => each instanceof CheckFailure);
  const first = failures[0];
  if (first !== undefined && failures.length === said.size) {
    return failures.every(isSilence)
      ? [toUp(false), evidence(name, `does not answer (${first.code})`)]
      : [gap(name, failures.find((each) => !isSilence(each)) ?? first)];
  }
  return [
    toUp(true),
    ...(server.slowest === undefined ? [] : [observe(slowest, server.slowest, { server: name })]),
    ...(first === undefined ? [] : [gap(name, partly(first, failures.length, said.size))]),
    ...summarise(wants(said)).map((says) => evidence(name, says)),
    ...[...said].flatMap(([zone, each]) => zoneNotes(zone, name, each)),
  ];
}

/** How many answer, where none is silent for a reason that lies with us. */
function countOf(slaves: readonly Server[]): readonly Note[] {
  const answers = slaves.map(({ said }) => {
    const all = [...said.values()];
    if (all.some((each) => !(each instanceof CheckFailure))) return true;
    return all.every((each) => each instanceof CheckFailure && isSilence(each)) ? false : undefined;
  });
  return slaves.length < 2 || answers.includes(undefined)
    ? []
    : [observe(slavesAnswering, answers.filter((each) => each === true).length, {})];
}

const wants = (said: Server['said']): [string, string][] =>
  [...said].flatMap(([zone, each]) => ('why' in each ? [[each.why, zone]] : []));

const partly = (first: CheckFailure, failed: number, all: number): CheckFailure =>
  new CheckFailure(first.code, `${failed} of ${all} questions have no answer: ${first.message}`, {
    cause: first,
  });

function zoneNotes(zone: string, server: string, said: Said): readonly Note[] {
  if (said instanceof CheckFailure) return [];
  if ('why' in said) return [observe(authoritative, 0, { zone, server })];
  return [
    observe(authoritative, 1, { zone, server }),
    observe(soaSerial, said.serial, { zone, server }),
  ];
}

function hostNotes(reply: DnsReply | CheckFailure, nodes: readonly Node[]): readonly Note[] {
  const host = reply instanceof CheckFailure ? undefined : hostnameOf(reply);
  if (host === undefined) return [];
  const says = evidence('vip', `the DNS master says that it runs on ${host}`);
  const short = (name: string): string => name.toLowerCase().split('.')[0] ?? '';
  const named = nodes.filter(({ name }) => sameName(name, host) || short(name) === short(host));
  if (named.length !== 1) return [says];
  return [
    says,
    ...nodes.map((node) => observe(masterNode, node === named[0], { node: node.name })),
  ];
}

const serialOf = (server: Server, zone: string): number | undefined => {
  const said = server.said.get(zone);
  return said !== undefined && 'serial' in said ? said.serial : undefined;
};

const isGone = ({ said }: Server, zone: string): boolean => {
  const answer = said.get(zone);
  return answer !== undefined && 'gone' in answer && answer.gone;
};

/** A server without the zone has no version of it: that it has none is told apart. */
const absences = (zone: string, master: Server, slaves: readonly Server[]): readonly Note[] =>
  isGone(master, zone)
    ? [doesNotApply(behind, { zone }), doesNotApply(regressed, { zone })]
    : slaves
        .filter((slave) => isGone(slave, zone))
        .map(({ name: server }) => doesNotApply(behind, { zone, server }));

/** Every slave against the master, and the master against its own past. */
function compare(
  zones: readonly string[],
  master: Server,
  slaves: readonly Server[],
  before: Remembered,
  now: Present,
): readonly Note[] {
  const looked = zones.map((zone): [string, Comparison | undefined] => {
    const serial = serialOf(master, zone);
    if (serial === undefined) return [zone, undefined];
    const found = slaves.map((slave) => ({ name: slave.name, serial: serialOf(slave, zone) }));
    return [zone, compareSerials(before[zone], { master: serial, slaves: found }, now)];
  });
  const known = looked.map(([zone, each]) => [zone, each?.history ?? before[zone]] as const);
  return [
    ...summarise(
      looked.flatMap(([zone, each]) => describe(each).map((says) => [says, zone] as const)),
    ).map((says) => evidence('zones', says)),
    ...looked.flatMap(([zone, each]) => (each === undefined ? [] : comparisonNotes(zone, each))),
    ...slaves.flatMap(({ name }) => countBehind(name, looked)),
    // What cannot be told now is kept as it was known.
    remember(Object.fromEntries(known.filter(([, history]) => history !== undefined))),
  ];
}

/** Of the zones whose order is known. */
function countBehind(
  server: string,
  looked: readonly (readonly [string, Comparison | undefined])[],
): readonly Note[] {
  const known = looked
    .flatMap(([, each]) => each?.standings ?? [])
    .flatMap(({ slave, away }) => (slave === server && away !== undefined ? [away] : []));
  return known.length === 0
    ? []
    : [observe(zonesBehind, known.filter((away) => away < 0).length, { server })];
}

const comparisonNotes = (
  zone: string,
  { regressed: is, standings }: Comparison,
): readonly Note[] => [
  observe(regressed, is, { zone }),
  ...standings.flatMap(({ slave: server, away, since }) => [
    ...(since === undefined ? [] : [observe(outOfSyncSince, since / 1000, { zone, server })]),
    ...(away === undefined
      ? [
          gap(
            server,
            new CheckFailure('protocol', `the serials of ${zone} have no order (RFC 1982)`),
          ),
        ]
      : [observe(distance, away, { zone, server }), observe(behind, away < 0, { zone, server })]),
  ]),
];
