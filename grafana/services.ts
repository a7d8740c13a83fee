import { least, most, movedUp, stateOf } from './asks.ts';
import { REGION_EVENTS } from './events.ts';
import { yesIsGood } from './look.ts';
import { lines, stat, table, timeline, type Board } from './panels.ts';
import { FENCE } from './fence.ts';
import { APP } from './services-app.ts';
import { PROXY } from './proxy.ts';
import { MAAS } from './services-maas.ts';

export const services: Board = {
  name: 'services',
  title: 'MAAS and clusters',
  about:
    'The region application, its event loops, cluster and rack controllers, and what MAAS says of itself.',
  variables: [
    {
      name: 'cluster',
      label: 'Cluster',
      of: 'maasha_cluster_reachable',
      by: 'cluster',
      narrows: ['cluster'],
    },
  ],
  events: REGION_EVENTS,
  panels: {
    ...MAAS,
    ...PROXY,
    ...APP,
    ...FENCE,
    application: timeline({
      title: 'Region application at its URL',
      about: 'What the region application at maas_url is like; only active is well.',
      asks: [stateOf('maasha_region_url_state')],
      absent: 'unknown',
      words: { statesOf: 'maasha_region_url_state' },
      alerts: ['MaasHaRegionDatabaseGone'],
    }),
    applications: timeline({
      title: 'Region application of each node',
      about:
        'Asked at the node’s own address. Of MAAS 1.x exactly one is active and the other waits without a database; of 2.0 and later all are active.',
      asks: [stateOf('maasha_region_state', '{{node}}')],
      absent: 'unknown',
      words: { statesOf: 'maasha_region_state' },
      alerts: ['MaasHaRegionNotReady'],
    }),
    works: stat({
      title: 'Region works',
      about:
        'Whether the application can use its database, tells clusters where to connect, and has loops to connect to.',
      asks: [
        most('maasha_region_database', 'database'),
        most('maasha_region_rpc_http_success', 'RPC at its URL'),
        most('maasha_region_rpc_event_loops_known', 'loops known'),
      ],
      unit: 'none',
      absent: 'unknown',
      words: yesIsGood('no', 'yes'),
    }),
    ready: timeline({
      title: 'Each node’s region',
      about:
        'Ready: there as it should be. Stuck: the node took the virtual address over, and its region has not followed for 120 s.',
      asks: [
        most('maasha_region_ready', '{{node}}: ready'),
        movedUp(10, 'maasha_region_stuck_after_failover', '{{node}}: stuck'),
        movedUp(10, 'maasha_region_two_active', 'two active'),
      ],
      absent: 'unknown',
      words: { ...yesIsGood('no', 'yes', 'warn'), 10: ['no', 'good'], 11: ['yes', 'bad'] },
    }),
    active: stat({
      title: 'Active regions',
      about:
        'How many nodes’ region applications answer from their database. Of MAAS 1.x one; of 2.0 and later all.',
      asks: [most('maasha_regions_active')],
      unit: 'none',
      absent: 'unknown',
      words: { 0: ['none', 'bad'], '1..': ['', 'note'] },
      alerts: ['MaasHaRegionTwoActive'],
    }),
    certificate: stat({
      title: 'Certificate: time left',
      about: 'Time until the first certificate expires that maas_url and the nodes show.',
      asks: [least('maasha_region_certificate_remaining_seconds')],
      unit: 's',
      absent: 'unknown, or no TLS',
      limits: ['maasha_region_certificate_remaining_seconds'],
    }),
    loops: lines({
      title: 'Event loops that are advertised',
      about:
        'Loops that the region tells its clusters to connect to, of all and per node; that says nothing of whether they live.',
      asks: [
        most('maasha_region_rpc_event_loops', 'all'),
        most('maasha_region_rpc_node_event_loops', '{{node}}'),
      ],
      unit: 'short',
      absent: 'unknown',
      min: 0,
    }),
    handshake: timeline({
      title: 'Event loops: do they answer',
      about:
        'Whether every loop of the node greeted the monitor, proved the region’s secret, and whether loops are listed that are long gone.',
      asks: [
        most('maasha_region_rpc_handshake_success', '{{node}}: answer'),
        most('maasha_region_rpc_secret_valid', '{{node}}: secret'),
        movedUp(10, 'maasha_region_rpc_loop_stale', '{{node}}: gone and listed'),
      ],
      absent: 'unknown',
      words: { ...yesIsGood('no', 'yes'), 10: ['no', 'good'], 11: ['yes', 'warn'] },
    }),
    rpcTime: lines({
      title: 'Region: time to answer',
      about:
        'The slowest handshake with an event loop of the node, and /MAAS/rpc/ at the region’s URL.',
      asks: [
        most('maasha_region_rpc_handshake_seconds', '{{node}} handshake'),
        most('maasha_region_rpc_http_seconds', '/MAAS/rpc/'),
      ],
      unit: 's',
      absent: 'unknown',
      min: 0,
    }),
    clusters: table({
      title: 'Cluster controllers',
      about:
        'There: the host answers. Connected: the region just got an answer over its connection. Accepted: the region works with it.',
      asks: [
        most('maasha_cluster_reachable'),
        most('maasha_cluster_connected'),
        most('maasha_cluster_accepted'),
      ],
      absent: 'unknown, or there are none',
      columns: [
        { of: 'region', title: 'Region' },
        { of: 'cluster', title: 'Cluster' },
        { of: 'A', title: 'There', words: yesIsGood('no', 'yes', 'warn') },
        { of: 'B', title: 'Connected', words: yesIsGood('no', 'yes', 'warn') },
        { of: 'C', title: 'Accepted', words: yesIsGood('no', 'yes', 'warn') },
      ],
      sort: { by: 'There', worst: 'first' },
    }),
    clusterLife: timeline({
      title: 'Cluster controllers: there and connected',
      about:
        'Whether the host answers, and whether the region got an answer from it over its RPC connection.',
      asks: [
        most('maasha_cluster_reachable', '{{cluster}}: there'),
        most('maasha_cluster_connected', '{{cluster}}: connected'),
      ],
      absent: 'unknown, or there are none',
      words: yesIsGood('no', 'yes', 'warn'),
    }),
    clusterCounts: lines({
      title: 'Cluster and rack controllers: how many',
      about:
        'There, connected, unknown to the configuration; and racks with a connection to the region.',
      asks: [
        most('maasha_clusters_reachable', 'there'),
        most('maasha_clusters_connected', 'connected'),
        most('maasha_clusters_unconfigured', 'not configured'),
        most('maasha_racks_connected', 'racks connected'),
      ],
      unit: 'short',
      absent: 'unknown',
      min: 0,
    }),
    racks: timeline({
      title: 'Rack controllers',
      about:
        'Whether the rack is connected to at least one living process of the region, as the database shows it.',
      asks: [most('maasha_rack_connected', '{{rack}}')],
      absent: 'unknown, or there are none',
      words: yesIsGood('disconnected', 'connected', 'warn'),
    }),
    rackMissing: lines({
      title: 'Rack controllers: connections missing',
      about:
        'Living processes of the region that a connected rack has no connection to; 0 is right.',
      asks: [most('maasha_rack_connections_missing', '{{rack}}')],
      unit: 'short',
      absent: 'unknown, or there are none',
      limits: ['maasha_rack_connections_missing'],
      min: 0,
    }),
    attached: timeline({
      title: 'Region refreshes its database',
      about:
        'Whether at least one process of the region refreshes its row there: else it is stuck, or writes to another database.',
      asks: [most('maasha_maas_region_attached')],
      absent: 'unknown, or not looked at',
      words: yesIsGood('no', 'yes'),
    }),
  },
};
