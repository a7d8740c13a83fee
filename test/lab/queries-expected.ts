/*
 * What the dashboards must show, as data: which queries may have no answer while all is well, and what
 * must change in each fault.
 */

/** A panel, or one query of it. */
interface Place {
  readonly title: string;
  readonly dashboard?: string;
  readonly refId?: string;
}

/** A query that has no answer while nothing is wrong, and why. */
interface Quiet extends Place {
  readonly reason: string;
}

/** A panel shows this in a fault, and did not while all was well. */
export interface Change extends Place {
  /** Of the series that shows it; labels not listed are free. */
  readonly labels?: Readonly<Record<string, string>>;
  /** As the panel shows it: the word of its mapping, else the number; `*` for any series at all. */
  readonly shows: string;
  /** Only what came before tells: not to be seen in one look. */
  readonly fromHistory?: true;
}

/** Panels that are empty while all is well, and why that is right. */
const emptyFor = (reason: string, ...titles: readonly string[]): readonly Quiet[] =>
  titles.map((title) => ({ title, reason }));

export const QUIET: readonly Quiet[] = [
  ...emptyFor('lists what is wrong', 'Alerts that go on'),
  ...emptyFor('only once the virtual address has moved', 'Last takeover: complete after'),
  ...emptyFor(
    'only with a replication slot',
    'Replication slots',
    'Replication slots: WAL kept',
    'Replication slots: unused for',
  ),
  ...emptyFor(
    'only while WAL is written so fast that its end is in sight',
    'WAL retention: time left',
  ),
  ...emptyFor('only while a zone is out of step', 'Out of step for'),
  {
    title: 'Serial of each zone at each server',
    refId: 'E',
    reason: 'only while a zone is out of step',
  },
  ...emptyFor(
    'only of MAAS 2.0 and later: the lab’s region is 1.x',
    'Served as published',
    'Serial that MAAS published',
    'Rack controllers',
    'Rack controllers: connections missing',
    'VLANs without DHCP spare',
    'Versions of controllers',
    'Addresses claimed twice',
    'Services, as MAAS has recorded them',
    'Region processes',
  ),
  {
    title: 'Cluster and rack controllers',
    refId: 'B',
    reason: 'only of MAAS 2.0 and later: the lab’s region is 1.x',
  },
  {
    title: 'Cluster and rack controllers: how many',
    refId: 'D',
    reason: 'only of MAAS 2.0 and later: the lab’s region is 1.x',
  },
  { title: 'What answers', refId: 'C', reason: 'only with further virtual addresses' },
  ...emptyFor('only where MAAS is asked by way of TLS', 'Certificate: time left'),
  ...emptyFor('only with a dead man’s switch', 'Watcher outside'),
  { title: 'Clock', refId: 'C', reason: 'only with a dead man’s switch' },
  ...emptyFor(
    'counts from the first on',
    'Runs that did not begin',
    'Runs that could not see everything, by reason',
  ),
  {
    title: 'Checks that do not complete',
    refId: 'A',
    reason: 'only while a check is overdue',
  },
  ...emptyFor('only where Prometheus probes', 'Probes by how they were answered'),
];

export const EXPECTED: Readonly<Record<string, readonly Change[]>> = {
  'vip-nowhere': [
    { title: 'Verdict', shows: 'down' },
    { title: 'How many hold it, answer for it, and say so', refId: 'A', shows: '0' },
    { title: 'What answers', refId: 'A', shows: 'silent' },
    { title: 'Services at the virtual address', shows: 'closed' },
    { title: 'Every check', labels: { check: 'vip' }, shows: 'critical' },
    { title: 'SQL by way of the virtual address', refId: 'A', shows: 'no' },
    { title: 'Master', shows: 'silent' },
    { title: 'Region works', refId: 'B', shows: 'no' },
    { title: 'Alerts that go on', dashboard: 'maasha-region', shows: 'critical' },
    {
      title: 'Alerts that go on',
      dashboard: 'maasha-monitor',
      labels: { standing: 'explained' },
      shows: '*',
    },
    { title: 'What could not be looked at', labels: { check: 'dns-zones' }, shows: '1' },
  ],
  'pg-primary-crash': [
    { title: 'PostgreSQL: role of each node', dashboard: 'maasha-region', shows: 'down' },
    { title: 'PostgreSQL: role of each node', dashboard: 'maasha-database', shows: 'down' },
    { title: 'One more failure survivable?', shows: 'no' },
    { title: 'What has a spare', shows: 'missing' },
    { title: 'pgpool: state of each database', shows: 'down' },
    { title: 'PostgreSQL primary changed', shows: '*', fromHistory: true },
  ],
  'dns-slave-stale': [
    { title: 'Serial of each zone at each server', refId: 'C', shows: 'yes' },
    { title: 'Out of step for', shows: '*' },
    { title: 'Zones that are late, by slave', refId: 'A', shows: '4' },
  ],
  'cluster-agent-dead': [
    { title: 'Cluster and rack controllers', labels: { cluster: 'cc2' }, shows: 'disconnected' },
    { title: 'Cluster controllers', refId: 'B', labels: { cluster: 'cc2' }, shows: 'no' },
  ],
  'pgpool-leader-crash': [
    { title: 'Who holds the virtual address', shows: 'one of several' },
    { title: 'Is the holding of the address sound', refId: 'C', shows: 'yes' },
    { title: 'pgpool: role of each node in the watchdog', shows: 'down' },
    { title: 'Members of the watchdog', refId: 'D', shows: 'down' },
  ],
  'split-brain': [
    { title: 'Primaries', shows: '2' },
    { title: 'Timelines and histories', refId: 'B', shows: 'parted' },
    { title: 'Copies of one database', refId: 'A', shows: 'differ' },
  ],
  'wal-gap': [
    { title: 'Replay held back, WAL gone', refId: 'C', shows: 'yes' },
    { title: 'Replication', refId: 'A', shows: 'not connected' },
  ],
};
