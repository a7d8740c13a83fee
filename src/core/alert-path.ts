import type { Region } from './region.ts';

/*
 * Whether the way to the people leads through what is watched: a region that is down must not take
 * the message about it along. Pure; src/io/resolver-facts.ts finds out what it is given.
 */

/** A host name or address, and the addresses that it stands for; none when it could not be resolved. */
export interface Resolved {
  readonly host: string;
  readonly addresses: readonly string[];
}

/** What a channel must reach. */
export interface ChannelHosts {
  readonly channel: string;
  readonly hosts: readonly Resolved[];
  /** Whether it uses the proxies of the environment. */
  readonly viaProxy: boolean;
}

/** A proxy that the environment names, and in which variable. */
export interface Proxy {
  readonly variable: string;
  readonly at: Resolved;
}

/** How this host finds its way to others. */
export interface Surroundings {
  /** Addresses of the name servers that are really asked. */
  readonly nameservers: readonly string[];
  /** Name servers on this host that ask others, which cannot be told: as the resolver's file has them. */
  readonly forwarders: readonly string[];
  readonly proxies: readonly Proxy[];
  /** The content of NO_PROXY. */
  readonly noProxy: string;
}

/** By which way one channel is reached, a sentence for each finding. */
export interface AlertPath {
  readonly channel: string;
  /** What of it belongs to a watched region; empty is as it should be. */
  readonly through: readonly string[];
  /** What could not be found out this time. */
  readonly unresolved: readonly string[];
  /** What cannot be found out on this host at all. */
  readonly hidden: readonly string[];
}

/** Judges the way to every channel. */
export function alertPaths(
  channels: readonly ChannelHosts[],
  surroundings: Surroundings,
  regions: readonly Region[],
): readonly AlertPath[] {
  const owners = ownersOf(regions);
  return channels.map((channel) => pathOf(channel, surroundings, owners));
}

/** The addresses of the name servers in the text of a resolv.conf(5). */
export const nameserversIn = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);

/** True for an address of this very host. */
export const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(bare(address));

type Owners = ReadonlyMap<string, readonly string[]>;

/** What each address of the regions is, in words. */
function ownersOf(regions: readonly Region[]): Owners {
  const owners = new Map<string, readonly string[]>();
  const add = (address: string, what: string): void => {
    owners.set(address, [...(owners.get(address) ?? []), what]);
  };
  for (const { name, vip, nodes, clusters } of regions) {
    add(vip, `the virtual address of ${name}`);
    for (const node of nodes) add(node.address, `region controller ${node.name} of ${name}`);
    for (const cluster of clusters) add(cluster.address, `cluster ${cluster.name} of ${name}`);
  }
  return owners;
}

/** Without the zone of a link-local address, and an IPv4 address as such even when it is wrapped in IPv6. */
const bare = (address: string): string =>
  address
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');

const isAddress = (host: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');

function pathOf(
  { channel, hosts, viaProxy }: ChannelHosts,
  { nameservers, forwarders, proxies, noProxy }: Surroundings,
  owners: Owners,
): AlertPath {
  const proxied = viaProxy && hosts.some(({ host }) => !bypasses(noProxy, host));
  const used = proxied ? proxies : [];
  const named = [...hosts, ...used.map(({ at }) => at)].filter(({ host }) => !isAddress(host));
  const asked = named.length > 0;
  return {
    channel,
    through: [
      ...hosts.flatMap((host) => sentences(host.host, host.addresses, owners)),
      ...used.flatMap(({ variable, at }) =>
        sentences(`${at.host} (the proxy in ${variable})`, at.addresses, owners),
      ),
      ...(asked ? nameservers.flatMap((each) => sentences(NAMESERVER, [each], owners)) : []),
    ],
    unresolved: [
      ...new Set(named.filter(({ addresses }) => addresses.length === 0).map(({ host }) => host)),
    ].map((host) => `${host} does not resolve`),
    hidden: asked
      ? forwarders.map(
          (each) => `the name server ${each} of this host asks others: which, it does not say`,
        )
      : [],
  };
}

const NAMESERVER = 'the name server of this host';

const sentences = (what: string, addresses: readonly string[], owners: Owners): readonly string[] =>
  [...new Set(addresses.map(bare))].flatMap((address) =>
    (owners.get(address) ?? []).map((owner) =>
      what === address ? `${address} is ${owner}` : `${what}, ${address}, is ${owner}`,
    ),
  );

/** Whether NO_PROXY exempts a host: `*`, its name, its domain, with or without a leading dot or a port. */
export const bypasses = (noProxy: string, host: string): boolean =>
  noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .map((entry) => entry.replace(/^\*?\./, '').replace(/^([^:]+):\d+$/, '$1'))
    .some(
      (entry) =>
        entry === '*' ||
        (entry !== '' &&
          (entry === host.toLowerCase() || host.toLowerCase().endsWith(`.${entry}`))),
    );
