import { describe, expect, it, test } from 'vitest';
import check from '../../checks/pgpool-watchdog.ts';
import { Secret } from '../../src/core/secret.ts';
import { pcpPort } from '../../src/io/pcp.ts';
import { pcpServer, simBackend, type SimPgpool } from '../sim/pcp-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

describe('pgpool-watchdog against two PCP servers', () => {
  const sim = (self: 'rc1' | 'rc2'): SimPgpool => {
    const [rc1, rc2] = [
      { id: 0, host: '127.0.77.1', state: 4, delegateIp: '127.0.77.9' },
      { id: 1, host: '127.0.77.2', state: 7, delegateIp: '127.0.77.9' },
    ];
    return {
      user: 'root',
      password: 'lab-pcp',
      mode: 'well',
      version: '4.3',
      watchdog: {
        leader: '127.0.77.1',
        quorum: 1,
        escalated: self === 'rc1',
        aliveRemotes: 1,
        members: self === 'rc1' ? [rc1, rc2] : [rc2, rc1],
      },
      backends: [
        simBackend('127.0.77.1', { role: 2, pgRole: 'primary' }),
        simBackend('127.0.77.2'),
      ],
    };
  };

  const look = async (rc1: SimPgpool, rc2: SimPgpool): Promise<Ran> => {
    const one = await pcpServer(rc1).start({ host: '127.0.77.1', port: 0 });
    const two = await pcpServer(rc2).start({ host: '127.0.77.2', port: one.port });
    try {
      const where = region({
        nodes: [
          { name: 'rc1', address: '127.0.77.1' },
          { name: 'rc2', address: '127.0.77.2' },
        ],
        pgpool: {
          port: 9999,
          pcp: { port: one.port, user: 'root', password: new Secret('lab-pcp') },
        },
      });
      return await inRun((scope) => runCheck(check, where, fakePorts({ pcp: pcpPort(scope) })));
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  };

  it('finds a healthy pair healthy', async () => {
    const ran = await look(sim('rc1'), sim('rc2'));
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
  });

  test.each([
    ['3.4', 'unknown', undefined],
    ['4.2', 'exists', 1],
  ] as const)('finds a healthy pair of %s healthy', async (version, quorum, escalated) => {
    const ran = await look({ ...sim('rc1'), version }, { ...sim('rc2'), version });
    expect([ran.alerts, ran.gaps]).toEqual([[], []]);
    expect(ran.values).toMatchObject({
      'maasha_pgpool_watchdog_leaders{}': 1,
      'maasha_pgpool_watchdog_node_state{node="rc2",peer="rc1",state="leader"}': 1,
      'maasha_pgpool_backend_detached{backend="rc2"}': 0,
    });
    expect(ran.values[`maasha_pgpool_watchdog_quorum{node="rc1",state="${quorum}"}`]).toBe(1);
    expect(ran.values['maasha_pgpool_watchdog_escalated{node="rc1"}']).toBe(escalated);
  });

  it('sees a lost peer of 3.4, and a watchdog of it that is off', async () => {
    const lost = sim('rc1').watchdog!;
    lost.members[1]!.state = 8;
    const one = await look(
      { ...sim('rc1'), version: '3.4', watchdog: lost },
      { ...sim('rc2'), version: '3.4' },
    );
    expect(one.alerts).toContain('MaasHaWatchdogPeerLost rc1 rc2');
    const off = { version: '3.4', watchdog: undefined } as const;
    const two = await look({ ...sim('rc1'), ...off }, { ...sim('rc2'), ...off });
    expect([two.alerts, two.gaps]).toEqual([[], []]);
    expect(two.skips.map(({ reason }) => reason)).toEqual([
      'pgpool runs without a watchdog',
      'pgpool runs without a watchdog',
    ]);
  });

  test.each([
    ['frozen', 'MaasHaPgpoolDown rc1'],
    ['headless', 'MaasHaPgpoolHeadless rc1'],
    ['hangs', 'MaasHaPgpoolBackendHangs rc1'],
  ] as const)('tells one that is %s, and still asks the other', async (mode, alert) => {
    const ran = await look({ ...sim('rc1'), mode }, sim('rc2'));
    expect(ran.alerts).toEqual([alert]);
    expect(ran.values).toMatchObject({ 'maasha_pgpool_up{node="rc2"}': 1 });
  });

  it('calls a wrong password a gap of that node, without the password', async () => {
    const ran = await look({ ...sim('rc1'), password: 'another' }, sim('rc2'));
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'rc1 auth',
    ]);
    expect(JSON.stringify(ran.notes)).not.toContain('lab-pcp');
  });
});
