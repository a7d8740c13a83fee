import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { lossRatio } from './echoes.ts';

/* What is measured of the virtual address and of who answers at all, and what is bad about it. */

export const vipUp = gauge({
  name: 'maasha_vip_up',
  help: 'Whether the virtual address answers the monitor in any way (1) or not at all (0); a refused TCP connection is an answer.',
  labels: [],
});
export const vipReachable = gauge({
  name: 'maasha_vip_reachable',
  help: 'Whether the virtual address answers the monitor by this method (1) or not (0).',
  labels: ['method'],
});
export const alsoUp = gauge({
  name: 'maasha_vip_also_up',
  help: 'Whether this further virtual address, which moves with the first, answers the monitor in any way (1) or not at all (0).',
  labels: ['address'],
});
export const portOpen = gauge({
  name: 'maasha_vip_port_open',
  help: 'Whether a TCP connection from the monitor to this service at the virtual address is accepted (1) or not (0).',
  labels: ['service'],
});
export const portsOpen = gauge({
  name: 'maasha_vip_ports_open',
  help: 'Services at the virtual address that accept a TCP connection from the monitor; only where there are several.',
  labels: [],
});
export const connectTime = gauge({
  name: 'maasha_vip_connect_seconds',
  help: 'Time that the TCP connection from the monitor to this service at the virtual address took to stand.',
  labels: ['service'],
});
export const nodeReachable = gauge({
  name: 'maasha_node_reachable',
  help: 'Whether this region controller answers the monitor by ICMP or, failing that, by TCP (1) or not at all (0).',
  labels: ['node'],
});
export const nodesAnswering = gauge({
  name: 'maasha_nodes_answering',
  help: 'How many region controllers answer the monitor by ICMP or, failing that, by TCP; only where that is known of each of them.',
  labels: [],
});
export const trustedReachable = gauge({
  name: 'maasha_trusted_server_reachable',
  help: 'Whether this trusted server answers an echo request of the monitor (1) or not (0).',
  labels: ['server'],
});
export const trustedLost = gauge({
  name: 'maasha_trusted_servers_lost',
  help: 'Whether every trusted server is silent while something else answers the monitor (1) or not (0).',
  labels: [],
});
export const isolated = gauge({
  name: 'maasha_monitor_isolated',
  help: 'Whether nothing at all answers the monitor, neither the virtual address nor a node nor a trusted server (1), or something does (0).',
  labels: [],
});

const byIsolation = [{ alert: 'MaasHaMonitorIsolated' }];
/** Both nodes are gone: one message says so. */
const byRegion = [...byIsolation, { alert: 'MaasHaRegionDown' }];

/** What the hook restarts on the node that takes the address over; all of it is told together. */
const RESTARTED = ['http', 'dns', 'proxy-8000', 'proxy-3128'] as const;
const byMove = RESTARTED.flatMap((service) => [
  { alert: 'MaasHaFailover', where: { of: 'vip' }, only: { service } },
  { alert: 'MaasHaFailoverIncomplete', only: { service } },
]);

/** Connections reach a machine that has no such service (any more). */
const byOthers = [{ alert: 'MaasHaVipDuplicate' }, { alert: 'MaasHaVipStranger' }];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaVipUnreachable',
    severity: 'critical',
    metric: vipUp,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [...byRegion, { alert: 'MaasHaWatchdogNoLeader' }],
    summary: 'The virtual address answers neither ping nor TCP: the region is down for its users',
  },
  {
    name: 'MaasHaVipAlsoUnreachable',
    severity: 'warning',
    metric: alsoUp,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [...byRegion, { alert: 'MaasHaVipUnreachable' }],
    summary:
      'The virtual address answers, and the further one {address} does not: who uses that is cut off',
  },
  {
    name: 'MaasHaVipAllServicesDown',
    severity: 'critical',
    metric: portsOpen,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaVipUnreachable' }, ...byOthers],
    summary:
      'The virtual address answers, and no service does there: the region is down for its users',
  },
  {
    name: 'MaasHaVipServiceDown',
    severity: 'critical',
    metric: portOpen,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [
      { alert: 'MaasHaVipAllServicesDown' },
      ...byOthers,
      // When all its children wait for a database, pgpool takes no more connections.
      { alert: 'MaasHaPgpoolBackendHangs', only: { service: 'pgpool' } },
      ...byMove,
    ],
    summary: 'No connection to {service} at the virtual address: what needs it does not work',
  },
  {
    name: 'MaasHaVipPacketLoss',
    severity: 'warning',
    metric: lossRatio,
    // One of three is a third: that alone is not yet a pattern.
    when: { above: 0.34 },
    clear: { below: 0.1 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaVipUnreachable' }, { alert: 'MaasHaVipDuplicate' }],
    summary: 'The virtual address loses echoes (share {value}): expect a failover without need',
  },
  {
    name: 'MaasHaNodeDown',
    severity: 'warning',
    metric: nodeReachable,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: byRegion,
    summary: 'Region controller {node} does not answer: the region has no spare left',
  },
  {
    name: 'MaasHaRegionDown',
    severity: 'critical',
    metric: nodesAnswering,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: byIsolation,
    summary: 'No region controller answers: nothing of the region works',
  },
  {
    name: 'MaasHaTrustedServersLost',
    severity: 'critical',
    metric: trustedLost,
    when: { equal: 1 },
    for: seconds(10),
    summary:
      'All trusted servers are silent: within 15 s both pgpools drop the virtual address and exit, and nothing restarts them',
  },
  {
    name: 'MaasHaMonitorIsolated',
    severity: 'critical',
    metric: isolated,
    when: { equal: 1 },
    for: seconds(20),
    summary: 'The monitor reaches nothing, not even a trusted server: it is blind to the region',
  },
];
