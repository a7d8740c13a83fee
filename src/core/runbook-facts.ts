import type { CheckResult } from './check.ts';
import { holdersOf } from './holders.ts';
import { describeSource } from './ports/facts.ts';
import { slavesOf, type Region } from './region.ts';
import { namesWhere, samplesOf, valueOf } from './seen.ts';
import { formatDuration, seconds } from './time.ts';

/** What a placeholder stands for, or why nobody may say so at present and how to find out. */
export type Fact = { readonly is: string } | { readonly missing: string };

/** What is known of one alert of one region; the newest results may be none. */
export interface Situation {
  readonly region: Region;
  readonly results: readonly CheckResult[];
  /** The labels of the finding, and its `value`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Facts that the operator found out herself; they go before what was seen. */
  readonly given: Readonly<Record<string, string>>;
}

/** Labels that a rule's metric may have, and what comes with every finding. */
export const LABELS = [
  ...['node', 'peer', 'backend', 'standby', 'server', 'address'],
  ...['zone', 'cluster', 'service', 'value'],
  ...['rack', 'controller', 'component', 'slot'],
  ...['channel', 'check', 'watched', 'transport', 'name', 'bmc'],
] as const;

/** Facts that move from node to node, and how a person finds each out. */
const MOVING: Readonly<Record<string, string>> = {
  primary:
    "ask each node `sudo -u postgres psql -Atc 'SELECT pg_is_in_recovery()'`: f is a primary, and two of them are the alert MaasHaTwoPrimaries",
  standby:
    "ask each node `sudo -u postgres psql -Atc 'SELECT pg_is_in_recovery()'`: t is a standby",
  leader:
    'ask the pgpool of each node with `pcp_watchdog_info -v`: it must be LEADER in its own view and in that of the others',
  holder: 'ask each node `ip -brief addr`: it must be one node only that shows the virtual address',
  kept: 'two primaries are not told apart by guessing: compare the timelines, the fork point and the newest rows that MAAS wrote, as the first steps say',
  rebuild:
    'the node whose data is to be given up: only once it is proven which primary MAAS wrote to',
  follower: 'the node that does not lead the watchdog: known as soon as exactly one leads',
  silent:
    "ask each node `timeout 5 sudo -u postgres psql -Atc 'SELECT 1'`: it is the one whose PostgreSQL does not answer",
  other: 'the node that the alert is not about',
  went_back: '`maasha check dns-serial --explain` names the zones whose serials went back',
  attachable:
    'the detached node whose database is proven to stream from the primary: `maasha check pgpool-truth --explain` says which one may be attached, and which one must not',
};

/** Facts that only a pgpool has. */
const OF_PGPOOL: readonly string[] = ['leader', 'follower', 'attachable'];

const SITE: Readonly<Record<string, (region: Region) => string | undefined>> = {
  region: ({ name }) => name,
  vip: ({ vip }) => vip,
  maas_url: ({ maasUrl }) => maasUrl,
  nodes: ({ nodes }) => nodes.map(({ name }) => name).join(', '),
  first: ({ nodes }) => nodes[0]?.name,
  second: ({ nodes }) => nodes[1]?.name,
  clusters: ({ clusters }) => clusters.map(({ name, address }) => `${name} ${address}`).join(', '),
  /** The service of the region application, and that of a cluster's agent. */
  app: ({ generation }) => (generation === 1 ? 'apache2' : 'maas-regiond'),
  agent: ({ generation }) => (generation === 1 ? 'maas-clusterd' : 'maas-rackd'),
  /** The table in which each process of the region refreshes its row. */
  region_table: ({ generation }) =>
    generation === 1 ? 'eventloops' : 'maasserver_regioncontrollerprocess',
  trusted: ({ trustedServers }) => trustedServers[0],
  declared_primary: ({ declaredPrimary }) => declaredPrimary,
  'postgres.port': ({ postgres }) => postgres && String(postgres.port),
  'postgres.database': ({ postgres }) => postgres?.database,
  'pgpool.port': ({ pgpool }) => pgpool && String(pgpool.port),
  'pcp.port': ({ pgpool }) => pgpool?.pcp && String(pgpool.pcp.port),
  'pcp.user': ({ pgpool }) => pgpool?.pcp?.user,
  'dns.master_port': ({ dns }) => dns && String(dns.masterPort),
  'dns.slave_port': ({ dns }) => dns && String(dns.slavePort),
  'dns.outside_name': ({ dns }) => dns?.outsideName,
  /** What machines are looked up for in their name: a host of MAAS, else the first zone itself. */
  'dns.inside_name': ({ dns }) => dns?.insideName ?? dns?.zones[0],
  'proxy.port': ({ proxy }) => proxy && String(proxy.ports[0]),
  'proxy.object': ({ proxy }) => proxy?.object?.url,
};

