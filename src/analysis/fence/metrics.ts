import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/** Who can say whether a passive node reaches the database, each in a way of its own. */
export type Witness = 'report' | 'application' | 'sessions';

/** How old a report may be and still be about the present. */
export const FRESH = seconds(300);

export const fenceOpen = gauge({
  name: 'maasha_fence_open',
  help: 'Whether the node, which does not hold the virtual address, gets at PostgreSQL as MAAS (1) or is kept from it (0), by all witnesses together; absent of the active node, and while nobody can tell.',
  labels: ['node'],
});
export const witnessed = gauge({
  name: 'maasha_fence_witness',
  help: 'Whether this witness shows a passive node at PostgreSQL as MAAS (1) or shows it kept out, or sees nothing of it (0).',
  labels: ['node', 'witness'],
});
export const sessions = gauge({
  name: 'maasha_fence_sessions',
  help: "How many sessions of MAAS's role come from the node's address, on all PostgreSQL servers together; those that a pgpool merely keeps are left out.",
  labels: ['node'],
});
export const poolHbaOpen = gauge({
  name: 'maasha_fence_pool_hba_open',
  help: "Whether the node's pgpool would let MAAS's role come from the monitor's own address (1), which is no node, or refuses it (0).",
  labels: ['node'],
});
export const reportAge = gauge({
  name: 'maasha_fence_report_age_seconds',
  help: 'How old the newest report is that the node makes of its own fence, in seconds.',
  labels: ['node'],
});

export const metrics = [fenceOpen, witnessed, sessions, poolHbaOpen, reportAge];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaFenceOpen',
    severity: 'critical',
    metric: fenceOpen,
    when: { equal: 1 },
    for: seconds(0),
    inhibitedBy: [
      // What comes of it, and is graver: two that write.
      { alert: 'MaasHaRegionTwoActive' },
      // While it is not clear which node is the passive one, neither is whose fence must hold.
      { alert: 'MaasHaVipDuplicate' },
      { alert: 'MaasHaWatchdogTwoLeaders' },
      { alert: 'MaasHaTwoPrimaries' },
      // The application of the node that lost the address takes some seconds to lose the database.
      { alert: 'MaasHaFailover' },
    ],
    summary:
      'The fence of {node} is open: it is not the active node, and MAAS there reaches PostgreSQL',
  },
  {
    name: 'MaasHaFenceReportStale',
    severity: 'warning',
    metric: reportAge,
    when: { above: FRESH },
    for: seconds(60),
    inhibitedBy: [{ alert: 'MaasHaNodeDown', on: { node: 'node' } }],
    summary: '{node} has not said for {value} s whether its fence holds',
  },
  {
    name: 'MaasHaFenceHbaOpen',
    severity: 'info',
    metric: poolHbaOpen,
    when: { equal: 1 },
    for: seconds(0),
    inhibitedBy: [{ alert: 'MaasHaFenceOpen' }],
    summary:
      'pgpool on {node} lets MAAS come from any address: only the packet filter keeps the passive node out',
  },
];
