import { styleText } from 'node:util';
import type { Status } from './health.ts';
import { CLUSTERS, HOSTS, NODES, VIP, ZONES, type Cluster, type Node } from './plan.ts';
import type { PostgresState } from './postgres.ts';

/* The lab's status as a short table for a terminal. */

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

const paint = (colour: Colour, text: string): string =>
  process.stdout.isTTY ? styleText(colour, text) : text;

/** The whole status: daemons by host, who is what, serials, clusters, and what is missing. */
export function describe(status: Status): string {
  return [
    ...daemons(status),
    '',
    row('VIP', `${VIP} on ${status.vipOwners.join(' and ') || 'nobody'}`),
    row('DNS at VIP', status.dnsMaster ?? 'no answer'),
    row('HTTP at VIP', status.eventLoops?.join(', ') ?? 'no list of event loops'),
    ...NODES.map((node) => row(`watchdog ${node}`, watchdog(status, node))),
    ...NODES.map((node) => row(`postgres ${node}`, postgres(status.postgres[node]))),
    row('backends', backends(status)),
    ...ZONES.map((zone) => row(zone, serials(status, zone))),
    ...CLUSTERS.map((name) => row(name, clusterText(status, name))),
    row('faults', status.faults.join(', ') || 'none'),
    '',
    ...verdict(status),
  ].join('\n');
}

const row = (name: string, text: string) => `${name.padEnd(24)}${text}`;

const daemons = (status: Status) =>
  HOSTS.map((host) =>
    row(
      host,
      status.daemons
        .filter((one) => one.host === host)
        .map(({ name, state }) => paint(state === 'up' ? 'green' : 'red', `${name} ${state}`))
        .join('  '),
    ).trimEnd(),
  );

function watchdog(status: Status, node: Node): string {
  const view = status.watchdog[node];
  if (view === undefined) return 'no answer';
  const members = Object.entries(view.members).map(([address, state]) => `${address} ${state}`);
  const escalated = view.escalated ? 'escalated, ' : '';
  return `${view.state}, ${escalated}${view.quorum}; sees ${members.join(', ')}`;
}

function postgres(state: PostgresState): string {
  switch (state.role) {
    case 'primary':
      return `primary, timeline ${state.timeline}, streams to ${state.streamsTo.join(', ') || 'nobody'}`;
    case 'standby':
      return `standby, ${state.receiving ? 'receiving' : 'receiving nothing'}`;
    case 'unreachable':
      return 'unreachable';
  }
}

function backends({ backends: seen }: Status): string {
  if (seen === undefined) return 'no answer';
  return NODES.map((node) => {
    const { status, role, pgRole } = seen[node];
    return `${node} ${status} ${role} (really ${pgRole})`;
  }).join(', ');
}

function serials({ serials: seen }: Status, zone: string): string {
  const servers = ['vip', ...NODES] as const;
  return servers.map((server) => `${server} ${seen[server][zone] ?? 'none'}`).join('  ');
}

const verdict = ({ healthy, missing }: Status) =>
  healthy
    ? [paint('green', 'healthy')]
    : [paint('red', 'NOT healthy'), ...missing.map((line) => `  ${paint('red', line)}`)];

function clusterText(status: Status, name: Cluster): string {
  const loops = status.clusters[name] ?? [];
  return loops.length === 0 ? 'not connected' : `connected to ${loops.join(', ')}`;
}
