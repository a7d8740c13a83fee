import { z } from 'zod';
import { doesNotApply, evidence, skip, type Note } from '../../core/check.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { ArpReport } from '../../core/ports/arp.ts';
import type { Node, Region } from '../../core/region.ts';

/*
 * Who on the wire says that the virtual address is its own: the machines behind the MAC addresses that
 * answer ARP requests (RFC 826) for it.
 */

export const claim = gauge({
  name: 'maasha_vip_claim',
  help: 'Whether this witness shows the node as holder of the virtual address (1) or not (0): `arp` by the MAC that answers for it, `marker` by the page that names the node.',
  labels: ['witness', 'node'],
});
export const responders = gauge({
  name: 'maasha_vip_arp_responders',
  help: 'Machines that answer ARP requests for the virtual address on the segment of the monitor, the MAC addresses of one node counted once; 1 is healthy.',
  labels: [],
});
export const strangers = gauge({
  name: 'maasha_vip_arp_strangers',
  help: 'Machines that are no node of the region and answer ARP requests for the virtual address on the segment of the monitor.',
  labels: [],
});

/** What one look at the wire found; a node that could not be asked has no report. */
export interface Wire {
  readonly interface: string;
  readonly vip: ArpReport;
  readonly nodes: readonly { readonly node: Node; readonly report: ArpReport | undefined }[];
  /** Asked only when somebody answers that nobody knows: by their addresses. */
  readonly servers: readonly { readonly name: string; readonly report: ArpReport | undefined }[];
}

/** The MAC addresses that a node answered with for its own address when it last did. */
export type Learnt = Readonly<Record<string, readonly string[]>>;

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/;
export const learntSchema = z.record(z.string(), z.array(z.string().regex(MAC)).min(1).max(16));

/** A machine that answers for the virtual address. */
export interface Machine {
  readonly is: 'node' | 'vrrp' | 'stranger' | 'unknown';
  /** The node's name, or in words who it is. */
  readonly name: string;
  readonly macs: readonly string[];
}

/** What the nodes' MAC addresses are now known to be; a node that answers says so itself. */
export const learn = ({ nodes }: Pick<Wire, 'nodes'>, before: Learnt): Learnt =>
  Object.fromEntries(
    nodes.flatMap(({ node: { name }, report }) => {
      const macs = report !== undefined && report.macs.length > 0 ? report.macs : before[name];
      return macs === undefined ? [] : [[name, macs] as const];
    }),
  );

/** The virtual MAC of VRRP for IPv4 (RFC 5798 section 7.3), which keepalived gives with `use_vmac`. */
const VRRP = '00:00:5e:00:01:';

/** Who answers for the virtual address; MAC addresses of one node are one machine. */
export function machines(wire: Wire, learnt: Learnt): readonly Machine[] {
  const found = new Map<string, Machine>();
  const put = ({ is, name, macs }: Machine): void => {
    found.set(name, { is, name, macs: [...(found.get(name)?.macs ?? []), ...macs] });
  };
  if (wire.vip.own) put(thisMachine(wire));
  for (const mac of wire.vip.macs) put(machineOf(mac, wire, learnt));
  const all = [...found.values()];
  // A node with a virtual MAC may answer with its own besides.
  return all.some(({ is }) => is === 'node') ? all.filter(({ is }) => is !== 'vrrp') : all;
}

function thisMachine({ nodes }: Wire): Machine {
  const node = nodes.find(({ report }) => report?.own === true)?.node;
  return node === undefined
    ? { is: 'stranger', name: 'this machine, on which the monitor runs', macs: [] }
    : { is: 'node', name: node.name, macs: [] };
}

