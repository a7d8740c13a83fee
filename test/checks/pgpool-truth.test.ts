import { describe, expect, it, test } from 'vitest';
import check from '../../checks/pgpool-truth.ts';
import { doesNotApply, type CheckResult } from '../../src/core/check.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import { instant } from '../../src/core/time.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const sample = (
  name: `maasha_${string}`,
  value: number,
  labels: Record<string, string>,
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

const state = (name: `maasha_${string}`, is: string, labels: Record<string, string>): Observation =>
  sample(name, 1, { ...labels, state: is });

type Line = readonly [state: string, role: string];

/** What the pgpool of one node says of itself and of both databases. */
const pgpool = (node: string, is: string, lines: Readonly<Record<string, Line>>): Observation[] => [
  state('maasha_pgpool_watchdog_node_state', is, { node, peer: node }),
  ...Object.entries(lines).flatMap(([backend, [has, role]]) => [
    state('maasha_pgpool_backend_state', has, { node, backend }),
    state('maasha_pgpool_backend_role', role, { node, backend }),
  ]),
];

const database = (node: string, role: string, timeline = 1): Observation[] => [
  sample('maasha_postgres_up', 1, { node }),
  state('maasha_postgres_role', role, { node }),
  sample('maasha_postgres_timeline', timeline, { node }),
];
const streams = (standby: string, value = 1): Observation =>
  sample('maasha_postgres_replication_connected', value, { standby });

const RIGHT = { rc1: ['up', 'primary'], rc2: ['up', 'standby'] } as const;
const DETACHED = { rc1: ['up', 'primary'], rc2: ['down', 'standby'] } as const;
const at = (seconds: number, of: CheckResult): CheckResult => ({
  ...of,
  startedAt: instant(1_795_000_000_000 + seconds * 1000),
});

const look = (
  watchdog: readonly Observation[],
  replication: readonly Observation[],
  divergence: readonly Observation[] = [],
): Promise<Ran> =>
  ask({
    'pgpool-watchdog': result('pgpool-watchdog', [...watchdog]),
    'postgres-replication': result('postgres-replication', [...replication]),
    'postgres-divergence': result('postgres-divergence', [...divergence]),
  });
const ask = (needs: Record<string, CheckResult>): Promise<Ran> =>
  runCheck(check, region(), fakePorts(), { needs });

const PAIR = [...database('rc1', 'primary'), ...database('rc2', 'standby'), streams('rc2')];
const verdicts = ({ values }: Ran): string[] =>
  Object.entries(values)
    .filter(([, value]) => value === 1)
    .map(([series]) => series.replaceAll(/.*backend="(\w+)",state="(\w+)".*/g, '$1 $2'));
const said = ({ evidence }: Ran): string =>
  evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

describe('pgpool-truth', () => {
  it('finds a healthy pair as pgpool has it', async () => {
    const ran = await look(pgpool('rc1', 'leader', RIGHT), PAIR);
    expect(verdicts(ran)).toEqual(['rc1 agrees', 'rc2 agrees']);
    expect([ran.alerts, ran.gaps]).toEqual([[], []]);
  });

  it('leaves what only waits to be attached to the alert that says so, and gives the advice', async () => {
    const ran = await look(pgpool('rc1', 'leader', DETACHED), PAIR);
    expect(verdicts(ran)).toEqual(['rc1 agrees', 'rc2 attachable']);
    expect(ran.alerts).toEqual([]);
    expect(said(ran)).toContain('rc2 streams from the primary and is down for pgpool');
  });

  it('never advises to attach a database whose history has parted', async () => {
    const ran = await look(
      pgpool('rc1', 'leader', DETACHED),
      [...database('rc1', 'primary', 2), ...database('rc2', 'standby'), streams('rc2', 0)],
      [
        sample('maasha_postgres_diverged', 1, { node: 'rc2' }),
        sample('maasha_postgres_divergent_wal_bytes', 640, { node: 'rc2' }),
      ],
    );
    expect(ran.alerts).toEqual(['MaasHaPgpoolBackendUnfit rc2 unfit']);
    expect(said(ran)).toContain('640 bytes of WAL of its own. Never attach it as it is');
    expect(said(ran)).not.toContain('by hand');
  });

  it('sees a database that pgpool goes on using though it is dead', async () => {
    const ran = await look(pgpool('rc1', 'leader', RIGHT), [
      ...database('rc1', 'primary'),
      sample('maasha_postgres_up', 0, { node: 'rc2' }),
    ]);
    expect(ran.alerts).toEqual(['MaasHaPgpoolBackendDead rc2 dead']);
  });

  it('does not call dead what pgpool has just reached', async () => {
    const reached = sample('maasha_pgpool_backend_mismatch', 0, {
      ...{ node: 'rc1', backend: 'rc2', kind: 'state' },
    });
    const ran = await look(
      [...pgpool('rc1', 'leader', RIGHT), reached],
      [...database('rc1', 'primary'), sample('maasha_postgres_up', 0, { node: 'rc2' })],
    );
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps[0]?.subject).toBe('rc2');
    expect(ran.gaps[0]?.failure.message).toContain(
      'is up for pgpool; it does not serve the monitor',
    );
  });

  it('sees that pgpool takes a standby for the primary', async () => {
    const swapped = [...database('rc1', 'standby'), ...database('rc2', 'primary'), streams('rc1')];
    const ran = await look(pgpool('rc1', 'leader', RIGHT), swapped);
    expect(ran.alerts).toEqual(['MaasHaPgpoolWrongPrimary rc1 false_primary']);
    expect(verdicts(ran)).toEqual(['rc1 false_primary', 'rc2 false_standby']);
  });

  it('listens to the leader only: the view of the other one is a copy', async () => {
    const ran = await look(
      [...pgpool('rc1', 'standby', RIGHT), ...pgpool('rc2', 'leader', DETACHED)],
      PAIR,
    );
    expect(verdicts(ran)).toEqual(['rc1 agrees', 'rc2 attachable']);
  });

  test.each([
    [
      'two lead',
      [...pgpool('rc1', 'leader', RIGHT), ...pgpool('rc2', 'leader', RIGHT)],
      'both lead',
    ],
    ['nobody leads', pgpool('rc1', 'joining', RIGHT), 'no pgpool that leads'],
    ['pgpool tells nothing', [], 'no pgpool that leads'],
  ])('does not judge while %s', async (_, watchdog, why) => {
    const ran = await look(watchdog, PAIR);
    expect(ran.values).toEqual({});
    expect(ran.gaps[0]?.failure.message).toContain(why);
  });

  it('says for whom pgpool waits, and what ends that', async () => {
    const hanging = [
      state('maasha_pgpool_watchdog_node_state', 'leader', { node: 'rc2', peer: 'rc2' }),
      sample('maasha_pgpool_backend_hangs', 1, { node: 'rc2' }),
    ];
    const frozen = sample('maasha_postgres_up', 0, { node: 'rc1' });
    const ran = await look(hanging, [...database('rc2', 'primary', 2), frozen]);
    expect(said(ran)).toContain(
      'rc2 waits for rc1 and SQL through it stands still until that ends',
    );
    expect(said(ran)).toContain('rc2 is the primary, so end it');
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual(['dependency']);
    expect(said(await look(hanging, PAIR))).toContain('a database that answers the monitor');
  });

  it('is not all well where the leader tells of no database', async () => {
    const ran = await look(pgpool('rc1', 'leader', {}), PAIR);
    expect(ran.gaps[0]?.failure.message).toBe('pgpool on rc1 tells of no database');
  });

  it('takes any view where no watchdog is seen', async () => {
    const bySql = pgpool('rc1', '', DETACHED).slice(1);
    expect(verdicts(await look(bySql, PAIR))).toEqual(['rc1 agrees', 'rc2 attachable']);
  });

  it('compares nothing that was seen at two different times: a failover may lie between', async () => {
    const needs = {
      'pgpool-watchdog': at(0, result('pgpool-watchdog', pgpool('rc1', 'leader', RIGHT))),
      'postgres-replication': at(46, result('postgres-replication', [])),
    };
    const ran = await ask(needs);
    expect(ran.values).toEqual({});
    expect(ran.gaps[0]?.failure.message).toContain('46s apart');
  });

  it('does not use a proof of divergence that is of another time', async () => {
    const ran = await ask({
      'pgpool-watchdog': at(60, result('pgpool-watchdog', pgpool('rc1', 'leader', DETACHED))),
      'postgres-replication': at(61, result('postgres-replication', PAIR)),
      'postgres-divergence': at(
        0,
        result('postgres-divergence', [sample('maasha_postgres_diverged', 1, { node: 'rc2' })]),
      ),
    });
    expect(verdicts(ran)).toEqual(['rc1 agrees', 'rc2 attachable']);
  });

  it('is over for a database that is no backend any more', async () => {
    const gone = gauge({ name: 'maasha_pgpool_backend_detached', help: '.', labels: ['backend'] });
    const watchdog: CheckResult = {
      ...result('pgpool-watchdog', pgpool('rc1', 'leader', { rc1: ['up', 'primary'] })),
      inapplicable: [doesNotApply(gone, { backend: 'rc2' })],
    };
    const ran = await ask({
      'pgpool-watchdog': watchdog,
      'postgres-replication': result('postgres-replication', PAIR),
    });
    expect(ran.inapplicable).toEqual(['maasha_pgpool_backend_truth{backend="rc2"}']);
  });

  it('does not exist without pgpool, or where nobody may ask the databases', () => {
    const { pgpool: settings, postgres, ...neither } = region();
    expect(check.absence?.({ ...neither, ...(postgres && { postgres }) })).toContain('no pgpool');
    expect(check.absence?.({ ...neither, ...(settings && { pgpool: settings }) })).toContain(
      'no PostgreSQL',
    );
    expect(check.absence?.(region())).toBeUndefined();
  });
});
