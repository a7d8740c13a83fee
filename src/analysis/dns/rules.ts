import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What is measured of the zones, and what is bad about it. */

export const masterUp = gauge({
  name: 'maasha_dns_master_up',
  help: 'Whether the DNS master at the virtual address answers the monitor anything (1) or nothing (0).',
  labels: [],
});
export const slaveUp = gauge({
  name: 'maasha_dns_slave_up',
  help: 'Whether the slave DNS on this node answers the monitor anything (1) or nothing (0).',
  labels: ['node'],
});
export const slavesAnswering = gauge({
  name: 'maasha_dns_slaves_answering',
  help: 'How many slave DNS servers answer the monitor; only where there are several, and it is known of each of them.',
  labels: [],
});
export const authoritative = gauge({
  name: 'maasha_dns_authoritative',
  help: 'Whether this server answers the monitor for the zone with authority and with its own SOA record (1) or not (0).',
  labels: ['zone', 'server'],
});
export const soaSerial = gauge({
  name: 'maasha_dns_soa_serial',
  help: 'Serial of the zone in the authoritative answer that this server gave the monitor.',
  labels: ['zone', 'server'],
});
export const distance = gauge({
  name: 'maasha_dns_soa_serial_distance',
  help: 'Versions from the serial at the master to the one at this slave (RFC 1982): 0 = in step, negative = the slave is behind.',
  labels: ['zone', 'server'],
});
export const behind = gauge({
  name: 'maasha_dns_zone_behind',
  help: 'Whether this slave serves an older version of the zone than the master (1) or not (0), as the monitor sees both.',
  labels: ['zone', 'server'],
});
export const zonesBehind = gauge({
  name: 'maasha_dns_slave_zones_behind',
  help: 'Zones of which this slave serves an older version than the master, as the monitor sees both.',
  labels: ['server'],
});
export const outOfSyncSince = gauge({
  name: 'maasha_dns_zone_out_of_sync_since_timestamp_seconds',
  help: 'Unix time at which the monitor first saw the present difference of serials between this slave and the master.',
  labels: ['zone', 'server'],
});
export const regressed = gauge({
  name: 'maasha_dns_serial_regressed',
  help: 'Whether the master serves an older version of the zone than a slave, or than the monitor saw there before (1), or not (0).',
  labels: ['zone'],
});
export const slowest = gauge({
  name: 'maasha_dns_query_duration_seconds',
  help: 'Time from question to answer of the slowest SOA query of one run of the monitor at this server.',
  labels: ['server'],
});
export const masterNode = gauge({
  name: 'maasha_dns_master_node',
  help: 'Whether the DNS master at the virtual address says to the monitor that it runs on this node (1) or on another (0).',
  labels: ['node'],
});

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsMasterDown',
    severity: 'critical',
    metric: masterUp,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaVipServiceDown', where: { service: 'dns' } }],
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
    metric: zonesBehind,
    // Two zones that are late together have one reason, and it is not in the zones.
    when: { above: 1 },
    clear: { equal: 0 },
    // Without NOTIFY a slave hears of a change at its next refresh, which MAAS sets to 600 s.
    for: seconds(660),
    inhibitedBy: [{ alert: 'MaasHaDnsMasterDown' }],
    summary:
      'The slave DNS on {server} follows no more: {value} zones are older than at the master',
  },
  {
    name: 'MaasHaDnsZoneBehind',
    severity: 'warning',
    metric: behind,
    when: { equal: 1 },
    for: seconds(660),
    inhibitedBy: [
      { alert: 'MaasHaDnsSlaveBehind', on: { server: 'server' } },
      { alert: 'MaasHaDnsMasterDown' },
    ],
    summary: 'Zone {zone} on {server} is older than at the master: new names do not resolve there',
  },
  {
    name: 'MaasHaDnsMasterRegressed',
    severity: 'critical',
    metric: regressed,
    when: { equal: 1 },
    for: seconds(0),
    confirm: true,
    summary:
      'The master’s serial of {zone} went back: slaves refuse it and serve old names for days',
  },
];
