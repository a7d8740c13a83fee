import { join } from 'node:path';

/*
 * The lab's facts, once: hosts, addresses, ports, zones, passwords, and where everything lies. The
 * passwords protect nothing: the network they are used in has no way out.
 */

export type Node = 'rc1' | 'rc2';
export type Cluster = 'cc1' | 'cc2';
export type Host = Node | Cluster | 'gw' | 'mon';

export const NODES = ['rc1', 'rc2'] as const satisfies Node[];
export const CLUSTERS = ['cc1', 'cc2'] as const satisfies Cluster[];
export const HOSTS = [...NODES, ...CLUSTERS, 'gw', 'mon'] as const satisfies Host[];

export const VIP = '172.31.16.39';
export const GATEWAYS = ['172.31.16.1', '172.31.16.254'] as const;
export const SUBNET = '172.31.16.0/24';

export const ADDRESS: Readonly<Record<Host, string>> = {
  rc1: '172.31.16.32',
  rc2: '172.31.16.33',
  cc1: '172.31.16.34',
  cc2: '172.31.16.35',
  gw: GATEWAYS[0],
  mon: '172.31.16.40',
};

/** A host's interface on a segment. */
export type Leg = { readonly host: Host; readonly device: string; readonly address: string };

/**
 * The segment that each cluster serves DHCP on, and who has a leg there: besides the cluster the monitor, and on the
 * first one a host where others can be put.
 */
export const SEGMENTS: Readonly<
  Record<
    Cluster,
    { readonly bridge: string; readonly prefix: string; readonly legs: readonly Leg[] }
  >
> = {
  cc1: {
    bridge: 'br1',
    prefix: '172.31.17',
    legs: [
      { host: 'cc1', device: 'eth1', address: '172.31.17.34' },
      { host: 'mon', device: 'eth1', address: '172.31.17.40' },
      { host: 'gw', device: 'eth1', address: '172.31.17.1' },
    ],
  },
  cc2: {
    bridge: 'br2',
    prefix: '172.31.18',
    legs: [
      { host: 'cc2', device: 'eth1', address: '172.31.18.35' },
      { host: 'mon', device: 'eth2', address: '172.31.18.40' },
    ],
  },
};

/** A host's leg on a cluster's segment. @throws Error where it has none. */
export function legOf(host: Host, cluster: Cluster): Leg {
  const leg = SEGMENTS[cluster].legs.find((each) => each.host === host);
  if (leg === undefined) throw new Error(`${host} has no leg on the segment of ${cluster}`);
  return leg;
}

export const UUID: Readonly<Record<Cluster, string>> = {
  cc1: '5d9a7b0e-0000-4000-8000-000000000034',
  cc2: '5d9a7b0e-0000-4000-8000-000000000035',
};

export const ZONES = ['maas3', 'maas4', 'maas5', '16.31.172.in-addr.arpa'] as const;

export const PORT = {
  postgres: 5432,
  pgpool: 9999,
  pcp: 9898,
  watchdog: 9000,
  heartbeat: 9694,
  master: 5353,
  slave: 53,
  rpc: 5250,
} as const;

/** Password of each database role, and of the PCP account `root`. */
export const PASSWORD = {
  postgres: 'lab-postgres',
  postgresrepl: 'lab-repl',
  pgpool: 'lab-pgpool',
  pgpool_sr: 'lab-pgpool-sr',
  maas: 'lab-maas',
  maasha: 'lab-maasha',
  pcp: 'lab-pcp',
} as const;

export const RPC_SECRET = '00112233445566778899aabbccddeeff';

/**
 * Which lab this is: `MAASHA_LAB_NAME` (letters and digits) lets several live side by side, each with
 * namespaces, a directory and a lock of its own. All of them have the same addresses.
 */
const NAME = (process.env['MAASHA_LAB_NAME'] ?? '').replaceAll(/[^a-z0-9]/gi, '');

/** What the names of the lab's namespaces begin with; no lab's is the beginning of another's. */
export const PREFIX = `maasha${NAME}-`;

export const namespace = (host: Host | 'sw'): string => `${PREFIX}${host}`;

/** The other region controller. */
export const peer = (node: Node): Node => (node === 'rc1' ? 'rc2' : 'rc1');

/** What always runs where, in the order in which a table lists it; services.ts adds more. */
export const DAEMONS = {
  rc1: ['postgres', 'pgpool', 'region', 'maas-dns', 'slave-dns'],
  rc2: ['postgres', 'pgpool', 'region', 'maas-dns', 'slave-dns'],
  cc1: ['cluster'],
  cc2: ['cluster'],
  gw: ['upstream-dns'],
  mon: [],
} as const satisfies Record<Host, readonly string[]>;

/** The state directory and the files in it that others may want. */
export const paths = {
  get root(): string {
    return process.env['MAASHA_LAB_DIR'] ?? `/run/${PREFIX}lab`;
  },
  /** The monitor's configuration for this lab. */
  get config(): string {
    return join(this.root, 'maasha.yaml');
  },
  /** What the lab's own programs read: copies of named, scripts, secrets. */
  get shared(): string {
    return join(this.root, 'shared');
  },
  /** Present while the scripts of pgpool must not bring the virtual address up. */
  get vipRefused(): string {
    return join(this.shared, 'vip-refused');
  },
  /** Present while a region that once met no database does not look again, and is not restarted at a failover. */
  get regionStuck(): string {
    return join(this.shared, 'region-stuck');
  },
  /** The faults that are injected at present. */
  get faults(): string {
    return join(this.root, 'faults.json');
  },
  host(host: Host): string {
    return join(this.root, host);
  },
  /** A daemon's own directory: its configuration, its log, its pid, and its working directory. */
  daemon(host: Host, name: string): string {
    return join(this.root, host, name);
  },
};
