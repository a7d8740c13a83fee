import { describe, expect, it } from 'vitest';
import check from '../../checks/cluster-backup.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { describeSource, type Fact } from '../../src/core/ports/facts.ts';
import type { Cluster, Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const [U4, U5] = ['5d9a7b0e-0000-4000-8000-000000000034', '5d9a7b0e-0000-4000-8000-000000000035'];
const STRANGE = '5d9a7b0e-0000-4000-8000-0000000000ff';
const NOW = new FakeClock().now() / 1000;
const HOUR = 3600;

const clusterOf = (name: string, uuid?: string): Cluster => ({
  name,
  address: name === 'maas4' ? '172.31.16.34' : '172.31.16.35',
  services: [],
  backup: { source: { from: 'file', path: `/b/${name}` }, maxAge: seconds(26 * HOUR) },
  ...(uuid !== undefined && { uuid }),
});
const BOTH = [clusterOf('maas4', U4), clusterOf('maas5', U5)];
const LISTED = [
  { uuid: U4, status: 1, name: 'z4', cluster_name: 'maas4' },
  { uuid: U5.toUpperCase(), status: 1, name: 'z5', cluster_name: 'maas5' },
];

interface Given {
  readonly first?: Fact | CheckFailure | undefined;
  readonly second?: Fact | CheckFailure | undefined;
  readonly list?: readonly unknown[] | CheckFailure;
  readonly region?: Partial<Region>;
  readonly memory?: unknown;
}

const fresh = (text: string): Fact => ({ text, at: NOW - HOUR });

function look(given: Given = {}): Promise<Ran> {
  const facts = new Map([
    ['the file /b/maas4', 'first' in given ? given.first : fresh(U4)],
    ['the file /b/maas5', 'second' in given ? given.second : fresh(U5)],
  ]);
  const { list = LISTED } = given;
  return runCheck(
    check,
    region({ clusters: BOTH, ...given.region }),
    fakePorts({
      facts: {
        read: async (source) => {
          const fact = facts.get(describeSource(source));
          if (fact instanceof CheckFailure) throw fact;
          return fact;
        },
      },
      http: {
        get: async () => {
          if (list instanceof CheckFailure) throw list;
          return { status: 200, headers: {}, body: JSON.stringify(list), took: seconds(0.01) };
        },
      },
    }),
    { memory: given.memory },
  );
}

const SILENT = new CheckFailure('timeout', 'the region is silent');
const content = (ran: Ran, cluster = 'maas4'): string | undefined =>
  Object.entries(ran.values)
    .find(
      ([name, value]) =>
        name.startsWith(`maasha_cluster_backup_content{cluster="${cluster}"`) && value === 1,
    )?.[0]
    .match(/state="(\w+)"/)?.[1];
const without = (uuidOf: readonly string[]) => ({
  clusters: BOTH.map(({ uuid, ...each }) =>
    uuidOf.includes(each.name) || uuid === undefined ? each : { ...each, uuid },
  ),
});

it('finds two good backups good', async () => {
  const ran = await look();
  expect(ran.alerts).toEqual([]);
  expect(ran.gaps).toEqual([]);
  expect([content(ran), content(ran, 'maas5')]).toEqual(['own', 'own']);
  expect(ran.values['maasha_cluster_backup_age_seconds{cluster="maas4"}']).toBe(HOUR);
});

describe('each way in which a backup is worth nothing is told apart', () => {
  it.each<[string, Fact | undefined, readonly string[]]>([
    ['missing', undefined, ['MaasHaClusterBackupMissing maas4']],
    ['too old', { text: U4, at: NOW - 27 * HOUR }, ['MaasHaClusterBackupOld maas4 old']],
    ['of unknown age', { text: U4 }, ['MaasHaClusterBackupUndated maas4 unknown']],
    [
      'dated ahead',
      { text: U4, at: NOW + 2 * HOUR },
      ['MaasHaClusterBackupFromFuture maas4 future'],
    ],
    ['empty', fresh(''), ['MaasHaClusterBackupWithoutUuid maas4 no_uuid']],
    [
      'cut off',
      fresh('CLUSTER_UUID="5d9a7b0e-00'),
      ['MaasHaClusterBackupWithoutUuid maas4 no_uuid'],
    ],
    ['of several', fresh(`${U4}\n${U5}`), ['MaasHaClusterBackupWithoutUuid maas4 no_uuid']],
    ['another cluster’s', fresh(U5), ['MaasHaClusterBackupOfOther maas4 other_cluster']],
    ['nobody’s', fresh(STRANGE), ['MaasHaClusterBackupUuidUnknown maas4 not_known']],
  ])('%s', async (_, first, alerts) => {
    expect((await look({ first })).alerts).toEqual(alerts);
  });
});

it('is not led astray by a clock that differs by two minutes', async () => {
  expect((await look({ first: { text: U4, at: NOW + 120 } })).alerts).toEqual([]);
});

it('what is missing has neither age nor content: what was bad about those is over', async () => {
  expect((await look({ first: undefined })).inapplicable).toEqual([
    'maasha_cluster_backup_content{cluster="maas4"}',
    'maasha_cluster_backup_age_state{cluster="maas4"}',
  ]);
});

it('the time in a copy counts, and not that of the file', async () => {
  const text = JSON.stringify({ uuid: U4, at: NOW - 30 * HOUR });
  expect((await look({ first: { text, at: NOW } })).alerts).toEqual([
    'MaasHaClusterBackupOld maas4 old',
  ]);
});

it('a backup that cannot be read is a gap, and says nothing of the other', async () => {
  const ran = await look({ first: new CheckFailure('no_privilege', 'may not be read') });
  expect(ran.gaps).toHaveLength(1);
  expect(Object.keys(ran.values).filter((name) => name.includes('maas4'))).toEqual([]);
  expect(content(ran, 'maas5')).toBe('own');
});

it('the UUID that is configured is no good if the region does not know it', async () => {
  const ran = await look({ list: LISTED.slice(1) });
  expect(ran.alerts).toEqual(['MaasHaClusterBackupUuidUnknown maas4 not_known']);
});

it('without a configured UUID the region says whose it is, by the name of the cluster', async () => {
  const open = without(['maas4', 'maas5']);
  expect(content(await look({ region: open }))).toBe('own');
  expect(content(await look({ region: open, first: fresh(U5) }))).toBe('other_cluster');
  const renamed = [{ uuid: U4, status: 1, name: 'z', cluster_name: 'Cluster master' }];
  expect(content(await look({ region: without(['maas4']), list: [...renamed, LISTED[1]] }))).toBe(
    'unproven',
  );
});

it('while the region is silent nothing is judged anew, unless it said before what it knows', async () => {
  const blind = await look({ list: SILENT });
  expect(content(blind)).toBeUndefined();
  expect(blind.gaps.map(({ failure }) => failure.code)).toEqual(['timeout', 'timeout']);
  const { memory } = await look();
  const ran = await look({ list: SILENT, memory, first: fresh(STRANGE) });
  expect(ran.gaps).toEqual([]);
  expect(ran.alerts).toEqual(['MaasHaClusterBackupUuidUnknown maas4 not_known']);
});

it('two backups with one UUID are not both right, even where nothing says which', async () => {
  const ran = await look({
    region: { ...bare(), generation: 2, ...without(['maas4', 'maas5']) },
    second: fresh(U4),
  });
  expect([content(ran), content(ran, 'maas5')]).toEqual(['other_cluster', 'other_cluster']);
});

/** Without an account: then nothing tells what MAAS 2.0 and later knows. */
function bare(): Partial<Region> {
  return { ...region(), postgres: undefined } as unknown as Partial<Region>;
}
