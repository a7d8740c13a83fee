import { gauge, stateset } from '../../core/metric.ts';
import { ZONE_STATES } from './zone.ts';

/* What is measured of the zones; `rules.ts` says what is bad about it. */

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
export const zoneState = stateset({
  name: 'maasha_dns_zone_state',
  help: 'What this server is to the zone, as its answer to the monitor shows: served is well, all other states are faults.',
  labels: ['zone', 'server'],
  states: ZONE_STATES,
});
export const expires = gauge({
  name: 'maasha_dns_zone_expires_timestamp_seconds',
  help: 'Unix time at which this slave drops its copy of the zone if it hears no more of its master: as it says itself (RFC 7314), else SOA expire after the monitor last saw it in step with the master.',
  labels: ['zone', 'server'],
});
export const expiryLeft = gauge({
  name: 'maasha_dns_slave_expiry_left_ratio',
  help: 'Smallest share of SOA expire (0 to 1) that any copy of a zone on this slave has left; 1 while it need not have asked its master, 0 when one has expired.',
  labels: ['server'],
});
export const leastExpiryLeft = gauge({
  name: 'maasha_dns_expiry_left_ratio',
  help: 'Smallest share of SOA expire (0 to 1) that any copy of a zone on any slave has left; 1 while none need have asked its master, 0 when one has expired.',
  labels: [],
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
export const overdue = gauge({
  name: 'maasha_dns_zone_overdue',
  help: 'Whether this slave serves an older version of the zone than the master for longer than the zone’s own refresh and retry allow (1) or not (0).',
  labels: ['zone', 'server'],
});
export const zonesOverdue = gauge({
  name: 'maasha_dns_slave_zones_overdue',
  help: 'Zones of which this slave serves an older version than the master for longer than their own refresh and retry allow.',
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
export const zonesRegressed = gauge({
  name: 'maasha_dns_zones_regressed',
  help: 'Zones of which the master serves an older version than a slave, or than the monitor saw there before; 0 only where that is known of every zone that the master has.',
  labels: [],
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
