import { describe, expect, it, test } from 'vitest';
import check from '../../checks/pgpool-watchdog.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { PostgresPort, Row } from '../../src/core/ports/postgres.ts';
import type { Region } from '../../src/core/region.ts';
import { ask, backend, healthy, said } from '../support/pgpool.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

describe('pgpool-watchdog', () => {
  test.each([
    {
      fault: 'a server that is gone',
      seen: { state: 'down', actualState: 'down', actualRole: 'unknown' },
      alerts: ['MaasHaPgpoolBackendDetached rc2'],
      says: 'database on rc2 is down for pgpool, and detached',
    },
    {
      fault: 'a healthy standby that is detached',
      seen: { state: 'down' },
      alerts: ['MaasHaPgpoolBackendDetached rc2'],
      says: 'pcp_attach_node is what it lacks',
    },
    {
      fault: 'a quarantine',
      seen: { state: 'quarantine' },
      alerts: ['MaasHaPgpoolBackendDetached rc2'],
      says: 'is quarantine for pgpool',
    },
    {
      fault: 'a split brain that pgpool has not noticed',
      seen: { actualRole: 'primary' },
      alerts: [],
      says: 'is taken for a standby and is a primary: split brain',
    },
    {
      fault: 'a server that died just now',
      seen: { actualState: 'down', actualRole: 'unknown' },
      alerts: [],
      says: 'is up for pgpool and does not answer it any more',
    },
  ] as const)('names $fault', async ({ seen, alerts, says }) => {
    const backends = [backend('rc1'), backend('rc2', seen)];
    const ran = await ask({ rc1: { ...healthy.rc1, backends }, rc2: { ...healthy.rc2, backends } });
    expect(ran.alerts).toEqual(alerts);
    expect(said(ran)).toContain(says);
  });

  it('sees that all databases are detached, and what that means', async () => {
    const backends = [
      backend('rc1', { state: 'down', role: 'standby' }),
      backend('rc2', { state: 'down' }),
    ];
    const ran = await ask({ rc1: { ...healthy.rc1, backends }, rc2: { ...healthy.rc2, backends } });
    expect(ran.alerts).toEqual([
      'MaasHaPgpoolAllBackendsDetached',
      'MaasHaPgpoolBackendDetached rc1',
      'MaasHaPgpoolBackendDetached rc2',
      'MaasHaPgpoolNoPrimary',
    ]);
    expect(said(ran)).toContain('all databases are detached, though rc1 and rc2 answer it');
    expect(said(ran)).toContain('database on rc1 is down for pgpool and is the primary');
  });

  it('does not take one that is in use for none', async () => {
    const ran = await ask(healthy);
    expect(ran.values['maasha_pgpool_all_backends_detached{}']).toBe(0);
    const empty = { ...healthy.rc1, backends: [] };
    const none = await ask({ rc1: empty, rc2: { ...healthy.rc2, backends: [] } });
    expect(none.values).not.toHaveProperty('maasha_pgpool_all_backends_detached{}');
  });

  it('says that pgpool looks for a primary, and lets nobody in', async () => {
    const backends = [
      backend('rc1', { state: 'down', actualState: 'down', actualRole: 'unknown' }),
      backend('rc2'),
    ];
    const ran = await ask({ rc1: { ...healthy.rc1, backends }, rc2: { ...healthy.rc2, backends } });
    expect(ran.alerts).toContain('MaasHaPgpoolNoPrimary');
    expect(said(ran)).toContain(
      'only rc2 is in use, as a standby: pgpool is looking for a primary',
    );
  });

  it('never speaks of attaching a second primary', async () => {
    const split = { state: 'down', actualRole: 'primary' } as const;
    const backends = [backend('rc1'), backend('rc2', split)];
    const ran = await ask({ rc1: { ...healthy.rc1, backends }, rc2: { ...healthy.rc2, backends } });
    expect(said(ran)).toContain('a second primary: split brain, never attach it');
    expect(said(ran)).not.toContain('pcp_attach_node');
  });

  it('sees that no primary may be used', async () => {
    const backends = [backend('rc1', { state: 'down' }), backend('rc2')];
    const ran = await ask({ rc1: { ...healthy.rc1, backends }, rc2: { ...healthy.rc2, backends } });
    expect(ran.alerts).toEqual(['MaasHaPgpoolBackendDetached rc1', 'MaasHaPgpoolNoPrimary']);
  });

  it('names an address that is not configured only in evidence', async () => {
    const stranger = { ...backend('rc2'), host: '10.0.0.9' };
    const ran = await ask({
      ...healthy,
      rc1: { ...healthy.rc1, backends: [backend('rc1'), backend('rc2'), stranger] },
    });
    expect(ran.values).toHaveProperty(
      'maasha_pgpool_backend_state{node="rc1",backend="unconfigured",state="up"}',
    );
    expect(said(ran)).toContain('the database 10.0.0.9, which is no configured node');
    expect(JSON.stringify(Object.keys(ran.values))).not.toContain('10.0.0.9');
  });

  it('finds a node that pgpool knows by name', async () => {
    const named = { ...backend('rc2'), host: 'rc2.maas.example' };
    const ran = await ask({
      ...healthy,
      rc1: { ...healthy.rc1, backends: [backend('rc1'), named] },
    });
    expect(ran.values).toHaveProperty('maasha_pgpool_backend_detached{backend="rc2"}');
  });
});

