import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maasRights, canaryRight } from '../../src/analysis/rights/tables.ts';
import { postgresRights, type Account } from '../../src/analysis/rights/postgres.ts';
import type { Right } from '../../src/analysis/rights/right.ts';
import { statisticsOf } from '../../src/analysis/rights/statistics.ts';
import { maasGrants } from '../../src/analysis/maas/grants.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/io/clock.ts';
import { openWorld } from '../../src/io/world.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';
import { region } from '../support/region.ts';

/* What roles of different privileges may see of a real primary and its standby, and that the lines help. */

const PASSWORD = 'canary-of-a-password';
const world = openWorld(systemClock, { keepPostgres: false });
let pair: Pair;

beforeAll(async () => {
  pair = await startPair({ ...freshPlaces(), names: { primary: 'rc1', standby: 'rc2' } });
  const roles = ['nothing', 'statistics', 'replicates', 'wrapped', 'columns', 'canary'];
  await pair.sql(
    'primary',
    [
      ...roles.map((role) => `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`),
      'GRANT pg_monitor TO statistics',
      'ALTER ROLE replicates REPLICATION',
      // One table with a column that is nobody's business, one without, and a sequence.
      'CREATE TABLE maasserver_node (id int, system_id text, hostname text, node_type int, power_key text)',
      'CREATE TABLE maasserver_service (id int)',
      'CREATE SEQUENCE maasserver_zone_serial_seq',
    ].join('; '),
  );
  await pair.caughtUp('standby');
}, 120_000);

afterAll(async () => {
  await world.close();
  await pair.stop();
});

const site = (changes: Partial<Region> = {}): Region =>
  region({
    generation: 2,
    nodes: [
      { name: 'rc1', address: pair.place.primary.host },
      { name: 'rc2', address: pair.place.standby.host },
    ],
    ...changes,
  });

const account = (user: string, changes: Partial<Account> = {}): Account => ({
  port: 5432,
  user,
  password: new Secret(PASSWORD),
  database: 'maasdb',
  ...changes,
});

/** What a role may, in all: `statistics rc1 yes`. */
async function look(as: Account, where = site()): Promise<readonly Right[]> {
  const { ports, leave } = world.enter(new AbortController().signal);
  try {
    const asker = { region: where, io: ports, source: () => '127.0.0.1' };
    const { rights, entered } = await postgresRights(asker, as);
    const primary = entered.find(({ standby }) => !standby);
    if (primary === undefined) return rights;
    return [
      ...rights,
      ...(await maasRights(where, as, primary)),
      ...(await canaryRight(where, as, primary)),
    ];
  } finally {
    leave();
  }
}

const of = (rights: readonly Right[], check: string) =>
  rights.filter(({ checks }) => checks.at(-1) === check).map(({ where, may }) => `${where} ${may}`);
const linesOf = (rights: readonly Right[]): readonly string[] => [
  ...new Set(rights.flatMap(({ remedies }) => remedies.flatMap(({ lines }) => lines))),
];
const sqlOf = (rights: readonly Right[]): string =>
  rights
    .flatMap(({ remedies }) => remedies.filter(({ into }) => into.startsWith('psql')))
    .flatMap(({ lines }) => lines)
    .join('\n');

describe('a role', () => {
  it('without any privilege logs in, and sees of standbys that there are some, and no more', async () => {
    const rights = await look(account('nothing'));
    expect(of(rights, 'dns-zones')).toContain('rc1 yes');
    expect(of(rights, 'postgres-capacity')).toEqual(['rc1 no', 'rc2 no']);
    expect(of(rights, 'postgres-divergence')).toEqual(['rc1 no', 'rc2 no']);
    expect(linesOf(rights)).toEqual(
      expect.arrayContaining(['GRANT pg_monitor TO nothing;', 'ALTER ROLE nothing REPLICATION;']),
    );
  });

  it('in pg_monitor sees them all, on the primary and on the standby', async () => {
    const rights = await look(account('statistics'));
    expect(of(rights, 'postgres-capacity')).toEqual(['rc1 yes', 'rc2 yes']);
    expect(of(rights, 'postgres-divergence')).toEqual(['rc1 no', 'rc2 no']);
  });

  it('with the attribute REPLICATION may ask for histories', async () => {
    const rights = await look(account('replicates'));
    expect(of(rights, 'postgres-divergence')).toEqual(['rc1 yes', 'rc2 yes']);
    expect(of(rights, 'postgres-capacity')).toEqual(['rc1 no', 'rc2 no']);
  });

  it('that sees by the eyes of a superuser, as before PostgreSQL 10, sees all of it', async () => {
    expect(statisticsOf(90_324, 'wrapped').join('\n')).not.toContain('pg_stat_wal_receiver');
    await pair.sql('primary', statisticsOf(90_600, 'wrapped').join('\n'));
    await pair.caughtUp('standby');
    const rights = await look(account('wrapped'));
    expect(of(rights, 'postgres-capacity')).toEqual(['rc1 yes', 'rc2 yes']);
  });

  it('is told which columns of MAAS it lacks; the lines, once they are pasted, are enough', async () => {
    const before = await look(account('columns'));
    expect(of(before, 'rack-connections')).toEqual(['rc1 no']);
    const lines = linesOf(before.filter(({ checks }) => checks.includes('rack-connections')));
    expect(lines.join('\n')).toContain(
      'GRANT SELECT (id, system_id, hostname, node_type) ON maasserver_node TO columns;',
    );
    // What this MAAS does not have is not granted.
    expect(lines.join('\n')).not.toContain('maasserver_regioncontrollerprocess');
    await pair.sql('primary', sqlOf(before));
    const after = await look(account('columns'));
    expect(of(after, 'rack-connections')).toEqual(['rc1 yes']);
    expect(of(after, 'maas-database')).toEqual(['rc1 yes']);
    expect(after.filter(({ may }) => may === 'no')).toEqual([]);
    const [row] = await pair.sql(
      'primary',
      `SELECT has_column_privilege('columns', 'maasserver_node', 'power_key', 'SELECT') AS may`,
    );
    expect(row?.['may']).toBe('f');
  });

  it('is told of the canary, step by step, and nothing is written by looking', async () => {
    const as = account('canary', { canary: { table: 'watch.canary' } });
    const canary = async () =>
      (await look(as))
        .filter(({ what }) => what.includes('canary'))
        .map(({ may, why }) => [may, why]);
    expect(await canary()).toEqual([['no', 'there is no such table']]);
    await pair.sql('primary', 'CREATE SCHEMA watch; GRANT USAGE ON SCHEMA watch TO canary');
    await pair.sql(
      'primary',
      'CREATE TABLE watch.canary (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL)',
    );
    expect(await canary()).toEqual([['no', 'canary may not read and update it']]);
    await pair.sql('primary', 'GRANT SELECT, UPDATE ON watch.canary TO canary');
    expect(await canary()).toEqual([['no', 'it has no row for maas3']]);
    const rights = await look(as);
    const lines = rights
      .filter(({ what }) => what.includes('canary'))
      .flatMap(({ remedies }) => remedies);
    await pair.sql('primary', lines.flatMap((each) => each.lines).join('\n'));
    expect(await canary()).toEqual([['yes', undefined]]);
    const [row] = await pair.sql('primary', 'SELECT token FROM watch.canary');
    expect(row?.['token']).toBe('');
  });

  it('needs no superuser: one who is may of course see all of it', async () => {
    await pair.sql('primary', `CREATE ROLE chief LOGIN SUPERUSER PASSWORD '${PASSWORD}'`);
    const rights = await look(account('chief'));
    expect(rights.filter(({ may }) => may === 'no')).toEqual([]);
  });
});

