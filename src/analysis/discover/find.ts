import type { Found, FoundCluster, Given, Seen } from './found.ts';
import * as maas from './maas.ts';
import * as probe from './probe.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import type { Secret } from '../../core/secret.ts';
import { seconds } from '../../core/time.ts';

/*
 * Looks at a region of which only addresses are known. Nothing is asked at any address that the operator did not
 * give: what servers name beyond those is only written down.
 */

export interface Means {
  readonly io: Ports;
  readonly pcpPassword?: Secret | undefined;
  readonly postgresPassword?: Secret | undefined;
  /** Told of each step as it ends. */
  readonly say: (line: string) => void;
}

const PROXIES = [8000, 3128];
const NOT_ASKED = 'no account was given';

/** Everything at once; each part has limits of its own, and none takes the others with it. */
export async function discover(given: Given, means: Means): Promise<Found> {
  const { io, say } = means;
  const region = regionOf(given, means);
  const told = <Value>(what: string, asking: Promise<Seen<Value>>): Promise<Seen<Value>> =>
    asking.then((found) => {
      say(`${what}: ${'not' in found ? `not seen (${found.not})` : 'seen'}`);
      return found;
    });
  const [application, database, pcp, pgpool, master, marker, postgresAt, slaves, proxies] =
    await Promise.all([
      told('MAAS at the virtual address', probe.seen(maas.findApplication(io, region, given))),
      told("MAAS's database", probe.seen(maas.readDatabase(io, region))),
      told('pgpool by PCP', askPcp(given, means)),
      told('pgpool at the virtual address', probe.listens(io, given.vip, 9999)),
      told('DNS master at the virtual address', probe.seen(probe.masterName(io, given.vip))),
      told('marker page /node', probe.seen(probe.readMarkers(io, given))),
      each(given.nodes, ({ address }) => probe.listens(io, address, 5432)),
      each(given.nodes, ({ address }) => probe.answersDns(io, address)),
      each(
        PROXIES.map((port) => ({ name: String(port), port })),
        ({ port }) => probe.listens(io, given.vip, port),
      ),
    ]);
  const more = await askMore(given, { io, region, application, database, master });
  const looks = 'is' in pcp ? pcp.is : [];
  return {
    maas: 'is' in application ? { is: shown(application.is) } : application,
    pcp: 'is' in pcp ? { is: unique(looks.flatMap(membersOf)) } : pcp,
    backends: looks[0]?.backends.map(({ host, port }) => ({ host, port })) ?? [],
    database: 'is' in database ? { is: primaryOf(database.is) } : database,
    ...{ pgpool, postgresAt, master, slaves, proxies, marker },
    ...more,
    named: strangers(given, looks, 'is' in application ? application.is : undefined),
  };
}

const regionOf = (given: Given, { postgresPassword: password }: Means): Region => ({
  name: given.region,
  vip: given.vip,
  generation: 1,
  maasUrl: given.maasUrl ?? '',
  nodes: given.nodes,
  trustedServers: [],
  rpc: { interval: seconds(60) },
  clusters: given.clusters.map((server) => ({ ...server, services: [] })),
  ...(given.postgres !== undefined && {
    postgres: {
      port: 5432,
      user: given.postgres.user,
      database: given.postgres.database,
      ...(password !== undefined && { password }),
    },
  }),
});

async function each<One extends { readonly name: string }>(
  all: readonly One[],
  look: (one: One) => Promise<Seen<true>>,
): Promise<Readonly<Record<string, Seen<true>>>> {
  return Object.fromEntries(
    await Promise.all(all.map(async (one) => [one.name, await look(one)] as const)),
  );
}

/** Every pgpool that may be asked; those that answered, or why none did. */
async function askPcp(
  { pcp, vip, nodes }: Given,
  { io, pcpPassword: password }: Means,
): Promise<Seen<readonly probe.PcpLook[]>> {
  if (pcp === undefined || password === undefined) return { not: NOT_ASKED };
  const hosts = nodes.length === 0 ? [vip] : nodes.map(({ address }) => address);
  const looks = await Promise.all(
    hosts.map((host) => probe.seen(probe.lookAtPcp(io, host, { user: pcp.user, password }))),
  );
  const good = looks.flatMap((look) => ('is' in look ? [look.is] : []));
  const [bad] = looks.flatMap((look) => ('not' in look ? [look.not] : []));
  return good.length > 0 ? { is: good } : { not: bad ?? 'nobody was asked' };
}

