import { gauge } from '../../core/metric.ts';
import type { Because, Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What is measured of who holds the virtual address, and what is bad about it. */

export const owner = gauge({
  name: 'maasha_vip_owner',
  help: 'Whether the node holds the virtual address as far as the witnesses agree (1) or not (0); two nodes at 1 are a duplicate, and all are absent while it is not known.',
  labels: ['node'],
});
export const owners = gauge({
  name: 'maasha_vip_owners',
  help: 'Nodes that hold or claim the virtual address at once, by ARP or by PCP; 1 is healthy.',
  labels: [],
});
export const witnesses = gauge({
  name: 'maasha_vip_owner_witnesses',
  help: 'Independent witnesses that name the present holder of the virtual address; with 1 it is only probable.',
  labels: [],
});
export const disagree = gauge({
  name: 'maasha_vip_witnesses_disagree',
  help: 'Whether two witnesses named different holders of the virtual address within the last minute, neither of them before the last change (1), or not (0).',
  labels: [],
});
export const ownerLeads = gauge({
  name: 'maasha_vip_owner_leads',
  help: 'Whether the node that holds the virtual address also leads the watchdog, as it must (1), or not (0).',
  labels: [],
});
export const leftover = gauge({
  name: 'maasha_vip_leftover',
  help: 'Whether the node answers for the virtual address on the wire though another one leads and holds it too (1), or not (0).',
  labels: ['node'],
});
export const since = gauge({
  name: 'maasha_vip_owner_since_timestamp_seconds',
  help: 'When the monitor first saw the present holder of the virtual address as such, as a Unix time.',
  labels: [],
});
export const changes = gauge({
  name: 'maasha_vip_owner_changes',
  help: 'Moves of the virtual address to another node since the monitor first saw it; kept over restarts.',
  labels: [],
});
export const changesLately = gauge({
  name: 'maasha_vip_owner_changes_last_hour',
  help: 'Moves of the virtual address to another node within the last hour.',
  labels: [],
});
export const failoverRecent = gauge({
  name: 'maasha_failover_recent',
  help: 'Whether this (the virtual address, or the primary) moved to another node within the last 120 s (1) or not (0).',
  labels: ['of'],
});

export const metrics = [
  ...[owner, owners, witnesses, disagree, ownerLeads, leftover],
  ...[since, changes, changesLately, failoverRecent],
];

/** The region is double, and that is told with its own first steps. */
const byDouble: readonly Because[] = [
  { alert: 'MaasHaVipDuplicate' },
  { alert: 'MaasHaWatchdogTwoLeaders' },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaFailover',
    severity: 'info',
    metric: failoverRecent,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The {of} moved to another node a moment ago: what follows it needs up to 120 s',
  },
  {
    name: 'MaasHaVipTwoOwners',
    severity: 'critical',
    metric: owners,
    when: { above: 1 },
    for: seconds(15),
    inhibitedBy: byDouble,
    summary: '{value} nodes claim the virtual address at once: clients may reach either of them',
  },
  {
    name: 'MaasHaVipLeftover',
    severity: 'critical',
    metric: leftover,
    when: { equal: 1 },
    for: seconds(15),
    inhibitedBy: byDouble,
    summary:
      '{node} still has the virtual address though another node leads: delete the address on {node} first',
  },
  {
    name: 'MaasHaVipOwnerNotLeader',
    severity: 'warning',
    metric: ownerLeads,
    when: { equal: 0 },
    for: seconds(60),
    inhibitedBy: [...byDouble, { alert: 'MaasHaFailover', where: { of: 'vip' } }],
    summary:
      'The node that holds the virtual address does not lead the watchdog: nobody moves it when that node fails',
  },
  {
    name: 'MaasHaVipWitnessesDisagree',
    severity: 'warning',
    metric: disagree,
    when: { equal: 1 },
    for: seconds(90),
    inhibitedBy: [
      ...byDouble,
      { alert: 'MaasHaVipUnreachable' },
      { alert: 'MaasHaVipTwoOwners' },
      { alert: 'MaasHaVipStranger' },
      { alert: 'MaasHaVipOwnerNotLeader' },
      { alert: 'MaasHaWatchdogNoLeader' },
      { alert: 'MaasHaFailover', where: { of: 'vip' } },
    ],
    summary:
      'The witnesses do not agree on who holds the virtual address: two nodes may have it, or a neighbour is misled',
  },
  {
    name: 'MaasHaVipFlapping',
    severity: 'warning',
    metric: changesLately,
    when: { above: 2 },
    for: seconds(0),
    summary:
      'The virtual address moved {value} times within an hour: each move restarts the services behind it',
  },
];
