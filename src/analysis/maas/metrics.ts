import { gauge, stateset } from '../../core/metric.ts';

/** What MAAS's own database shows of MAAS: the metrics of the check `maas-database`. */

export const attached = gauge({
  name: 'maasha_maas_region_attached',
  help: 'Whether at least one process of the region has refreshed its row in the database within the last 120 s (1) or none has (0).',
  labels: [],
});
export const eventLoops = gauge({
  name: 'maasha_maas_event_loops',
  help: 'Event loops in the table of MAAS 1.x: listed, or fresh, which means refreshed within the last 120 s.',
  labels: ['rows'],
});
export const ownErrors = gauge({
  name: 'maasha_maas_own_errors',
  help: 'Errors that MAAS itself shows to its administrators, by the part of MAAS that they are about.',
  labels: ['component'],
});
export const foreignDhcp = gauge({
  name: 'maasha_maas_foreign_dhcp',
  help: 'Networks where this cluster is to serve DHCP and MAAS has seen a foreign DHCP server answer.',
  labels: ['cluster'],
});
export const zoneSerial = gauge({
  name: 'maasha_maas_zone_serial',
  help: 'Last zone serial that the sequence in the database handed out; after a failover up to 32 ahead of that.',
  labels: [],
});
export const zoneSerialBehind = gauge({
  name: 'maasha_maas_zone_serial_behind',
  help: 'Zone serials by which the sequence in the database is behind the highest that it was seen to hand out or that a name server has; 0 is right.',
  labels: [],
});
export const processes = gauge({
  name: 'maasha_maas_region_processes',
  help: 'Processes of the region on this node that have refreshed their row within the last 120 s (MAAS 2.0 and later).',
  labels: ['node'],
});
export const processesMissing = gauge({
  name: 'maasha_maas_region_processes_missing',
  help: 'Processes of the region that this node lacks against what MAAS expects there, by default 4 (MAAS 2.0 and later).',
  labels: ['node'],
});
export const SERVICE_STATES = ['running', 'off', 'unknown', 'degraded', 'dead'] as const;
export const serviceState = stateset({
  name: 'maasha_maas_service_state',
  help: 'State of a service as MAAS itself has recorded it (MAAS 2.0 and later); off is normal for DHCP on networks without it.',
  labels: ['controller', 'service'],
  states: SERVICE_STATES,
});
export const dhcpExposed = gauge({
  name: 'maasha_maas_dhcp_vlans_exposed',
  help: 'VLANs with DHCP of which the primary or the configured secondary rack is not connected, or which have no rack at all (MAAS 2.0 and later).',
  labels: [],
});
export const versions = gauge({
  name: 'maasha_maas_controller_versions',
  help: 'Different versions (major and minor number) that the controllers report to run; 1 is right (MAAS 2.0 and later).',
  labels: [],
});
export const claimedTwice = gauge({
  name: 'maasha_maas_endpoints_claimed_twice',
  help: 'Addresses with port that two region controllers both advertise; MAAS leaves them out for clusters (MAAS 2.0 and later).',
  labels: [],
});

/** What MAAS 1.x does not know: in a region of that generation these describe nothing. */
export const SECOND_ONLY = [
  processesMissing,
  serviceState,
  dhcpExposed,
  versions,
  claimedTwice,
] as const;

export const databaseMetrics = [
  attached,
  eventLoops,
  ownErrors,
  foreignDhcp,
  zoneSerial,
  zoneSerialBehind,
  processes,
  processesMissing,
  serviceState,
  dhcpExposed,
  versions,
  claimedTwice,
] as const;