describe('a server that lets nobody in', () => {
  it('for want of a password, or with a wrong one, is told how to mend that, and no secret', async () => {
    const wrong = await look(account('nothing', { password: new Secret('wrong-canary') }));
    expect(wrong.map(({ may }) => may)).toEqual(['no', 'no']);
    expect(linesOf(wrong).join('\n')).toContain('CREATE ROLE nothing LOGIN');
    const bare = { port: 5432, user: 'nothing', database: 'maasdb' };
    expect(linesOf(await look(bare))).toEqual(['password_file: /etc/maasha/pg']);
    expect(JSON.stringify(wrong)).not.toContain('canary');
  });

  it('because there is no such database, says so', async () => {
    const rights = await look(account('nothing', { database: 'maas' }));
    expect(rights[0]).toMatchObject({ may: 'no', remedies: [{ host: 'monitor' }] });
    expect(rights[0]?.why).toContain('"maas" does not exist');
  });

  it('because its pg_hba.conf knows no such line, is told the line with the address that it saw', async () => {
    const host = '127.0.0.1';
    const rule = { user: 'nothing', database: 'maasdb' };
    await withoutLine(async () => {
      const rights = await look(account(rule.user));
      const [line = ''] = linesOf(rights);
      expect(line).toMatch(/^host maasdb nothing 127\.\d+\.\d+\.\d+\/32 scram-sha-256/);
      expect(rights[0]?.remedies[0]).toMatchObject({ host: 'rc1' });
      expect(line).not.toContain(` ${host.replace('.1', '.2')}/`);
    });
  });

  it('because it is not there, is not known; and that is no "no"', async () => {
    const rights = await look(account('nothing', { port: 1 }));
    expect(rights.map(({ may }) => may)).toEqual(['unknown', 'unknown']);
    expect(linesOf(rights)).toEqual(['# let 127.0.0.1 reach port 1']);
  });
});

/** Runs something while the primary and the standby have no line for anybody but the superuser. */
async function withoutLine(work: () => Promise<void>): Promise<void> {
  const files = await Promise.all(
    (['primary', 'standby'] as const).map(async (side) => {
      const [row] = await pair.sql(side, `SELECT current_setting('hba_file') AS file`);
      return [side, row?.['file'] ?? ''] as const;
    }),
  );
  const { readFileSync, writeFileSync } = await import('node:fs');
  const before = files.map(([, file]) => [file, readFileSync(file, 'utf8')] as const);
  const reload = () =>
    Promise.all(files.map(([side]) => pair.sql(side, 'SELECT pg_reload_conf()')));
  try {
    for (const [, file] of files)
      writeFileSync(file, 'host all postgres,replicator 127.0.0.0/8 scram-sha-256\n');
    await reload();
    await expect.poll(async () => (await look(account('nothing')))[0]?.may).toBe('no');
    await work();
  } finally {
    for (const [file, text] of before) writeFileSync(file, text);
    await reload();
  }
}

it('what is asked for is what MAAS’s checks read, and none of it is a secret', () => {
  for (const generation of [1, 2] as const)
    for (const { table, columns = [] } of maasGrants(generation)) {
      expect(table).not.toMatch(/config|secret|piston|sshkey|token/);
      for (const column of columns) expect(column).not.toMatch(/key|secret|password|parameters/);
    }
});
