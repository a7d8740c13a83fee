import type { Secret } from './secret.ts';
import type { Seconds } from './time.ts';

/** A region controller host. */
export interface Node {
  readonly name: string;
  readonly address: string;
  /** Only where a node's database listens elsewhere than `postgres.port`. */
  readonly postgresPort?: number;
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
  /** The monitor's own interface on the region's segment; enables witnesses on the wire. */
  readonly interface?: string;
  /** 1 = MAAS 1.5 to 1.9, 2 = MAAS 2.0 and later. */
  readonly generation: 1 | 2;
  readonly maasUrl: string;
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
