import type { Endpoint } from '../../core/ports/network.ts';
import type { Server } from '../../core/region.ts';
import type { RegionState } from '../region/rpc-info.ts';

/* What `maasha discover` is told, and what it finds: plain data, without a secret. */

/** What the operator gave: nothing else is asked. */
export interface Given {
  readonly region: string;
  readonly vip: string;
  readonly nodes: readonly Server[];
  readonly clusters: readonly Server[];
  readonly zones: readonly string[];
  /** Absent: the usual places at the virtual address are tried. */
  readonly maasUrl?: string | undefined;
  readonly pcp?: { readonly user: string; readonly passwordFile: string } | undefined;
  readonly postgres?:
    | {
        readonly user: string;
        readonly passwordFile?: string | undefined;
        readonly database: string;
      }
    | undefined;
}

/** A thing that was looked for: it is there, or why that is not known. */
export type Seen<Value> = { readonly is: Value } | { readonly not: string };

export interface FoundCluster {
  readonly name: string;
  readonly uuid?: string;
  /** As MAAS's database has it; it was not asked. */
  readonly address?: string;
}

export interface Found {
  readonly maas: Seen<{
    readonly url: string;
    readonly state: RegionState;
    readonly loops: readonly string[];
  }>;
  readonly generation: Seen<1 | 2>;
  /** Addresses of members in the views of the pgpools that were asked. */
  readonly pcp: Seen<readonly string[]>;
  /** Ports of the databases in those views. */
  readonly backends: readonly Endpoint[];
  readonly database: Seen<{ readonly primary?: string }>;
  readonly pgpool: Seen<true>;
  readonly postgresAt: Readonly<Record<string, Seen<true>>>;
  /** The name by which the DNS master calls itself. */
  readonly master: Seen<string>;
  readonly slaves: Readonly<Record<string, Seen<true>>>;
  readonly zones: Seen<readonly string[]>;
  readonly zonesFrom: string;
  readonly clusters: Seen<readonly FoundCluster[]>;
  readonly proxies: Readonly<Record<string, Seen<true>>>;
  /** By node's name: what the page /node says there. */
  readonly marker: Seen<string>;
  /** Addresses that somebody named and the operator did not: never asked. */
  readonly named: readonly { readonly address: string; readonly by: string }[];
}
