import type { FactSource } from './ports/facts.ts';
import type { Secret } from './secret.ts';
import type { Seconds } from './time.ts';

/** A region controller host. */
export interface Node {
  readonly name: string;
  readonly address: string;
  /** Only where a node's database listens elsewhere than `postgres.port`. */
  readonly postgresPort?: number;
  /** The node's MAC address in lower case with colons, where the configuration gives it; else it is learnt. */
  readonly mac?: string;
}

/** Something that answers at an address of its own. */
export interface Server {
  readonly name: string;
  readonly address: string;
}

/** How a server proves over TLS that it is the one that is meant. */
export interface Tls {
  /** The certificate authority, PEM; absent: the system's. */
  readonly ca?: Secret;
  /** The name in the certificate; absent: the address that is connected to. */
  readonly serverName?: string;
}

/** `dhcp` is asked on its segment, and `omapi` is its control port. */
export type ClusterService = 'tftp' | 'http' | 'iscsi' | 'dhcp' | 'omapi' | 'ntp' | 'syslog';

/** What a cluster's services are asked for, where that differs from what is usual. */
export interface ClusterProbes {
  /** The file that is asked for by TFTP; only its first block is. */
  readonly tftpFile?: string;
  /** A small page of the boot resources, whole. */
  readonly bootUrl?: string;
  /** An iSCSI target that must be offered. */
  readonly iscsiTarget?: string;
  readonly iscsiPort?: number;
  readonly omapiPort?: number;
  /** Present: syslog is asked over TCP at this port; else over UDP at 514. */
  readonly syslogTcpPort?: number;
}

/** The segment that a cluster serves DHCP on. */
export interface Segment {
  /** The monitor's own interface there. */
  readonly interface: string;
  /** All DHCP servers that may answer there, by address; the cluster's own is one of them. */
  readonly servers: readonly string[];
  /** The DNS servers that must be handed out (option 6); absent: all slaves. */
  readonly dns?: readonly string[];
}

/** A copy of what a cluster controller cannot be made anew without: its UUID. */
export interface Backup {
  readonly source: FactSource;
  /** A copy that is older is none to rely on. */
  readonly maxAge: Seconds;
}

/** A cluster controller (MAAS 1.x) or rack controller (2.0 and later). */
export interface Cluster {
  readonly name: string;
  readonly address: string;
  readonly uuid?: string;
  readonly services: readonly ClusterService[];
  readonly probes?: ClusterProbes;
  readonly segment?: Segment;
  readonly backup?: Backup;
  /** The power controllers (BMCs) of machines of this cluster that are to be watched. */
  readonly bmcs?: readonly Server[];
}

/**
 * One highly available MAAS installation as the configuration describes it: the target of every check.
 * A section that is absent is not monitored; what needs it is skipped and says so.
 */
export interface Region {
  readonly name: string;
  readonly vip: string;
  /** Further addresses that move with it, such as its IPv6 one. */
  readonly alsoVips?: readonly string[];
  /** Every node serves its own name as plain text here: at the virtual address it says who holds that. */
  readonly marker?: { readonly port: number; readonly path: string };
  /** The monitor's own interface on the region's segment; enables witnesses on the wire. */
  readonly interface?: string;
  /** 1 = MAAS 1.5 to 1.9, 2 = MAAS 2.0 and later. */
  readonly generation: 1 | 2;
  readonly maasUrl: string;
  /** Only where the URL is https. */
  readonly maasTls?: Tls;
  readonly nodes: readonly Node[];
  /** The monitor's own reference points, by address: all lost means that the monitor is cut off. */
  readonly trustedServers: readonly string[];
  /** The node that configuration management believes to be the primary. */
  readonly declaredPrimary?: string;
  /** Where configuration management itself says so; it is stronger than `declaredPrimary`. */
  readonly declaredIn?: {
    readonly source: FactSource;
    /** A regular expression whose first group is the node's name or address; absent: the whole line. */
    readonly pattern?: string;
  };
  readonly postgres?: {
    readonly port: number;
    readonly user: string;
    readonly password?: Secret;
    readonly database: string;
    /** Absent: no encryption. */
    readonly tls?: Tls;
    /** Opted into by the operator: the one table that the monitor writes to, through the virtual address. */
    readonly canary?: { readonly table: string };
  };
  readonly pgpool?: {
    readonly port: number;
    /** Absent when no PCP account is given: then only what SQL can show is known. */
    readonly pcp?: { readonly port: number; readonly user: string; readonly password: Secret };
  };
  readonly dns?: {
    readonly masterPort: number;
    readonly slavePort: number;
    readonly zones: readonly string[];
    /** Absent: one on each node. Empty: there is none. */
    readonly slaves?: readonly Server[];
    /** A name outside of MAAS that slaves resolve by way of the master; absent: forwarding is not watched. */
    readonly outsideName?: string;
    /** A name of MAAS that deployed machines must be able to look up; absent: the first zone itself. */
    readonly insideName?: string;
    /** Compare whole zones by AXFR, where the servers allow it. */
    readonly transfer?: boolean;
  };
  readonly proxy?: {
    readonly ports: readonly number[];
    /** A small object that is really fetched through it; absent: only the proxy itself is asked. */
    readonly object?: { readonly url: string; readonly expect?: string };
  };
  /** The web server before the region application. */
  readonly app?: {
    /** Apache's mod_status, in its machine-readable form: says since when it runs. */
    readonly statusPath?: string;
  };
  /** What keeps the region application of the passive node from the database. */
  readonly fencing?: {
    /** MAAS's own role in the database. */
    readonly role: string;
    /** What each node says of its own fence, by the node's name. */
    readonly reports: Readonly<Record<string, FactSource>>;
    /**
     * Set where the check runs on a node itself (`maasha check fencing --emit`): the fence is then tried
     * from there, and nothing else is looked at. `active`: the node holds the virtual address.
     */
    readonly self?: { readonly node: string; readonly active: boolean };
  };
  readonly rpc: {
    /** The region's shared secret (16 bytes as hex): with it a wrong secret is told from a dead loop. */
    readonly secret?: Secret;
    /** Never ask one event loop more often than this. */
    readonly interval: Seconds;
  };
  readonly clusters: readonly Cluster[];
}

/** The slave DNS servers: those that the configuration names, else one on each node. */
export const slavesOf = ({ dns, nodes }: Region): readonly Server[] =>
  dns === undefined ? [] : (dns.slaves ?? nodes);
