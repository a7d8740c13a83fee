/* What each site lacks, and which checks need what: together, which checks exist where. */

/** What a site lacks, as far as it decides which checks exist there. */
type Lack =
  | 'pgpool'
  | 'account'
  | 'dns'
  | 'slaves'
  | 'transfer'
  | 'proxy'
  | 'second node'
  | 'fence'
  /** A leg of the monitor's on a segment, and power controllers. */
  | 'segments'
  /** Of clusters' UUIDs. */
  | 'backups'
  /** Of clusters, that are asked. */
  | 'services'
  | 'declared primary'
  | 'wire'
  | 'clusters'
  /** Of who holds the address: PCP, DNS, ARP or a marker. */
  | 'witness of the holder'
  /** Of that, and of who is primary. */
  | 'any witness'
  | 'generation 1'
  | 'generation 2';

const OLD: readonly Lack[] = [
  'generation 2',
  'transfer',
  'declared primary',
  'proxy',
  'fence',
  'segments',
  'backups',
  'services',
];
const NEW: readonly Lack[] = [
  'generation 1',
  'transfer',
  'declared primary',
  'proxy',
  'fence',
  'segments',
  'backups',
  'services',
];

/** By region: what it lacks. */
export const LACKS: Readonly<Record<string, readonly Lack[]>> = {
  external: [...OLD, 'wire', 'clusters'],
  dual: [...OLD, 'wire'],
  // ARP is of IPv4.
  six: [...NEW, 'wire'],
  patroni: [...OLD, 'pgpool'],
  maas3tls: [
    'backups',
    'segments',
    'services',
    'fence',
    'proxy',
    'generation 1',
    'declared primary',
    'wire',
  ],
  clusters: [...OLD.filter((lack) => lack !== 'services'), 'wire'],
  outside: [...OLD, 'account', 'dns', 'wire', 'clusters', 'witness of the holder', 'any witness'],
  noaccount: [...OLD.filter((lack) => lack !== 'proxy'), 'account', 'wire', 'clusters'],
  nodns: [...OLD, 'dns', 'wire', 'clusters'],
  noslaves: [...OLD, 'slaves', 'wire', 'clusters'],
  one: [...OLD, 'pgpool', 'second node', 'wire', 'clusters'],
  pacemaker: [...OLD, 'pgpool', 'account', 'wire', 'clusters'],
  classic: [...OLD, 'wire'],
  small: [
    ...OLD,
    'pgpool',
    'account',
    'dns',
    'second node',
    'wire',
    'clusters',
    'witness of the holder',
    'any witness',
  ],
  modern: [...NEW, 'pgpool', 'dns', 'wire', 'witness of the holder'],
  three: ['segments', 'backups', 'services', 'fence', 'proxy', 'generation 2', 'transfer', 'wire'],
};

const NO_ACCOUNT = { account: /no PostgreSQL is configured/ };
const NO_ZONES = { dns: /no zones are configured/ };
const NO_PGPOOL = { pgpool: /no pgpool is configured/ };
const MISSING = /a section `dns` or `postgres` is missing/;

/** By check: for want of what it does not exist, and in which words it says so. All others exist everywhere. */
export const NEEDED: Readonly<Record<string, Partial<Record<Lack, RegExp>>>> = {
  bmc: { segments: /no cluster names power controllers/ },
  'cluster-backup': { backups: /no cluster has a section `backup`/ },
  'cluster-connections': { 'generation 1': /MAAS 2\.0 and later/, clusters: /no `clusters:`/ },
  'cluster-services': { services: /no cluster has any of the `services:`/ },
  'cluster-dhcp': { segments: /no leg on a segment/ },
  'declared-primary': { ...NO_ACCOUNT, 'declared primary': /no primary is declared/ },
  'dns-clients': { ...NO_ZONES, slaves: /no slave DNS/ },
  'dns-content': { transfer: /`dns\.transfer`/ },
  'dns-path': NO_ZONES,
  'dns-serial': NO_ZONES,
  'dns-zones': { dns: MISSING, account: MISSING },
  fencing: { fence: /section `fencing`/ },
  'failover-complete': {
    'second node': /one node/,
    'witness of the holder': /nothing that is configured tells/,
  },
  'maas-database': NO_ACCOUNT,
  'pgpool-truth': { ...NO_PGPOOL, ...NO_ACCOUNT },
  'pgpool-watchdog': NO_PGPOOL,
  'postgres-capacity': NO_ACCOUNT,
  'postgres-divergence': { ...NO_ACCOUNT, 'second node': /only one node/ },
  'postgres-replication': NO_ACCOUNT,
  'postgres-vip': NO_ACCOUNT,
  proxy: { proxy: /no proxy is configured/ },
  'rack-connections': { 'generation 2': /`generation: 1`/, ...NO_ACCOUNT },
  redundancy: { 'second node': /one node/ },
  'region-takeover': { 'witness of the holder': /nothing that is configured tells/ },
  'vip-owner': { 'any witness': /nothing that is configured tells/ },
  'vip-witness': { wire: /neither `interface`/ },
};

/** Why this check must not exist there; undefined where it must. */
export const expectedAbsence = (check: string, region: string): RegExp | undefined =>
  (LACKS[region] ?? []).flatMap((lack) => NEEDED[check]?.[lack] ?? [])[0];