/** Placeholders that stand for a thing with an address; `{x.address}` is known for each of them. */
const PLACES = [
  ...[
    'first',
    'second',
    'node',
    'peer',
    'backend',
    'server',
    'cluster',
    'rack',
    'controller',
    'bmc',
  ],
  ...Object.keys(MOVING),
];

/** Every placeholder that a runbook may use. */
export const PLACEHOLDERS: readonly string[] = [
  ...new Set([...Object.keys(SITE), ...LABELS, ...Object.keys(MOVING), 'backup']),
  ...PLACES.map((name) => `${name}.address`),
  'server.port',
];

/** What a placeholder stands for in this situation; undefined for one that does not exist. */
export function factOf(name: string, situation: Situation): Fact | undefined {
  if (!PLACEHOLDERS.includes(name)) return undefined;
  // The DNS master is the server called `vip`; the slaves have the names of their nodes.
  if (name === 'server.port')
    return plain(
      known('server', situation) === 'vip' ? 'dns.master_port' : 'dns.slave_port',
      situation,
    );
  if (name === 'backup') return backupOf(situation);
  const place = /^(.+)\.address$/.exec(name)?.[1];
  if (place === undefined) return plain(name, situation);
  const named = plain(place, situation);
  if ('missing' in named) return named;
  const address = addressOf(named.is, situation.region);
  return address === undefined
    ? { missing: `the configuration has no address of ${named.is}` }
    : { is: address };
}

/** Where the cluster's backup lies, and how old it was when it was last looked at: for prose. */
function backupOf({ region, results, labels, given }: Situation): Fact {
  const name = given['cluster'] ?? labels['cluster'] ?? labels['rack'];
  const backup = region.clusters.find((each) => each.name === name)?.backup;
  if (backup === undefined) return { is: 'not known to the monitor (no section `backup`)' };
  const age = valueOf(results, 'maasha_cluster_backup_age_seconds', { cluster: name ?? '' });
  const old = age === undefined ? 'of unknown age' : `${formatDuration(seconds(age))} old`;
  return { is: `${describeSource(backup.source)} (${old} when last looked at)` };
}

function plain(name: string, situation: Situation): Fact {
  const { region, labels, given } = situation;
  const told = given[name] ?? labels[name];
  if (told !== undefined) return { is: told };
  const site = SITE[name];
  if (site !== undefined) {
    const value = site(region);
    return value === undefined || value === ''
      ? { missing: 'it is not in the configuration' }
      : { is: value };
  }
  return movingFact(name, situation);
}

/** The first of them: whichever a command is tried on, what it shows holds for all. */
const zoneThatWentBack = (results: readonly CheckResult[]): readonly string[] =>
  samplesOf(results, 'maasha_dns_serial_regressed')
    .filter(({ value }) => value === 1)
    .flatMap(({ labels }) => labels['zone'] ?? [])
    .slice(0, 1);

function movingFact(name: string, situation: Situation): Fact {
  const find = MOVING[name];
  if (find === undefined)
    return { missing: 'the alert does not stand at present, so nothing says which one' };
  if (situation.region.pgpool === undefined && OF_PGPOOL.includes(name))
    return { missing: 'this region has no pgpool, so there is none' };
  const found =
    name === 'went_back' ? zoneThatWentBack(situation.results) : moving(name, situation);
  const [only] = found;
  return found.length === 1 && only !== undefined
    ? { is: only }
    : {
        missing: `${found.length === 0 ? 'nothing shows it' : `${found.join(' and ')} claim it`}; ${find}`,
      };
}

