import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import {
  authoritative,
  expiryLeft,
  leastExpiryLeft,
  masterUp,
  overdue,
  zonesRegressed,
  slavesAnswering,
  slaveUp,
  zonesOverdue,
} from './metrics.ts';

/* What is bad about the zones, and what explains it. */

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsMasterDown',
    severity: 'critical',
    metric: masterUp,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaVipServiceDown', where: { service: 'dns' } },
      // It is restarted on the node that takes the address over.
      { alert: 'MaasHaFailover', where: { of: 'vip' } },
      { alert: 'MaasHaFailoverIncomplete' },
    ],
    summary:
      'The DNS master is silent: forwarded names fail now, all zones when their copies expire',
  },
  {
    name: 'MaasHaDnsAllSlavesDown',
    severity: 'critical',
    metric: slavesAnswering,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaMonitorIsolated' }, { alert: 'MaasHaRegionDown' }],
    summary: 'No slave DNS answers: machines resolve nothing any more',
  },
  {
    name: 'MaasHaDnsSlaveDown',
    severity: 'warning',
    metric: slaveUp,
    when: { equal: 0 },
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      { alert: 'MaasHaMonitorIsolated' },
      { alert: 'MaasHaDnsAllSlavesDown' },
    ],
    summary:
      'The slave DNS on {node} does not answer: its clients resolve through the other one only',
  },
  {
    name: 'MaasHaDnsZoneNotAuthoritative',
    severity: 'critical',
    metric: authoritative,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaDnsMasterDown' }],
    summary: '{server} does not serve zone {zone}: its names do not resolve there, or by luck only',
  },
  {
    name: 'MaasHaDnsSlaveBehind',
    severity: 'warning',
    metric: zonesOverdue,
    // Two zones that are late together have one reason, and it is not in the zones.
    when: { above: 1 },
    clear: { equal: 0 },
    // The patience is in the metric: refresh and retry of the zone itself.
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaDnsMasterDown' },
      // A slave that cannot forward to the master cannot transfer from it either.
      { alert: 'MaasHaDnsForwardBroken', on: { server: 'server' } },
    ],
    summary:
      'The slave DNS on {server} follows no more: {value} zones are older than at the master',
  },
  {
    name: 'MaasHaDnsZoneBehind',
    severity: 'warning',
    metric: overdue,
    when: { equal: 1 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaDnsSlaveBehind', on: { server: 'server' } },
      { alert: 'MaasHaDnsMasterDown' },
      { alert: 'MaasHaDnsForwardBroken', on: { server: 'server' } },
    ],
    summary: 'Zone {zone} on {server} is older than at the master: new names do not resolve there',
  },
  {
    name: 'MaasHaDnsMasterRegressed',
    severity: 'critical',
    // One alert for all zones: what takes one back takes all of them back.
    metric: zonesRegressed,
    when: { above: 0 },
    for: seconds(0),
    confirm: true,
    summary:
      'The master’s serials went back ({value} zones): slaves refuse them and serve old names for days',
  },
  {
    name: 'MaasHaDnsZoneExpiresSoon',
    severity: 'warning',
    metric: expiryLeft,
    // Of MAAS's seven days three and a half: a weekend fits in.
    when: { below: 0.5 },
    clear: { above: 0.6 },
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaDnsZoneExpiring' },
      { alert: 'MaasHaDnsMasterDown' },
      { alert: 'MaasHaDnsMasterRegressed' },
      { alert: 'MaasHaDnsSlaveBehind', on: { server: 'server' } },
      { alert: 'MaasHaDnsForwardBroken', on: { server: 'server' } },
    ],
    summary:
      'The slave DNS on {server} has not heard of its master for half of the time that its copies live',
  },
  {
    // Said once for all slaves, and even while it is known that the master is down: now it gets worse.
    name: 'MaasHaDnsZoneExpiring',
    severity: 'critical',
    metric: leastExpiryLeft,
    when: { below: 0.2 },
    clear: { above: 0.3 },
    for: seconds(60),
    summary:
      'Copies of zones at the slaves expire soon or have expired: their names stop resolving there',
  },
];
