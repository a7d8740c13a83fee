import { least, most, movedUp, stateOf } from './asks.ts';
import { PGPOOL } from './database-pgpool.ts';
import { DECLARED } from './declared.ts';
import { REGION_EVENTS } from './events.ts';
import { yesIsBad, yesIsGood } from './look.ts';
import { bars, lines, stat, table, timeline, type Board } from './panels.ts';
import { region } from './region.ts';

const { postgresRole } = region.panels;
if (postgresRole === undefined) throw new Error('grafana/region.ts has no panel postgresRole');

export const database: Board = {
  name: 'database',
  title: 'Database',
  about:
    'PostgreSQL on each node, its replication, pgpool before it, and SQL by way of the virtual address.',
  variables: [
    {
      name: 'node',
      label: 'Node',
      of: 'maasha_node_reachable',
      by: 'node',
      narrows: ['node', 'standby', 'backend'],
    },
  ],
  events: REGION_EVENTS,
  panels: {
    ...PGPOOL,
    ...DECLARED,
    postgresRole,
    primaries: stat({
      title: 'Primaries',
      about:
        'Nodes that take writes. One is right; with two the data diverges with every second; without one MAAS cannot work.',
      asks: [most('maasha_postgres_primaries')],
      unit: 'none',
      absent: 'unknown',
      words: { 0: ['none', 'bad'], 1: ['one', 'good'], '2..': ['several', 'bad'] },
    }),
    sqlByVip: stat({
      title: 'SQL by way of the virtual address',
      about:
        'Whether a new connection is let in and answers, whether it may write, and whether the monitor’s own row could be written (only where that was asked for).',
      asks: [
        most('maasha_vip_sql_up', 'answers'),
        movedUp(10, 'maasha_vip_sql_writable', 'takes writes'),
        movedUp(20, 'maasha_vip_write_success', 'row written'),
      ],
      unit: 'none',
      absent: 'unknown, or not looked at',
      words: {
        0: ['no', 'bad'],
        1: ['yes', 'good'],
        10: ['read only', 'bad'],
        11: ['yes', 'good'],
        20: ['fails', 'bad'],
        21: ['yes', 'good'],
      },
    }),
    lagSeconds: lines({
      title: 'Replication lag',
      about:
        'Time for which the primary has been ahead of what the standby has replayed; 0 also on an idle primary. What is beyond the line is lost, or goes back in time, with a failover now.',
      asks: [most('maasha_postgres_replication_lag_seconds', '{{standby}}')],
      unit: 's',
      absent: 'unknown',
      limits: ['maasha_postgres_replication_lag_seconds'],
      min: 0,
    }),
    lagBytes: lines({
      title: 'Replication lag in bytes',
      about:
        'How far the primary’s WAL is ahead of what was sent to the standby, flushed there and replayed there. The rule judges what is replayed.',
      asks: [most('maasha_postgres_replication_lag_bytes', '{{standby}} {{stage}}')],
      unit: 'bytes',
      absent: 'unknown',
      limits: ['maasha_postgres_replication_lag_bytes'],
      min: 0,
    }),
    replication: timeline({
      title: 'Replication',
      about:
        'Whether the primary lists the standby as streaming or catching up, and whether it lists any. A listed standby may still be frozen: see the lag.',
      asks: [
        most('maasha_postgres_replication_connected', '{{standby}}'),
        movedUp(10, 'maasha_postgres_standby_exists', 'any standby'),
      ],
      absent: 'unknown',
      words: {
        ...yesIsGood('not connected', 'connected', 'warn'),
        10: ['none', 'warn'],
        11: ['there is one', 'good'],
      },
    }),
    histories: table({
      title: 'Timelines and histories',
      about:
        'Every promotion begins a new timeline; nodes on different ones do not follow each other. Parted: the node has WAL that is no part of the primary’s history; the bytes are what a rebuild gives up.',
      asks: [
        most('maasha_postgres_timeline'),
        most('maasha_postgres_diverged'),
        most('maasha_postgres_divergent_wal_bytes'),
        most('maasha_postgres_primary_drift'),
      ],
      absent: 'unknown',
      columns: [
        { of: 'region', title: 'Region' },
        { of: 'node', title: 'Node' },
        { of: 'A', title: 'Timeline' },
        { of: 'B', title: 'History', words: yesIsBad('one', 'parted') },
        { of: 'C', title: 'Only here', unit: 'bytes' },
        { of: 'D', title: 'Declared primary', words: yesIsBad('as declared', 'is not', 'warn') },
      ],
    }),
    agreement: timeline({
      title: 'Copies of one database',
      about:
        'Whether all nodes are on one timeline, and whether they have one system identifier: without that replication is impossible.',
      asks: [
        most('maasha_postgres_timelines_agree', 'timelines'),
        movedUp(10, 'maasha_postgres_system_identifier_mismatch', 'system identifier'),
      ],
      absent: 'unknown',
      words: {
        ...yesIsGood('differ', 'agree', 'warn'),
        10: ['one', 'good'],
        11: ['differ', 'bad'],
      },
    }),
    replay: timeline({
      title: 'Replay held back, WAL gone',
      about:
        'Paused: the standby falls further behind until replay is resumed. Delayed: on purpose. Gap: the WAL that the standby needs is gone, and only a rebuild helps.',
      asks: [
        most('maasha_postgres_replay_paused', '{{node}}: paused'),
        most('maasha_postgres_replay_delayed', '{{node}}: delayed'),
        movedUp(10, 'maasha_postgres_wal_gap', '{{standby}}: WAL gap'),
      ],
      absent: 'unknown',
      words: { ...yesIsBad('no', 'yes', 'warn'), 10: ['no', 'good'], 11: ['yes', 'bad'] },
    }),
    silent: lines({
      title: 'WAL receiver: silence',
      about:
        'Time since the standby’s WAL receiver heard anything from its sender, keepalives included. It grows while the connection hangs and nobody says so.',
      asks: [most('maasha_postgres_wal_receiver_silent_seconds', '{{node}}')],
      unit: 's',
      absent: 'unknown, or there is no receiver',
      limits: ['maasha_postgres_wal_receiver_silent_seconds'],
      min: 0,
    }),
    headroom: bars({
      title: 'WAL retention: what is left',
      about:
        'The part of the WAL which the primary promises to keep that the standby has not used up. At 0 the standby may have to be rebuilt.',
      asks: [least('maasha_postgres_wal_retention_headroom_ratio', '{{standby}}')],
      unit: 'percentunit',
      absent: 'unknown, or without a limit',
      limits: ['maasha_postgres_wal_retention_headroom_ratio'],
      min: 0,
      max: 1,
    }),
    headroomTime: lines({
      title: 'WAL retention: time left',
      about:
        'Time until the WAL that the standby needs is not promised any more, at the present pace; absent while it does not shrink.',
      asks: [least('maasha_postgres_wal_retention_left_seconds', '{{standby}}')],
      unit: 's',
      absent: 'does not shrink, or unknown',
      min: 0,
      alerts: ['MaasHaWalRetentionLow'],
    }),
    headroomBytes: lines({
      title: 'WAL retention: bytes left',
      about:
        'WAL that the primary may still write before what the standby needs is not promised any more; below 0 it is not.',
      asks: [least('maasha_postgres_wal_retention_headroom_bytes', '{{standby}}')],
      unit: 'bytes',
      absent: 'unknown, or without a limit',
      alerts: ['MaasHaWalRetentionLow'],
    }),
    slots: timeline({
      title: 'Replication slots',
      about: 'What becomes of the WAL that each slot asks for. Lost: its standby must be rebuilt.',
      asks: [stateOf('maasha_postgres_replication_slot_state', '{{node}} {{slot}}')],
      absent: 'unknown, or there are none',
      words: { statesOf: 'maasha_postgres_replication_slot_state' },
    }),
    slotBytes: lines({
      title: 'Replication slots: WAL kept',
      about:
        'WAL that each slot keeps on the node’s disk, until it is full; a slot that nobody uses keeps more and more.',
      asks: [most('maasha_postgres_replication_slot_retained_bytes', '{{node}} {{slot}}')],
      unit: 'bytes',
      absent: 'unknown, or there are none',
      limits: ['maasha_postgres_replication_slot_retained_bytes'],
      min: 0,
    }),
    slotIdle: lines({
      title: 'Replication slots: unused for',
      about: 'Time for which nobody has used the slot; 0 while it is used.',
      asks: [most('maasha_postgres_replication_slot_inactive_seconds', '{{node}} {{slot}}')],
      unit: 's',
      absent: 'unknown, or there are none',
      min: 0,
      alerts: ['MaasHaSlotRetainsMuch'],
    }),
    connectionsUsed: lines({
      title: 'Connections: in use of the tightest limit',
      about:
        'The part of the connections open to ordinary roles that is in use. At 100 % nobody new is let in.',
      asks: [most('maasha_postgres_connections_ratio', '{{node}}')],
      unit: 'percentunit',
      absent: 'unknown',
      limits: ['maasha_postgres_connections_ratio'],
      min: 0,
      max: 1,
    }),
    connections: lines({
      title: 'Connections',
      about: 'Sessions of clients on each node, and how many ordinary roles may have there.',
      asks: [
        most('maasha_postgres_connections', '{{node}}'),
        most('maasha_postgres_connections_allowed', '{{node}} allowed'),
      ],
      unit: 'short',
      absent: 'unknown',
      min: 0,
      alerts: ['MaasHaConnectionsNearLimit', 'MaasHaConnectionsExhausted'],
    }),
    latency: lines({
      title: 'Time to connect and to write',
      about:
        'A new connection to each node, a new one by way of the virtual address with one answer, and writing one row there and reading it back (only where that was asked for).',
      asks: [
        most('maasha_postgres_connect_seconds', '{{node}} connect'),
        most('maasha_vip_sql_seconds', 'virtual address, connect and ask'),
        most('maasha_vip_write_duration_seconds', 'virtual address, write'),
      ],
      unit: 's',
      absent: 'unknown',
      min: 0,
    }),
  },
};