function machineOf(mac: string, { nodes, servers }: Wire, learnt: Learnt): Machine {
  const known = nodes.map(({ node }) => ({ name: node.name, macs: macsOf(node, learnt) }));
  const owners = known.filter(({ macs }) => macs?.includes(mac) === true).map(({ name }) => name);
  const [owner] = owners;
  if (owner !== undefined && owners.length === 1) return { is: 'node', name: owner, macs: [mac] };
  if (mac.startsWith(VRRP)) {
    const router = Number.parseInt(mac.slice(VRRP.length), 16);
    return { is: 'vrrp', name: `whoever leads the virtual router ${router} (VRRP)`, macs: [mac] };
  }
  const server = servers.find(({ report }) => report?.macs.includes(mac) === true);
  const also = server === undefined ? owners : [server.name];
  if (also.length > 0) {
    const name = `a machine that also answers for ${also.join(' and ')}: proxy ARP`;
    return { is: 'stranger', name, macs: [mac] };
  }
  const unknown = known.filter(({ macs }) => macs === undefined).map(({ name }) => name);
  return unknown.length > 0
    ? {
        is: 'unknown',
        name: `a machine that may be ${unknown.join(' or ')}: MAC ${mac}`,
        macs: [mac],
      }
    : { is: 'stranger', name: `a machine that is no node: MAC ${mac}`, macs: [mac] };
}

const macsOf = ({ name, mac }: Node, learnt: Learnt): readonly string[] | undefined =>
  mac === undefined ? learnt[name] : [mac];

/** What the machines that answer come to. */
export function wireNotes(wire: Wire, learnt: Learnt): readonly Note[] {
  const all = machines(wire, learnt);
  if (all.length === 0 && !wire.nodes.some(({ report }) => isThere(report))) {
    const reason = `neither the virtual address nor a node answers ARP on ${wire.interface}: it may not be the region's segment`;
    return [skip('arp', 'unreachable', reason)];
  }
  const certain = all.every(({ is }) => is === 'node' || is === 'stranger');
  return [
    observe(responders, all.length, {}),
    ...(all.some(({ is }) => is === 'unknown') ? [] : [observe(strangers, strange(all), {})]),
    ...wire.nodes.flatMap(({ node: { name } }) => {
      const answers = all.some((each) => each.is === 'node' && each.name === name);
      return answers || certain ? [observe(claim, answers, { witness: 'arp', node: name })] : [];
    }),
    ...describe(all).map((says) => evidence('arp', says)),
    ...wire.nodes.flatMap(({ node, report }) => otherMac(node, report)),
  ];
}

const isThere = (report: ArpReport | undefined): boolean =>
  report !== undefined && (report.own || report.macs.length > 0);

const strange = (all: readonly Machine[]): number =>
  all.filter(({ is }) => is === 'stranger').length;

function describe(all: readonly Machine[]): readonly string[] {
  if (all.length === 0) return ['nobody answers for the virtual address'];
  const named = all
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ is, name, macs }) =>
      macs.length === 0 || name.includes(macs[0] ?? '')
        ? is === 'node'
          ? `${name} (this machine)`
          : name
        : `${name} (${macs.join(', ')})`,
    );
  const vrrp = all.some(({ is }) => is === 'vrrp')
    ? ['all that hold a virtual router answer with the same MAC: it does not tell nodes apart']
    : [];
  return all.length === 1
    ? [`${named.join('')} answers for the virtual address`, ...vrrp]
    : [`${named.join(' and ')} answer for the virtual address: clients go to and fro`, ...vrrp];
}

/** A configured MAC that is not the one that answers makes the node itself look like a stranger. */
const otherMac = ({ name, mac }: Node, report: ArpReport | undefined): readonly Note[] =>
  mac === undefined || report === undefined || report.macs.length === 0 || report.macs.includes(mac)
    ? []
    : [
        evidence(
          name,
          `answers for its own address with ${report.macs.join(', ')}, and the configuration says ${mac}`,
        ),
      ];

/** Where the wire is not looked at (any more), nothing on it is wrong. */
export const withoutWire = ({ interface: name, vip }: Region): readonly Note[] => [
  ...(name === undefined ? [] : [skip('arp', 'config', `ARP is of IPv4, and ${vip} is not`)]),
  doesNotApply(responders, {}),
  doesNotApply(strangers, {}),
];
