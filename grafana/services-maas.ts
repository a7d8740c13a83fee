import { most, stateOf } from './asks.ts';
import { lines, stat, table, timeline, type PanelSpec } from './panels.ts';

/* What MAAS itself says, read from its database. */

export const MAAS: Readonly<Record<string, PanelSpec>> = {
  maasServices: timeline({
    title: 'Services, as MAAS has recorded them',
    about: 'MAAS 2.0 and later. Off is normal for DHCP on networks without it.',
    asks: [stateOf('maasha_maas_service_state', '{{controller}} {{service}}')],
    absent: 'unknown, or not looked at',
    words: { statesOf: 'maasha_maas_service_state' },
  }),
  processes: table({
    title: 'Region processes',
    about:
      'Processes of the region that refreshed their rows within 120 s, and how many each node lacks (MAAS 2.0 and later).',
    asks: [most('maasha_maas_region_processes'), most('maasha_maas_region_processes_missing')],
    absent: 'unknown, or not looked at',
    columns: [
      { of: 'region', title: 'Region' },
      { of: 'node', title: 'Node' },
      { of: 'A', title: 'Fresh' },
      { of: 'B', title: 'Missing', words: { 0: ['none', 'good'], '1..': ['some', 'warn'] } },
    ],
    sort: { by: 'Missing', worst: 'last' },
  }),
  tableLoops: lines({
    title: 'Event loops in the database',
    about: 'MAAS 1.x: loops that are listed, and those refreshed within the last 120 s.',
    asks: [most('maasha_maas_event_loops', '{{rows}}')],
    unit: 'short',
    absent: 'unknown, or not looked at',
    min: 0,
    alerts: ['MaasHaRegionDetachedFromDatabase'],
  }),
  errors: stat({
    title: 'Errors that MAAS shows',
    about: 'What MAAS itself tells its administrators, by the part that it is about.',
    asks: [most('maasha_maas_own_errors', '{{component}}')],
    unit: 'none',
    absent: 'none seen, or not looked at',
    limits: ['maasha_maas_own_errors'],
  }),
  foreignDhcp: stat({
    title: 'Foreign DHCP servers',
    about: 'Networks of each cluster where a foreign DHCP server answers: machines boot wrongly.',
    asks: [most('maasha_maas_foreign_dhcp', '{{cluster}}')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    limits: ['maasha_maas_foreign_dhcp'],
  }),
  exposed: stat({
    title: 'VLANs without DHCP spare',
    about: 'VLANs with DHCP whose rack, or second rack, is not connected (MAAS 2.0 and later).',
    asks: [most('maasha_maas_dhcp_vlans_exposed')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    limits: ['maasha_maas_dhcp_vlans_exposed'],
  }),
  versions: stat({
    title: 'Versions of controllers',
    about:
      'Different versions of MAAS that the controllers report; racks of another than the region’s are refused.',
    asks: [most('maasha_maas_controller_versions')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    limits: ['maasha_maas_controller_versions'],
  }),
  claimed: stat({
    title: 'Addresses claimed twice',
    about: 'Addresses that two region controllers both advertise: MAAS hides them from racks.',
    asks: [most('maasha_maas_endpoints_claimed_twice')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    limits: ['maasha_maas_endpoints_claimed_twice'],
  }),
  serialBehind: stat({
    title: 'Sequence of zone serials went back by',
    about:
      'By how much the sequence in the database is behind what it was seen to hand out, or what a name server has; 0 is right.',
    asks: [most('maasha_maas_zone_serial_behind')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    limits: ['maasha_maas_zone_serial_behind'],
  }),
  serial: lines({
    title: 'Zone serials handed out',
    about:
      'The last zone serial that the sequence in the database handed out; after a failover up to 32 ahead of that.',
    asks: [most('maasha_maas_zone_serial')],
    unit: 'none',
    absent: 'unknown, or not looked at',
    alerts: ['MaasHaSerialSequenceWentBack'],
  }),
};
