import type { CheckResult } from './check.ts';
import { slavesOf, type Region } from './region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from './seen.ts';
import { formatDuration, seconds } from './time.ts';

/** One line of the region's picture: who holds what. */
export interface Row {
  readonly topic: string;
  readonly says: string;
}

const NOT_KNOWN = 'not known';

/** The whole region on one screen, from the newest results. What was not seen is said to be not known. */
export const overview = (region: Region, results: readonly CheckResult[]): readonly Row[] => [
  { topic: 'VIP', says: vip(results) },
  ...(region.pgpool === undefined ? [] : [{ topic: 'watchdog', says: watchdog(region, results) }]),
  ...(region.postgres === undefined
    ? []
    : [{ topic: 'PostgreSQL', says: postgres(region, results) }]),
  ...(region.dns === undefined ? [] : [{ topic: 'DNS', says: dns(region, results) }]),
  { topic: 'region RPC', says: rpc(results) },
  ...(region.clusters.length === 0 ? [] : [{ topic: 'clusters', says: clusters(results) }]),
  { topic: 'redundancy', says: redundancy(region, results) },
];

function vip(results: readonly CheckResult[]): string {
  const up = valueOf(results, 'maasha_vip_up');
  const witnesses = [
    ...namesWhere(results, 'maasha_pgpool_watchdog_escalated', 'node').map(
      (node) => `${node} (watchdog)`,
    ),
    ...namesWhere(results, 'maasha_dns_master_node', 'node').map((node) => `${node} (DNS)`),
    ...(['arp', 'marker'] as const).flatMap((witness) =>
      namesWhere(results, 'maasha_vip_claim', 'node', { witness }).map(
        (node) => `${node} (${witness === 'arp' ? 'ARP' : witness})`,
      ),
    ),
  ];
  const holder = witnesses.length === 0 ? `holder ${NOT_KNOWN}` : `held by ${witnesses.join(', ')}`;
  return `${word(up, 'answers', 'does not answer')}; ${holder}`;
}

function watchdog(region: Region, results: readonly CheckResult[]): string {
  const leaders = namesWhere(results, 'maasha_pgpool_watchdog_node_state', 'peer', {
    state: 'leader',
  });
  const views = region.nodes.map(({ name }) => {
    const own = stateOf(results, 'maasha_pgpool_watchdog_node_state', { node: name, peer: name });
    return `${name} ${own ?? (valueOf(results, 'maasha_pgpool_up', { node: name }) === 0 ? 'down' : NOT_KNOWN)}`;
  });
  const quorum = region.nodes.flatMap(
    ({ name }) => stateOf(results, 'maasha_pgpool_watchdog_quorum', { node: name }) ?? [],
  );
  return `leader ${names(leaders)}; ${views.join(', ')}; quorum ${names([...new Set(quorum)])}`;
}

function postgres(region: Region, results: readonly CheckResult[]): string {
  const nodes = region.nodes.map(({ name }) => {
    const role = stateOf(results, 'maasha_postgres_role', { node: name });
    if (role === undefined)
      return `${name} ${valueOf(results, 'maasha_postgres_up', { node: name }) === 0 ? 'down' : NOT_KNOWN}`;
    const timeline = valueOf(results, 'maasha_postgres_timeline', { node: name });
    return `${name} ${role}${timeline === undefined ? '' : ` on timeline ${timeline}`}${replication(name, results)}`;
  });
  return `primary ${names(namesWhere(results, 'maasha_postgres_role', 'node', { state: 'primary' }))}; ${nodes.join(', ')}`;
}

function replication(standby: string, results: readonly CheckResult[]): string {
  const connected = valueOf(results, 'maasha_postgres_replication_connected', { standby });
  if (connected === undefined) return '';
  const bytes = valueOf(results, 'maasha_postgres_replication_lag_bytes', {
    standby,
    stage: 'replay',
  });
  const lag = valueOf(results, 'maasha_postgres_replication_lag_seconds', { standby });
  const behind = [
    ...(lag === undefined ? [] : [formatDuration(seconds(lag))]),
    ...(bytes === undefined ? [] : [`${bytes} bytes`]),
  ];
  return ` (${connected === 1 ? 'streaming' : 'NOT streaming'}${behind.length === 0 ? '' : `, ${behind.join(' and ')} behind`})`;
}

function dns(region: Region, results: readonly CheckResult[]): string {
  const master = word(
    valueOf(results, 'maasha_dns_master_up'),
    'master answers',
    'master does NOT answer',
  );
  const servers = slavesOf(region);
  const slaves = servers.map(
    ({ name }) =>
      `${name} ${word(valueOf(results, 'maasha_dns_slave_up', { node: name }), 'answers', 'does NOT answer')}`,
  );
  const distances = samplesOf(results, 'maasha_dns_soa_serial_distance');
  const apart = distances
    .filter(({ value }) => value !== 0)
    .map(
      ({ labels, value }) =>
        `${labels['zone'] ?? ''} at ${labels['server'] ?? ''} ${value > 0 ? `${value} ahead` : `${-value} behind`}`,
    );
  const serials =
    distances.length === 0
      ? `serials ${NOT_KNOWN}`
      : apart.length === 0
        ? 'all serials agree'
        : apart.join(', ');
  return [master, servers.length === 0 ? 'no slaves' : slaves.join(', '), serials].join('; ');
}

function rpc(results: readonly CheckResult[]): string {
  const loops = valueOf(results, 'maasha_region_rpc_event_loops');
  const answering = namesWhere(results, 'maasha_region_rpc_handshake_success', 'node');
  return `${loops ?? NOT_KNOWN} event loops advertised; handshake with ${names(answering)}`;
}

function clusters(results: readonly CheckResult[]): string {
  const seen = samplesOf(results, 'maasha_cluster_reachable');
  if (seen.length === 0) return NOT_KNOWN;
  const silent = seen
    .filter(({ value }) => value === 0)
    .map(({ labels }) => labels['cluster'] ?? '');
  return silent.length === 0 ? `all ${seen.length} hosts answer` : `silent: ${silent.join(', ')}`;
}

function redundancy({ nodes }: Region, results: readonly CheckResult[]): string {
  if (nodes.length < 2) return 'one node: no failure of it is survivable';
  const redundant = valueOf(results, 'maasha_region_redundant');
  const missing = results.find(({ check }) => check === 'redundancy')?.evidence ?? [];
  return redundant === 0
    ? `one more failure is NOT survivable: ${missing.map(({ says }) => says).join('; ')}`
    : word(redundant, 'one more failure is survivable', '');
}

const word = (value: number | undefined, yes: string, no: string): string =>
  value === undefined ? NOT_KNOWN : value === 1 ? yes : no;

const names = (found: readonly string[]): string =>
  found.length === 0 ? NOT_KNOWN : found.join(' AND ');