interface Before {
  readonly io: Ports;
  readonly region: Region;
  readonly application: Seen<maas.Application>;
  readonly database: Seen<maas.InDatabase>;
  readonly master: Seen<string>;
}

/** What can be asked only once the region application and the database have answered. */
async function askMore(
  given: Given,
  { io, region, application, database, master }: Before,
): Promise<Pick<Found, 'generation' | 'zones' | 'zonesFrom' | 'clusters'>> {
  const rows = 'is' in database ? database.is : undefined;
  const [generation, list] = await askByHttp(io, region, application, rows);
  const candidates = candidatesOf(given, rows, 'is' in list ? list.is.zones : []);
  const zones: Found['zones'] =
    'not' in master
      ? master
      : await probe.seen(probe.servedZones(io, given.vip, candidates.slice(0, 200)));
  return {
    generation,
    zones,
    zonesFrom: rows === undefined ? "MAAS's list of clusters and guesses" : "MAAS's database",
    clusters: clustersOf(rows?.clusters, 'is' in list ? { is: list.is.clusters } : list),
  };
}

type List = Awaited<ReturnType<typeof maas.openList>>;

async function askByHttp(
  io: Ports,
  region: Region,
  application: Before['application'],
  rows: maas.InDatabase | undefined,
): Promise<readonly [Seen<1 | 2>, Seen<List>]> {
  const known = rows?.generation;
  if ('not' in application) {
    const none = { not: 'MAAS did not answer by HTTP' };
    return [known === undefined ? none : { is: known }, none];
  }
  const at = { ...region, maasUrl: application.is.url };
  return Promise.all([
    known === undefined ? probe.seen(maas.generationByApi(io, at)) : { is: known },
    probe.seen(maas.openList(io, at)),
  ]);
}

const candidatesOf = (
  given: Given,
  rows: maas.InDatabase | undefined,
  listed: readonly string[],
): readonly string[] =>
  unique([
    ...(rows?.zones ?? []),
    ...listed,
    ...given.zones,
    ...(rows === undefined ? guesses(given) : []),
  ]).filter((name) => ZONE.test(name));

const ZONE = /^[a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?)*$/i;

/** Names that zones of MAAS often have: its default, and the reverse zone of the address's /24. */
const guesses = ({ vip }: Given): readonly string[] => {
  const octets = vip.split('.');
  return [
    'maas',
    ...(octets.length === 4 ? [`${octets.slice(0, 3).reverse().join('.')}.in-addr.arpa`] : []),
  ];
};

const clustersOf = (
  inDatabase: Seen<readonly FoundCluster[]> | undefined,
  list: Seen<readonly FoundCluster[]>,
): Seen<readonly FoundCluster[]> =>
  inDatabase !== undefined && 'is' in inDatabase ? inDatabase : list;

const shown = ({ url, info }: maas.Application) => ({
  url,
  state: info.state,
  loops: Array.isArray(info.loops)
    ? info.loops.map(({ name }: { readonly name: string }) => name)
    : [],
});

const primaryOf = ({ primary }: maas.InDatabase) => (primary === undefined ? {} : { primary });

const membersOf = ({ watchdog }: probe.PcpLook): readonly string[] =>
  watchdog.peers.map(({ host }) => host);

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)];

/** Addresses that were named, and that the operator did not give. */
function strangers(
  { vip, nodes, clusters }: Given,
  looks: readonly probe.PcpLook[],
  application: maas.Application | undefined,
): Found['named'] {
  const given = [
    vip,
    ...nodes.map(({ address }) => address),
    ...clusters.map(({ address }) => address),
  ];
  const loops = application?.info.loops;
  const named = [
    ...looks.flatMap(membersOf).map((address) => ({ address, by: "pgpool's watchdog" })),
    ...looks.flatMap(({ backends }) =>
      backends.map(({ host }) => ({ address: host, by: "pgpool's list of databases" })),
    ),
    ...(loops === undefined || loops === 'unknown'
      ? []
      : loops.flatMap(({ endpoints }) =>
          endpoints.map(({ host }) => ({ address: host, by: '/MAAS/rpc/' })),
        )),
  ].filter(({ address }) => !given.includes(address));
  return named.filter(
    ({ address }, index) => named.findIndex((one) => one.address === address) === index,
  );
}
