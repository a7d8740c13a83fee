import { describe, expect, it, test } from 'vitest';
import check from '../../checks/postgres-vip.ts';
import type { CheckFailure } from '../../src/core/failure.ts';
import type { CanaryPort, PostgresPort } from '../../src/core/ports/postgres.ts';
import type { Region } from '../../src/core/region.ts';
import { fakePorts } from '../support/ports.ts';
import { failure } from '../support/postgres-answers.ts';
import { BEHIND, throughVip, writes, type Behind } from '../support/postgres-vip-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

const nowhere: PostgresPort = { open: () => Promise.reject(new Error('not this one')) };

const look = (
  behind: Behind = BEHIND,
  { canary, changes = {} }: { canary?: CanaryPort; changes?: Partial<Region> } = {},
) => {
  const postgres = throughVip(nowhere, { behind });
  return runCheck(check, region(changes), fakePorts({ postgres, ...(canary && { canary }) }));
};

const SQL = (name: string) => `maasha_vip_sql_${name}`;
const WRITE = 'maasha_vip_write_success{}';
const opted: Partial<Region> = {
  postgres: { ...region().postgres!, canary: { table: 'maasha.canary' } },
};

describe('SQL by way of the virtual address', () => {
  it('is well where a primary answers, and tells which one', async () => {
    const { values, alerts, gaps, skips, evidence } = await look();
    expect(values).toMatchObject({
      [SQL('up{}')]: 1,
      [SQL('writable{}')]: 1,
      [SQL('backend{node="rc1"}')]: 1,
      [SQL('backend{node="rc2"}')]: 0,
    });
    expect(values[WRITE]).toBeUndefined();
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
    expect(evidence[0]?.says).toMatch(/^SQL is answered by rc1, a primary, within/);
  });

  it('goes to pgpool where there is one, else to PostgreSQL, never kept, with the same TLS', async () => {
    const asked: unknown[] = [];
    const postgres: PostgresPort = {
      open: (server, options) => {
        asked.push([server.host, server.port, server.tls, options]);
        return throughVip(nowhere).open(server, options);
      },
    };
    const tls = { serverName: 'db' };
    const target = region({ postgres: { ...region().postgres!, tls } });
    await runCheck(check, target, fakePorts({ postgres }));
    const { pgpool, ...without } = target;
    expect(pgpool?.port).toBe(9999);
    await runCheck(check, without, fakePorts({ postgres }));
    const passing = { passing: true, timeout: 5 };
    expect(asked).toEqual([
      ['172.31.16.39', 9999, tls, passing],
      ['172.31.16.39', 5432, tls, passing],
    ]);
  });

  test.each([
    ['a standby', { in_recovery: 'true' }, 'a standby, which takes no writes'],
    ['a read-only primary', { read_only: 'on' }, 'default_transaction_read_only = on'],
  ])('takes no writes where %s answers, and the canary does not try', async (_, row, words) => {
    const ran = await look({ ...BEHIND, ...row }, { changes: opted });
    expect(ran.values).toMatchObject({ [SQL('up{}')]: 1, [SQL('writable{}')]: 0 });
    expect(ran.alerts).toEqual(['MaasHaVipSqlReadOnly']);
    expect(ran.evidence[0]?.says).toContain(words);
    expect([ran.values[WRITE], ran.gaps]).toEqual([undefined, []]);
  });

  test.each([
    ['an address that is no node’s', '10.0.0.1', 'answered by 10.0.0.1'],
    ['no address', null, 'a database that does not tell its address'],
  ])('of %s names no node', async (_, server, words) => {
    const { values, evidence } = await look({ ...BEHIND, server });
    expect(Object.keys(values)).not.toContain(SQL('backend{node="rc1"}'));
    expect(evidence[0]?.says).toContain(words);
  });

  test.each([
    ['timeout', ''],
    ['refused', ''],
    ['unreachable', ''],
    ['dependency', '53300'],
    ['dependency', 'XX000'],
  ] as const)('is down when it is %s %s', async (code, sqlstate) => {
    const { values, alerts, gaps } = await look(failure(code, sqlstate));
    expect(values).toEqual({ [SQL('up{}')]: 0 });
    expect([alerts, gaps]).toEqual([['MaasHaVipSqlDown'], []]);
  });

  const refused = Object.assign(failure('auth', 'XX000'), {
    facts: { noLineIn: 'pool', from: '172.31.16.40' },
  });
  test.each<[string, CheckFailure, string]>([
    ['pool_hba.conf', refused, 'pool_hba.conf on every node: host maasdb maasha 172.31.16.40/32'],
    ['a password', failure('auth', '28P01'), 'pool_passwd'],
    ['a certificate', failure('tls'), 'ssl = on'],
    ['a database', failure('config', '3D000'), 'it failed'],
  ])('is not known where the monitor is not let in for want of %s', async (_, why, words) => {
    const { values, alerts, gaps } = await look(why);
    expect([values, alerts]).toEqual([{}, []]);
    expect(gaps[0]?.failure.code).toBe(why.code);
    expect(gaps[0]?.failure.message).toContain(words);
  });

  it('is a gap where the answer is another one', async () => {
    const { values, gaps } = await look({ hello: 'world' });
    expect(values).toEqual({});
    expect(gaps[0]?.failure.code).toBe('protocol');
  });
});

describe('the canary', () => {
  const tried = (fails?: CheckFailure, kept = true) =>
    look(BEHIND, { canary: writes(fails, kept), changes: opted });

  it('writes where the operator has opted in', async () => {
    const { values, alerts } = await tried();
    expect(values).toMatchObject({ [WRITE]: 1, 'maasha_vip_write_duration_seconds{}': 0.012 });
    expect(alerts).toEqual([]);
  });

  test.each([
    ['a full disk', failure('protocol', '53100')],
    ['a lock that nobody lets go', failure('timeout', '57014')],
    ['a connection that is lost', failure('refused')],
    ['a pgpool that lost its database', failure('dependency', 'XX000')],
  ])('tells of %s', async (_, why) => {
    const { values, alerts } = await tried(why);
    expect(values).toMatchObject({ [SQL('up{}')]: 1, [WRITE]: 0 });
    expect(alerts).toEqual(['MaasHaVipWriteFailing']);
  });

  it('tells of a row that is not the one that was written', async () => {
    expect((await tried(undefined, false)).alerts).toEqual(['MaasHaVipWriteFailing']);
  });

  test.each([
    ['no table', failure('version', '42P01')],
    ['no schema', failure('protocol', '3F000')],
    ['another table', failure('version', '42703')],
    ['no grant', failure('no_privilege', '42501')],
    ['no row', Object.assign(failure('config'), { facts: { missing: 'row' } })],
  ])('is skipped where there is %s, with the SQL that makes it', async (_, why) => {
    const { values, alerts, skips, gaps } = await tried(why);
    expect(values[WRITE]).toBeUndefined();
    expect([alerts, gaps]).toEqual([[], []]);
    expect(skips[0]?.reason).toContain(
      `CREATE SCHEMA IF NOT EXISTS maasha; GRANT USAGE ON SCHEMA maasha TO maasha; CREATE TABLE IF NOT EXISTS maasha.canary (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL); INSERT INTO maasha.canary SELECT 'maas3', '', now() WHERE NOT EXISTS (SELECT 1 FROM maasha.canary WHERE region = 'maas3'); GRANT SELECT, UPDATE ON maasha.canary TO maasha`,
    );
  });

  it('is a gap where the monitor itself fails', async () => {
    expect((await tried(failure('internal'))).gaps).toMatchObject([{ subject: 'canary' }]);
  });
});
