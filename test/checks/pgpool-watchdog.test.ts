import { describe, expect, it } from 'vitest';
import {
  ask,
  backend,
  fails,
  healthy,
  NO_ANSWER,
  said,
  view,
  W_ERROR,
  HEALTHY,
} from '../support/pgpool.ts';

describe('pgpool-watchdog', () => {
  it('finds nothing wrong with a healthy pair, whose standby has served nobody yet', async () => {
    const ran = await ask(healthy);
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).toMatchObject({
      'maasha_pgpool_up{node="rc1"}': 1,
      'maasha_pgpool_up{node="rc2"}': 1,
      'maasha_pgpool_watchdog_leaders{}': 1,
      'maasha_pgpool_watchdog_node_state{node="rc2",peer="rc1",state="leader"}': 1,
      'maasha_pgpool_watchdog_node_state{node="rc2",peer="rc2",state="standby"}': 1,
      'maasha_pgpool_watchdog_peer_lost{node="rc1",peer="rc2"}': 0,
      'maasha_pgpool_watchdog_quorum{node="rc1",state="exists"}': 1,
      'maasha_pgpool_watchdog_nodes_alive{node="rc1"}': 2,
      'maasha_pgpool_watchdog_nodes_configured{node="rc1"}': 2,
      'maasha_pgpool_watchdog_escalated{node="rc1"}': 1,
      'maasha_pgpool_watchdog_escalated{node="rc2"}': 0,
      'maasha_pgpool_backend_state{node="rc2",backend="rc1",state="waiting"}': 1,
      'maasha_pgpool_backend_role{node="rc1",backend="rc1",state="primary"}': 1,
      'maasha_pgpool_backend_mismatch{node="rc1",backend="rc2",kind="role"}': 0,
      'maasha_pgpool_backend_detached{backend="rc2"}': 0,
      'maasha_pgpool_backend_hangs{node="rc1"}': 0,
      'maasha_pgpool_headless{node="rc1"}': 0,
      'maasha_pgpool_views_agree{}': 1,
      'maasha_pgpool_primary_available{}': 1,
    });
  });

  it('takes a quorum on the edge for normal', async () => {
    const edge = { quorum: 'edge' } as const;
    const ran = await ask({
      rc1: { ...healthy.rc1, watchdog: view('rc1', HEALTHY, edge) },
      rc2: { ...healthy.rc2, watchdog: view('rc2', HEALTHY, edge) },
    });
    expect(ran.alerts).toEqual([]);
  });

  it('sees a region that is doubled by a cut, though each node alone looks perfect', async () => {
    const ran = await ask({
      rc1: {
        watchdog: view('rc1', { rc1: 'leader', rc2: 'lost' }),
        backends: [backend('rc1'), backend('rc2', { state: 'down', actualState: 'down' })],
      },
      rc2: {
        watchdog: view('rc2', { rc1: 'lost', rc2: 'leader' }),
        backends: [
          backend('rc1', { state: 'down', role: 'standby', actualState: 'down' }),
          backend('rc2', { role: 'primary', actualRole: 'primary' }),
        ],
      },
    });
    expect(ran.values['maasha_pgpool_watchdog_leaders{}']).toBe(2);
    expect(ran.alerts).toEqual([
      'MaasHaWatchdogTwoLeaders',
      'MaasHaWatchdogPeerLost rc1 rc2',
      'MaasHaWatchdogPeerLost rc2 rc1',
      'MaasHaPgpoolBackendDetached rc1',
      'MaasHaPgpoolBackendDetached rc2',
      'MaasHaPgpoolViewsDisagree',
    ]);
    expect(said(ran)).toContain('rc1 and rc2 each claim to lead');
  });

  it('sees a leader that is named by the other only', async () => {
    const ran = await ask({
      rc1: { ...healthy.rc1, login: NO_ANSWER },
      rc2: { ...healthy.rc2, watchdog: view('rc2', { rc1: 'leader', rc2: 'standby' }) },
    });
    expect(ran.values['maasha_pgpool_watchdog_leaders{}']).toBe(1);
    expect(ran.alerts).toEqual(['MaasHaPgpoolDown rc1']);
  });

  it('sees that nobody leads', async () => {
    const lonely = { rc1: 'standing', rc2: 'lost' } as const;
    const ran = await ask({
      rc1: { ...healthy.rc1, watchdog: view('rc1', lonely, { quorum: 'absent' }) },
      rc2: { ...healthy.rc2, login: fails('refused') },
    });
    expect(ran.alerts).toEqual([
      'MaasHaPgpoolDown rc2',
      'MaasHaWatchdogNoLeader',
      'MaasHaWatchdogQuorumLost rc1 absent',
      'MaasHaWatchdogPeerLost rc1 rc2',
    ]);
    expect(ran.values).not.toHaveProperty('maasha_pgpool_primary_available{}');
  });

  it('knows that nobody leads when both pgpools are gone', async () => {
    const gone = { ...healthy.rc1, login: fails('refused') };
    const ran = await ask({ rc1: gone, rc2: gone });
    expect(ran.alerts).toEqual([
      'MaasHaPgpoolDown rc1',
      'MaasHaPgpoolDown rc2',
      'MaasHaWatchdogNoLeader',
    ]);
  });

  it('calls refused credentials a gap, and still reports the other node', async () => {
    const ran = await ask({ ...healthy, rc1: { ...healthy.rc1, login: fails('auth') } });
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'rc1 auth',
    ]);
    expect(ran.values).not.toHaveProperty('maasha_pgpool_up{node="rc1"}');
    expect(ran.values).toMatchObject({ 'maasha_pgpool_up{node="rc2"}': 1 });
    expect(ran.alerts).toEqual([]);
  });

  it('does not invent a missing leader where a node could not be asked', async () => {
    const ran = await ask({
      rc1: { ...healthy.rc1, login: fails('auth') },
      rc2: { ...healthy.rc2, watchdog: view('rc2', { rc1: 'joining', rc2: 'joining' }) },
    });
    expect(ran.values).not.toHaveProperty('maasha_pgpool_watchdog_leaders{}');
  });

  it('tells a backend that hangs: the watchdog answers, the databases do not', async () => {
    const ran = await ask({ ...healthy, rc1: { ...healthy.rc1, backends: NO_ANSWER } });
    expect(ran.alerts).toEqual(['MaasHaPgpoolBackendHangs rc1']);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).not.toHaveProperty('maasha_pgpool_views_agree{}');
    expect(ran.values).not.toHaveProperty('maasha_pgpool_backend_detached{backend="rc1"}');
  });

  it('tells a headless pgpool: the databases are answered, the watchdog is an error', async () => {
    const ran = await ask({ ...healthy, rc1: { ...healthy.rc1, watchdog: W_ERROR } });
    expect(ran.alerts).toEqual(['MaasHaPgpoolHeadless rc1']);
    expect(ran.gaps).toEqual([]);
  });

  it('asks nothing more of a pgpool whose watchdog stays silent', async () => {
    const ran = await ask({ ...healthy, rc1: { ...healthy.rc1, watchdog: NO_ANSWER } });
    expect(ran.gaps.map(({ subject }) => subject)).toEqual(['rc1']);
    expect(ran.values).not.toHaveProperty('maasha_pgpool_backend_hangs{node="rc1"}');
    expect(ran.values).not.toHaveProperty('maasha_pgpool_headless{node="rc1"}');
  });

  it('does not take a pgpool without a watchdog for a headless one', async () => {
    const off = fails('protocol', 'informing watchdog info failed: watchdog is not enabled', true);
    const ran = await ask({
      rc1: { ...healthy.rc1, watchdog: off },
      rc2: { ...healthy.rc2, watchdog: off },
    });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.skips.map(({ subject }) => subject)).toEqual(['rc1', 'rc2']);
    expect(ran.values).toMatchObject({ 'maasha_pgpool_primary_available{}': 1 });
  });
});
