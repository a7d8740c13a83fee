import { REGION_EVENTS } from './events.ts';
import { yesIsGood } from './look.ts';
import { ADDRESS } from './region-address.ts';
import { stat, table, timeline, type Board } from './panels.ts';
import { verdict } from './verdict.ts';

const unreachable = (q: Parameters<typeof verdict>[0]) =>
  `max by (region, cluster) (${q.series('maasha_cluster_reachable')}) == 0`;

export const region: Board = {
  name: 'region',
  title: 'Region at a glance',
  about:
    'Is it up, would it survive one more failure, who holds what, and who is being told. Nothing is drawn where nothing is known.',
  variables: [],
  events: REGION_EVENTS,
  panels: {
    ...ADDRESS,
    verdict: stat({
      title: 'Verdict',
      about:
        'The worst that any check of the region says now. Unknown means that something could not be looked at, or that nobody looks: it is never health. Checks that have nothing to look at here do not count.',
      asks: [{ expr: verdict }],
      unit: 'none',
      absent: 'unknown',
      words: {
        0: ['nothing looked at', 'unknown'],
        1: ['healthy', 'good'],
        2: ['unknown', 'unknown'],
        3: ['degraded', 'warn'],
        4: ['down', 'bad'],
      },
    }),
    survivable: stat({
      title: 'One more failure survivable?',
      about:
        'Whether every part of the region has a working spare. Without one the next failure is an outage. Absent while that is not known.',
      asks: [{ expr: (q) => q.max('maasha_region_redundant') }],
      unit: 'none',
      absent: 'unknown',
      words: yesIsGood('no', 'yes', 'warn'),
    }),
    spares: table({
      title: 'What has a spare',
      about:
        'The parts that must survive a failure, missing spares first. A part that is not here is not known.',
      asks: [{ expr: (q) => q.max('maasha_redundancy_part') }],
      absent: 'unknown',
      columns: [
        { of: 'region', title: 'Region' },
        { of: 'part', title: 'Part' },
        { of: 'A', title: 'Spare', words: yesIsGood('missing', 'works', 'warn') },
      ],
      sort: { by: 'Spare', worst: 'first' },
      alerts: ['MaasHaRedundancyLost'],
    }),
    firing: table({
      title: 'Alerts that go on',
      about:
        'What the monitor says of its own alerts (also those that another one explains, that somebody takes care of, or that are silenced), and what Prometheus says of those that only it evaluates. Each name leads to its runbook.',
      asks: [
        {
          expr: (q) => {
            const level = (severity: string, rank: number) =>
              `${rank} * (${q.series('maasha_alerts_standing', { severity })} > bool 0)`;
            const ours = `max by (region, alert, standing) (${level('info', 1)} or ${level('warning', 2)} or ${level('critical', 3)})`;
            const theirs = (severity: string, rank: number) =>
              `${rank} * ${q.foreign('ALERTS', { alertname: '~MaasHa.*', alertstate: 'firing', severity, region: '~$region' })}`;
            const all = `${theirs('info', 1)} or ${theirs('warning', 2)} or ${theirs('critical', 3)}`;
            const named = `label_replace(label_replace(${all}, "alert", "$1", "alertname", "(.*)"), "standing", "firing (Prometheus)", "", "")`;
            return `${ours} or on (region, alert) max by (region, alert, standing) (${named})`;
          },
        },
      ],
      absent: 'none (or nobody looks: see the verdict)',
      columns: [
        {
          of: 'A',
          title: 'Severity',
          words: { 1: ['info', 'note'], 2: ['warning', 'warn'], 3: ['critical', 'bad'] },
        },
        { of: 'region', title: 'Region' },
        {
          of: 'alert',
          title: 'Alert',
          link: {
            title: 'Runbook',
            path: '/runbooks/${__value.raw}?region=${__data.fields.Region}',
          },
        },
        {
          of: 'standing',
          title: 'How it stands',
          words: {
            firing: ['firing', 'bad'],
            'firing (Prometheus)': ['firing (Prometheus)', 'bad'],
            flapping: ['flapping', 'warn'],
            stale: ['not seen any more', 'unknown'],
            recovering: ['recovering', 'note'],
            acknowledged: ['acknowledged', 'note'],
            explained: ['explained by another', 'idle'],
            silenced: ['silenced', 'idle'],
          },
        },
      ],
      sort: { by: 'Severity', worst: 'last' },
    }),
    vipOwner: timeline({
      title: 'Who holds the virtual address',
      about:
        'One row per node, lit while the witnesses agree that it holds the address. Two lit rows are a duplicate, and red. Nothing is drawn while it is not known.',
      asks: [
        {
          expr: (q) => {
            const holds = q.max('maasha_vip_owner');
            const several = `1 + (${q.max('maasha_vip_owners')} > bool 1)`;
            return `(${holds} * on (region) group_left () (${several})) or ${holds}`;
          },
          legend: '{{region}} {{node}}',
        },
      ],
      absent: 'unknown',
      words: {
        0: ['–', 'idle'],
        1: ['holds it', 'good'],
        2: ['one of several', 'bad'],
      },
    }),
    postgresRole: timeline({
      title: 'PostgreSQL: role of each node',
      about:
        'What each node says it is. Two primaries write apart from each other; without one nothing can be written. The primary need not be where the virtual address is.',
      asks: [
        {
          expr: (q) =>
            `${q.states('maasha_postgres_role')} or (${q.max('maasha_postgres_up')} == 0)`,
          legend: '{{region}} {{node}}',
        },
      ],
      absent: 'unknown',
      words: { statesOf: 'maasha_postgres_role', and: { 0: ['down', 'bad'] } },
      alerts: ['MaasHaTwoPrimaries', 'MaasHaNoPrimary'],
    }),
    pgpoolRole: timeline({
      title: 'pgpool: role of each node in the watchdog',
      about:
        'Each pgpool in its own view. Exactly one is to lead, the others stand by. Two leaders each see only themselves: then the region may be doubled.',
      asks: [
        {
          expr: (q) => {
            const self = `label_replace(${q.series('maasha_pgpool_up')}, "peer", "$1", "node", "(.*)")`;
            const own = q.states(
              'maasha_pgpool_watchdog_node_state',
              { by: ['node'] },
              (all) => `(${all}) and on (region, node, peer) ${self}`,
            );
            return `${own} or (${q.max('maasha_pgpool_up')} == 0)`;
          },
          legend: '{{region}} {{node}}',
        },
      ],
      absent: 'unknown',
      words: { statesOf: 'maasha_pgpool_watchdog_node_state', and: { 0: ['down', 'bad'] } },
      alerts: ['MaasHaWatchdogTwoLeaders', 'MaasHaWatchdogNoLeader'],
    }),
    quorum: timeline({
      title: 'pgpool: quorum in the view of each node',
      about:
        'Without quorum the watchdog drops the virtual address and fails nothing over. On the edge is normal for two nodes.',
      asks: [
        {
          expr: (q) => q.states('maasha_pgpool_watchdog_quorum'),
          legend: '{{region}} {{node}}',
        },
      ],
      absent: 'unknown',
      words: { statesOf: 'maasha_pgpool_watchdog_quorum' },
    }),
    checks: timeline({
      title: 'Every check',
      about:
        'What the newest run of each check came to. Unknown: it could not look at everything. Nothing is drawn for a check that does not exist in the region or that nobody runs.',
      asks: [{ expr: (q) => q.states('maasha_check_state'), legend: '{{region}} {{check}}' }],
      absent: 'nobody looks',
      words: { statesOf: 'maasha_check_state' },
    }),
    clusters: timeline({
      title: 'Cluster and rack controllers',
      about:
        'Cluster controllers: whether they are there, and whether the region proves that it is connected to them. Rack controllers: whether the database shows a connection to a living process of the region.',
      asks: [
        {
          expr: (q) => {
            const connected = q.max('maasha_cluster_connected');
            return `2 * (${connected} == 1) or (${unreachable(q)}) or (1 + ${connected}) or 3 * ${q.max('maasha_cluster_reachable')}`;
          },
          legend: '{{region}} {{cluster}}',
        },
        { expr: (q) => `1 + ${q.max('maasha_rack_connected')}`, legend: '{{region}} {{rack}}' },
      ],
      absent: 'unknown, or there are none',
      words: {
        0: ['unreachable', 'bad'],
        1: ['disconnected', 'bad'],
        2: ['connected', 'good'],
        3: ['reachable, connection not known', 'note'],
      },
    }),
  },
};
