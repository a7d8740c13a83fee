import { asked, most, movedUp, stateOf } from './asks.ts';
import { yesIsBad, yesIsGood } from './look.ts';
import { lines, stat, table, timeline, type PanelSpec } from './panels.ts';

/* pgpool, which stands between MAAS and the databases. */

export const PGPOOL: Readonly<Record<string, PanelSpec>> = {
  leaders: stat({
    title: 'Watchdog leaders',
    about:
      'Nodes that claim to lead the watchdog, or are named as leader by any node. One is right; several mean a doubled region, none that nobody takes over.',
    asks: [most('maasha_pgpool_watchdog_leaders')],
    unit: 'none',
    absent: 'unknown',
    words: { 0: ['none', 'bad'], 1: ['one', 'good'], '2..': ['several', 'bad'] },
  }),
  poolUse: stat({
    title: 'pgpool can work',
    about:
      'Whether the leading pgpool has a primary that it may use, and whether at least one database is attached.',
    asks: [
      most('maasha_pgpool_primary_available', 'primary'),
      movedUp(10, 'maasha_pgpool_all_backends_detached', 'databases'),
      movedUp(20, 'maasha_pgpool_views_agree', 'views'),
    ],
    unit: 'none',
    absent: 'unknown',
    words: {
      0: ['none usable', 'bad'],
      1: ['usable', 'good'],
      10: ['attached', 'good'],
      11: ['all detached', 'bad'],
      20: ['disagree', 'warn'],
      21: ['agree', 'good'],
    },
  }),
  poolState: timeline({
    title: 'pgpool: state of each database',
    about:
      'What each pgpool (first name) makes of each database (second name). Down: detached, and pgpool never attaches it again by itself.',
    asks: [stateOf('maasha_pgpool_backend_state', '{{node}} → {{backend}}')],
    absent: 'unknown',
    words: { statesOf: 'maasha_pgpool_backend_state' },
    alerts: ['MaasHaPgpoolBackendDetached'],
  }),
  poolRole: timeline({
    title: 'pgpool: role of each database',
    about:
      'The role in which each pgpool (first name) uses each database (second name). Pgpools that differ would fail over wrongly.',
    asks: [stateOf('maasha_pgpool_backend_role', '{{node}} → {{backend}}')],
    absent: 'unknown',
    words: { statesOf: 'maasha_pgpool_backend_role' },
    alerts: ['MaasHaPgpoolViewsDisagree'],
  }),
  truth: timeline({
    title: 'pgpool’s view against the database itself',
    about:
      'What the leading pgpool’s view of each database is worth. Attachable only waits for pcp_attach_node; unfit must never be attached as it is; dead is still used by pgpool.',
    asks: [stateOf('maasha_pgpool_backend_truth', '{{backend}}')],
    absent: 'unknown',
    words: { statesOf: 'maasha_pgpool_backend_truth' },
  }),
  poolFaults: timeline({
    title: 'pgpool: faults',
    about:
      'Hangs: it answers for its watchdog and not for its databases. Headless: only orphans of a dead pgpool answer. Differs: what it believes of a database is not what it saw there just now.',
    asks: [
      most('maasha_pgpool_backend_hangs', '{{node}}: hangs'),
      most('maasha_pgpool_headless', '{{node}}: headless'),
      most('maasha_pgpool_watchdog_peer_lost', '{{node}}: has lost {{peer}}'),
      most('maasha_pgpool_backend_detached', 'database {{backend}}: detached'),
      most('maasha_pgpool_backend_mismatch', '{{node}}: {{kind}} of {{backend}} differs'),
    ],
    absent: 'unknown',
    words: yesIsBad('no', 'yes'),
  }),
  members: table({
    title: 'Members of the watchdog',
    about:
      'How many members each pgpool sees alive, of how many it knows, and whether it has escalated, which means that it should hold the virtual address.',
    asks: [
      most('maasha_pgpool_watchdog_nodes_alive'),
      most('maasha_pgpool_watchdog_nodes_configured'),
      most('maasha_pgpool_watchdog_escalated'),
      most('maasha_pgpool_up'),
    ],
    absent: 'unknown',
    columns: [
      { of: 'region', title: 'Region' },
      { of: 'node', title: 'Node' },
      { of: 'D', title: 'pgpool', words: yesIsGood('down', 'answers') },
      { of: 'A', title: 'Alive' },
      { of: 'B', title: 'Configured' },
      { of: 'C', title: 'Escalated', words: { 0: ['no', 'idle'], 1: ['yes', 'good'] } },
    ],
  }),
  separations: lines({
    title: 'Watchdogs that gave each other up',
    about:
      'How often within an hour the watchdogs gave each other up for less than a minute while all of them ran: lost heartbeats.',
    asks: [most('maasha_pgpool_watchdog_separations')],
    unit: 'short',
    absent: 'unknown',
    limits: ['maasha_pgpool_watchdog_separations'],
    min: 0,
  }),
  poolLogin: lines({
    title: 'pgpool: time to log in (PCP)',
    about: 'Time that it took the monitor to connect to pgpool on the node and to log in.',
    asks: [most('maasha_pgpool_login_seconds', '{{node}}')],
    unit: 's',
    absent: 'unknown',
    min: 0,
  }),
  backends: timeline({
    title: 'Which database answers by way of the virtual address',
    about:
      'Lit for the node whose database answered a new connection by way of the virtual address.',
    asks: [asked((q) => q.max('maasha_vip_sql_backend'), '{{node}}')],
    absent: 'unknown, or not looked at',
    words: { 0: ['–', 'idle'], 1: ['answers', 'good'] },
  }),
};
