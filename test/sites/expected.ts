/* What each site lacks, and which checks need what: together, which checks exist where. */

/** What a site lacks, as far as it decides which checks exist there. */
type Lack =
  | 'pgpool'
  | 'account'
  | 'dns'
  | 'transfer'
  | 'second node'
  | 'wire'
  | 'clusters'
  /** Of who holds the address: PCP, DNS, ARP or a marker. */
  | 'witness of the holder'
  /** Of that, and of who is primary. */
  | 'any witness'
  | 'generation 1'
  | 'generation 2';

const OLD: readonly Lack[] = ['generation 2', 'transfer'];
const NEW: readonly Lack[] = ['generation 1', 'transfer'];

/** By region: what it lacks. */
export const LACKS: Readonly<Record<string, readonly Lack[]>> = {
  external: [...OLD, 'wire', 'clusters'],
  dual: [...OLD, 'wire'],
  // ARP is of IPv4.
  six: [...NEW, 'wire'],
  patroni: [...OLD, 'pgpool'],
  maas3tls: ['generation 1', 'wire'],
  clusters: [...OLD, 'wire'],
  outside: [...OLD, 'account', 'dns', 'wire', 'clusters', 'witness of the holder', 'any witness'],
  noaccount: [...OLD, 'account', 'wire', 'clusters'],
  nodns: [...OLD, 'dns', 'wire', 'clusters'],
  noslaves: [...OLD, 'wire', 'clusters'],
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
  three: [...OLD, 'wire'],
};

const NO_ACCOUNT = { account: /no PostgreSQL is configured/ };
const NO_ZONES = { dns: /no zones are configured/ };
const NO_PGPOOL = { pgpool: /no pgpool is configured/ };
const MISSING = /a section `dns` or `postgres` is missing/;

/** By check: for want of what it does not exist, and in which words it says so. All others exist everywhere. */
export const NEEDED: Readonly<Record<string, Partial<Record<Lack, RegExp>>>> = {
  'cluster-connections': { 'generation 1': /MAAS 2\.0 and later/, clusters: /no `clusters:`/ },
  'dns-content': { transfer: /`dns\.transfer`/ },
  'dns-path': NO_ZONES,
  'dns-serial': NO_ZONES,
  'dns-zones': { dns: MISSING, account: MISSING },
  'maas-database': NO_ACCOUNT,
  'pgpool-truth': { ...NO_PGPOOL, ...NO_ACCOUNT },
  'pgpool-watchdog': NO_PGPOOL,
  'postgres-capacity': NO_ACCOUNT,
  'postgres-divergence': { ...NO_ACCOUNT, 'second node': /only one node/ },
  'postgres-replication': NO_ACCOUNT,
  'postgres-vip': NO_ACCOUNT,
  'rack-connections': { 'generation 2': /`generation: 1`/, ...NO_ACCOUNT },
  redundancy: { 'second node': /one node/ },
  'region-takeover': { 'witness of the holder': /nothing that is configured tells/ },
  'vip-owner': { 'any witness': /nothing that is configured tells/ },
  'vip-witness': { wire: /neither `interface`/ },
};

/** Why this check must not exist there; undefined where it must. */
export const expectedAbsence = (check: string, region: string): RegExp | undefined =>
  (LACKS[region] ?? []).flatMap((lack) => NEEDED[check]?.[lack] ?? [])[0];