/** The nodes to which a moving fact applies: one is an answer, none or several are not. */
function moving(name: string, situation: Situation): readonly string[] {
  const { region, results, labels, given } = situation;
  const holders = holdersOf(results);
  switch (name) {
    case 'primary':
      return claims(holders.primary);
    case 'leader':
      return claims(holders.leader);
    case 'holder':
      return claims(holders.vip);
    case 'standby':
      return namesWhere(results, 'maasha_postgres_role', 'node', { state: 'standby' });
    case 'kept':
      return kept(results);
    case 'silent':
      return samplesOf(results, 'maasha_postgres_up')
        .filter(({ value }) => value === 0)
        .flatMap((sample) => sample.labels['node'] ?? []);
    case 'attachable':
      return attachable(situation);
    case 'rebuild':
      return allBut(region, known('kept', situation));
    case 'follower':
      return allBut(region, known('leader', situation));
    default:
      return allBut(
        region,
        ['node', 'standby', 'backend'].flatMap((label) => given[label] ?? labels[label] ?? [])[0],
      );
  }
}

const attachable = ({ results, labels: { backend } }: Situation): readonly string[] =>
  namesWhere(results, 'maasha_pgpool_backend_truth', 'backend', {
    state: 'attachable',
    ...(backend !== undefined && { backend }),
  });

const known = (name: string, situation: Situation): string | undefined => {
  const fact = plain(name, situation);
  return 'is' in fact ? fact.is : undefined;
};

const allBut = ({ nodes }: Region, one: string | undefined): readonly string[] =>
  one === undefined ? [] : nodes.map(({ name }) => name).filter((name) => name !== one);

const claims = (holder: string | undefined): readonly string[] => holder?.split(' AND ') ?? [];

/**
 * The primary that the one leading pgpool uses, if that one also says itself that it is a primary.
 * With two leaders, or a silent PCP, there is no such thing: nothing then tells which half MAAS uses.
 */
function kept(results: readonly CheckResult[]): readonly string[] {
  const [leader, second] = claims(holdersOf(results).leader);
  const holder = claims(holdersOf(results).vip);
  if (leader === undefined || second !== undefined || holder.length > 1) return [];
  const uses = namesWhere(results, 'maasha_pgpool_backend_role', 'backend', {
    node: leader,
    state: 'primary',
  });
  const working = namesWhere(results, 'maasha_pgpool_backend_state', 'backend', {
    node: leader,
    state: 'up',
  });
  const primaries = claims(holdersOf(results).primary);
  return uses.filter((node) => working.includes(node) && primaries.includes(node));
}

/** The DNS master is called `vip`, where it answers; nodes, clusters and slaves have their own address. */
const addressOf = (name: string, region: Region): string | undefined =>
  name === 'vip'
    ? region.vip
    : [...region.nodes, ...region.clusters, ...slavesOf(region), ...bmcsOf(region)].find(
        (each) => each.name === name,
      )?.address;

const bmcsOf = ({ clusters }: Region) => clusters.flatMap(({ bmcs = [] }) => bmcs);

/**
 * Whether an operator may say that `name` is `value`: only names that the configuration knows are
 * taken, because what is given ends up in commands that somebody pastes into a shell.
 */
export function isGivable(name: string, value: string, region: Region): boolean {
  const pattern = PATTERNS.get(name);
  if (pattern !== undefined) return pattern.test(value);
  const nodes = region.nodes.map((node) => node.name);
  const names: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(
      ['node', 'peer', 'backend', ...Object.keys(MOVING)].map((each) => [each, nodes]),
    ),
    cluster: region.clusters.map((cluster) => cluster.name),
    bmc: bmcsOf(region).map((bmc) => bmc.name),
    rack: [...nodes, ...region.clusters.map((cluster) => cluster.name)],
    controller: [...nodes, ...region.clusters.map((cluster) => cluster.name)],
    went_back: region.dns?.zones ?? [],
    zone: region.dns?.zones ?? [],
    address: region.alsoVips ?? [],
    server: ['vip', ...slavesOf(region).map((slave) => slave.name)],
  };
  return Object.hasOwn(names, name) && (names[name] ?? []).includes(value);
}

const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['service', /^(http|pgpool|dns|proxy-\d{1,5})$/],
  ['slot', /^[a-z0-9_]{1,63}$/],
  ['pcp.user', /^\w[\w-]{0,62}$/],
  ['pcp.port', /^\d{1,5}$/],
  ['postgres.port', /^\d{1,5}$/],
  ['postgres.database', /^\w[\w-]{0,62}$/],
]);
