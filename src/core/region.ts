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

export type ClusterService = 'tftp' | 'http' | 'iscsi' | 'dhcp';

/** A cluster controller (MAAS 1.x) or rack controller (2.0 and later). */
export interface Cluster {
  readonly name: string;
  readonly address: string;
  readonly uuid?: string;
  readonly services: readonly ClusterService[];
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
    /** Compare whole zones by AXFR, where the servers allow it. */
    readonly transfer?: boolean;
  };
  readonly proxy?: { readonly ports: readonly number[] };
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
