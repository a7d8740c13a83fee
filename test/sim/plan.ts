import type { Side } from '../support/postgres.ts';

/*
 * The facts of the simulated region: the seed's addresses with the loopback network in front, and ports
 * that need no privilege. Below 32768, where the kernel takes the ports of outgoing connections from.
 */

export type Node = 'rc1' | 'rc2';

export const NODES = ['rc1', 'rc2'] as const satisfies Node[];
export const REGION = 'simulated';
export const ZONES = ['maas3', 'maas4', 'maas5', '16.31.172.in-addr.arpa'] as const;

export const PORT = {
  postgres: 25432,
  pgpool: 29999,
  pcp: 29898,
  master: 25353,
  slave: 25053,
  http: 25240,
  rpc: 25250,
} as const;

/** The name that the PostgreSQL pair has for a node's server, whatever its role is at present. */
export const SIDE: Readonly<Record<Node, Side>> = { rc1: 'primary', rc2: 'standby' };

/** The other region controller. */
export const peer = (node: Node): Node => (node === 'rc1' ? 'rc2' : 'rc1');

export interface Addresses {
  readonly vip: string;
  readonly node: Readonly<Record<Node, string>>;
  readonly trusted: readonly string[];
  readonly clusters: readonly { readonly name: string; readonly address: string }[];
}

/** The addresses in a network, given as the first three octets of one within 127.0.0.0/8. */
export function addressesIn(network: string): Addresses {
  if (!/^127(\.\d{1,3}){2}$/.test(network))
    throw new RangeError(`found ${network}, expected a loopback network such as 127.31.16`);
  return {
    vip: `${network}.39`,
    node: { rc1: `${network}.32`, rc2: `${network}.33` },
    trusted: [`${network}.1`, `${network}.254`],
    clusters: [
      { name: 'cc1', address: `${network}.34` },
      { name: 'cc2', address: `${network}.35` },
    ],
  };
}
