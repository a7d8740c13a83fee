import { least, most, movedUp, since, stateOf, until } from './asks.ts';
import { REGION_EVENTS } from './events.ts';
import { yesIsBad, yesIsGood } from './look.ts';
import { CLIENTS } from './dns-clients.ts';
import { bars, lines, stat, table, timeline, type Board } from './panels.ts';

const SERVER = '{{server}}';
const ZONE = '{{zone}} at {{server}}';

export const dns: Board = {
  name: 'dns',
  title: 'DNS',
  about:
    'The DNS master at the virtual address, the slaves, and whether all serve the same, and the right, zones.',
  variables: [
    { name: 'zone', label: 'Zone', of: 'maasha_dns_zone_state', by: 'zone', narrows: ['zone'] },
  ],
  events: REGION_EVENTS,
  panels: {
    ...CLIENTS,
    master: stat({
      title: 'Master',
      about:
        'Whether the DNS master at the virtual address answers. Without it slaves serve their copies until these expire.',
      asks: [most('maasha_dns_master_up')],
      unit: 'none',
      absent: 'unknown',
      words: yesIsGood('silent', 'answers'),
    }),
    answering: stat({
      title: 'Slaves that answer',
      about:
        'How many slave DNS servers answer; only where there are several, and it is known of each.',
      asks: [most('maasha_dns_slaves_answering')],
      unit: 'none',
      absent: 'unknown, or not several',
      limits: ['maasha_dns_slaves_answering'],
    }),
    regressed: stat({
      title: 'Zones that went back',
      about:
        'Zones of which the master serves an older version than a slave has, or than was seen before: slaves refuse them, and serve old names for days.',
      asks: [most('maasha_dns_zones_regressed')],
      unit: 'none',
      absent: 'unknown',
      limits: ['maasha_dns_zones_regressed'],
    }),
    expiry: bars({
      title: 'Copies of zones: life that is left',
      about:
        'The smallest share of SOA expire that any copy has left, per slave and of all. At 0 the slave serves the zone no more.',
      asks: [
        least('maasha_dns_slave_expiry_left_ratio', SERVER),
        least('maasha_dns_expiry_left_ratio', 'all slaves'),
      ],
      unit: 'percentunit',
      absent: 'unknown',
      limits: ['maasha_dns_slave_expiry_left_ratio', 'maasha_dns_expiry_left_ratio'],
      min: 0,
      max: 1,
    }),
    serials: table({
      title: 'Serial of each zone at each server',
      about:
        'Distance: versions from the master to this server, negative when it is behind. Late: behind for longer than the zone’s own refresh and retry allow.',
      asks: [
        most('maasha_dns_soa_serial'),
        most('maasha_dns_soa_serial_distance'),
        most('maasha_dns_zone_behind'),
        most('maasha_dns_zone_overdue'),
        since('maasha_dns_zone_out_of_sync_since_timestamp_seconds'),
        until('maasha_dns_zone_expires_timestamp_seconds'),
      ],
      absent: 'unknown',
      columns: [
        { of: 'region', title: 'Region' },
        { of: 'zone', title: 'Zone' },
        { of: 'server', title: 'Server' },
        { of: 'A', title: 'Serial' },
        { of: 'B', title: 'Distance' },
        { of: 'C', title: 'Behind', words: yesIsBad('no', 'yes', 'note') },
        { of: 'D', title: 'Late', words: yesIsBad('no', 'yes', 'warn') },
        { of: 'E', title: 'Out of step for', unit: 's' },
        { of: 'F', title: 'Expires in', unit: 's' },
      ],
      sort: { by: 'Late', worst: 'last' },
    }),
    zones: timeline({
      title: 'What each server is to each zone',
      about:
        'Served is well; everything else is a fault: its names do not resolve there, or by luck only.',
      asks: [stateOf('maasha_dns_zone_state', ZONE)],
      absent: 'unknown',
      words: { statesOf: 'maasha_dns_zone_state' },
      alerts: ['MaasHaDnsZoneNotAuthoritative'],
    }),
    servers: timeline({
      title: 'Servers',
      about:
        'Which answers over UDP and over TCP, whether it answers over one of them only, and whether it serves with authority.',
      asks: [
        most('maasha_dns_up', `${SERVER} {{transport}}`),
        most('maasha_dns_slave_up', 'slave on {{node}}'),
        movedUp(10, 'maasha_dns_transport_broken', `${SERVER}: only {{transport}} fails`),
      ],
      absent: 'unknown',
      words: {
        ...yesIsGood('silent', 'answers'),
        10: ['no', 'good'],
        11: ['yes', 'warn'],
      },
    }),
    authority: timeline({
      title: 'Answers with authority',
      about: 'Whether each server answers for the zone with authority and with its own SOA record.',
      asks: [most('maasha_dns_authoritative', ZONE)],
      absent: 'unknown',
      words: yesIsGood('no', 'yes'),
    }),
    masterNode: timeline({
      title: 'Node of the master',
      about:
        'The node on which the DNS master at the virtual address says it runs: a witness of who holds the address.',
      asks: [most('maasha_dns_master_node', '{{node}}')],
      absent: 'unknown: the master does not tell',
      words: { 0: ['–', 'idle'], 1: ['runs here', 'good'] },
    }),
    distance: lines({
      title: 'Distance from the master',
      about:
        'Versions from the master to each slave: 0 is in step, below 0 the slave is behind, above 0 the master went back.',
      asks: [most('maasha_dns_soa_serial_distance', ZONE)],
      unit: 'short',
      absent: 'unknown',
      alerts: ['MaasHaDnsZoneBehind', 'MaasHaDnsMasterRegressed'],
    }),
    outOfStep: lines({
      title: 'Out of step for',
      about: 'Time since the present difference between slave and master was first seen.',
      asks: [since('maasha_dns_zone_out_of_sync_since_timestamp_seconds', ZONE)],
      unit: 's',
      absent: 'all in step, or unknown',
      min: 0,
      alerts: ['MaasHaDnsZoneBehind', 'MaasHaDnsSlaveBehind'],
    }),
    late: lines({
      title: 'Zones that are late, by slave',
      about:
        'Zones older than at the master (behind), and those of them that are late beyond the zones’ own refresh and retry.',
      asks: [
        most('maasha_dns_slave_zones_behind', `${SERVER} behind`),
        most('maasha_dns_slave_zones_overdue', `${SERVER} late`),
      ],
      unit: 'short',
      absent: 'unknown',
      limits: ['maasha_dns_slave_zones_overdue'],
      min: 0,
    }),
    back: timeline({
      title: 'The master’s serial went back',
      about:
        'Zones of which the master serves an older version than a slave, or than the monitor saw there before.',
      asks: [most('maasha_dns_serial_regressed', '{{zone}}')],
      absent: 'unknown',
      words: yesIsBad('no', 'yes'),
      alerts: ['MaasHaDnsMasterRegressed'],
    }),
    content: timeline({
      title: 'Same serial, other content',
      about:
        'Whether a server has other records than the master under the same serial: slaves never learn of that.',
      asks: [most('maasha_dns_zone_content_differs', ZONE)],
      absent: 'unknown, or not looked at',
      words: yesIsBad('no', 'differs', 'warn'),
      alerts: ['MaasHaDnsZoneContentDiffers'],
    }),
    differing: stat({
      title: 'Zones with other content',
      about: 'Zones whose records differ under the same serial, of those that could be compared.',
      asks: [most('maasha_dns_zones_content_differing')],
      unit: 'none',
      absent: 'unknown, or not looked at',
      limits: ['maasha_dns_zones_content_differing'],
    }),
    missing: stat({
      title: 'Zones that a server lacks',
      about: 'Zones that the database of MAAS has and the server does not serve with authority.',
      asks: [most('maasha_dns_zones_missing', SERVER)],
      unit: 'none',
      absent: 'unknown, or not looked at',
      limits: ['maasha_dns_zones_missing'],
    }),
    published: timeline({
      title: 'Served as published',
      about: 'Whether the master serves what the database of MAAS published (MAAS 2.0 and later).',
      asks: [most('maasha_dns_not_from_database')],
      absent: 'unknown, or not looked at',
      words: yesIsBad('as published', 'something else', 'warn'),
    }),
    publishedSerial: lines({
      title: 'Serial that MAAS published',
      about: 'The newest serial that the database of MAAS published; it only goes up.',
      asks: [most('maasha_dns_serial_published')],
      unit: 'none',
      absent: 'unknown, or not looked at',
      alerts: ['MaasHaDnsNotFromDatabase'],
    }),
    outside: timeline({
      title: 'Names outside of MAAS',
      about: 'Whether the master resolves them, and whether each slave does by way of the master.',
      asks: [
        most('maasha_dns_upstream_success', 'master'),
        most('maasha_dns_forward_success', SERVER),
      ],
      absent: 'unknown, or not looked at',
      words: yesIsGood('fails', 'resolves', 'warn'),
    }),
    latency: lines({
      title: 'Time to answer',
      about: 'The slowest SOA query of a run, at each server.',
      asks: [most('maasha_dns_query_duration_seconds', SERVER)],
      unit: 's',
      absent: 'unknown',
      min: 0,
    }),
  },
};