const withoutPcp = (changes: Partial<Region> = {}): Region =>
  region({ pgpool: { port: 9999 }, ...changes });

describe('pgpool-watchdog without a PCP account', () => {
  const row = (host: string, changes: Row = {}): Row => ({
    node_id: '0',
    hostname: host,
    port: '5432',
    status: 'up',
    pg_status: 'up',
    lb_weight: '0.500000',
    role: host.endsWith('.32') ? 'primary' : 'standby',
    pg_role: host.endsWith('.32') ? 'primary' : 'standby',
    last_status_change: '2026-11-23 09:31:32',
    ...changes,
  });
  const asking = (rows: (host: string) => Promise<readonly Row[]>): Promise<Ran> => {
    const opened: number[] = [];
    const postgres: PostgresPort = {
      open: ({ host, port }) => {
        opened.push(port);
        return Promise.resolve({ version: 150018, query: () => rows(host) });
      },
    };
    return runCheck(check, withoutPcp(), fakePorts({ postgres })).then((ran) => {
      expect(opened).toEqual([9999, 9999]);
      return ran;
    });
  };

  it('shows the databases by SQL, and says that the watchdog is not seen', async () => {
    const ran = await asking(async () => [row('172.31.16.32'), row('172.31.16.33')]);
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.skips.map(({ reason }) => reason)).toEqual([
      'watchdog state needs PCP, and no PCP account is given',
    ]);
    expect(ran.values).toMatchObject({
      'maasha_pgpool_up{node="rc1"}': 1,
      'maasha_pgpool_backend_state{node="rc1",backend="rc2",state="up"}': 1,
      'maasha_pgpool_primary_available{}': 1,
      'maasha_pgpool_views_agree{}': 1,
    });
    expect(ran.values).not.toHaveProperty('maasha_pgpool_watchdog_leaders{}');
  });

  it('sees a detached database in any view', async () => {
    const ran = await asking(async () => [
      row('172.31.16.32'),
      row('172.31.16.33', { status: 'down', pg_status: 'up' }),
    ]);
    expect(ran.alerts).toEqual(['MaasHaPgpoolBackendDetached rc2']);
  });

  it('reads the words of old versions', async () => {
    const old = (host: string, role: string): Row => ({
      hostname: host,
      port: '5432',
      status: '2',
      lb_weight: '0.5',
      role,
    });
    const ran = await asking(async () => [
      old('172.31.16.32', 'master'),
      old('172.31.16.33', 'slave'),
    ]);
    expect(ran.values).toMatchObject({
      'maasha_pgpool_backend_role{node="rc1",backend="rc2",state="replica"}': 1,
      'maasha_pgpool_primary_available{}': 1,
    });
  });

  it('never speaks of leaders when both pgpools are silent', async () => {
    const postgres: PostgresPort = {
      open: () => Promise.reject(new CheckFailure('refused', 'refused')),
    };
    const ran = await runCheck(check, withoutPcp(), fakePorts({ postgres }));
    expect(ran.alerts).toEqual(['MaasHaPgpoolDown rc1', 'MaasHaPgpoolDown rc2']);
  });

  it('calls other columns a gap', async () => {
    const ran = await asking(async () => [{ pool_version: '4.3.5' }]);
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual(['protocol', 'protocol']);
  });

  it('is skipped where there is no pgpool', async () => {
    const { pgpool, ...without } = region();
    expect(pgpool).toBeDefined();
    const ran = await runCheck(check, without, fakePorts());
    expect(ran.notes).toHaveLength(1);
    expect(ran.skips[0]).toMatchObject({ code: 'config' });
  });
});
