import { describe, expect, it, test } from 'vitest';
import type { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import { FakeClock } from '../support/clock.ts';
import { amp, fails, icmp, look, RC2, said, tcp } from '../support/controllers.ts';
import type { Ran } from '../support/run-check.ts';

describe('cluster-controllers at a loop that is gone', () => {
  const gone = (host: string, code: CheckFailure['code'] = 'refused') =>
    amp((at) => (at === host ? fails(code, { phase: 'connect' }) : undefined));

  /** Looks again and again, and tells the alerts of the last look. */
  async function watch(
    generation: 1 | 2,
    fates: readonly (readonly [after: number, AmpPort])[],
  ): Promise<Ran> {
    const clock = new FakeClock();
    let memory: unknown;
    let ran: Ran | undefined;
    for (const [after, port] of fates) {
      clock.advance(after);
      ran = await look({ amp: port, clock, memory, region: { generation } });
      memory = JSON.parse(JSON.stringify(ran.memory)) as unknown;
    }
    return ran!;
  }

  test.each(['refused', 'unreachable', 'timeout'] as const)(
    'does not call it silent while another one answers: %s',
    async (code) => {
      const ran = await look({ amp: gone(RC2, code) });
      expect(ran.alerts).toEqual([]);
      expect(ran.values).not.toHaveProperty('maasha_region_rpc_handshake_success{node="rc2"}');
      expect(said(ran)).toContain('nobody is there');
    },
  );

  it('calls all of them silent where no loop answers at all', async () => {
    const ran = await look({ amp: amp(() => fails('refused')) });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcLoopSilent rc1', 'MaasHaRegionRpcLoopSilent rc2']);
  });

  test.each([
    [1, 300, []],
    [1, 301, ['MaasHaRegionLoopStale rc2']],
    [2, 150, []],
    [2, 151, ['MaasHaRegionLoopStale rc2']],
  ] as const)(
    'in generation %i is left over for so long: %i s',
    async (generation, age, alerts) => {
      const ran = await watch(generation, [
        [0, gone(RC2)],
        [age, gone(RC2)],
      ]);
      expect(ran.alerts).toEqual(alerts);
    },
  );

  it('counts anew when it has answered in between', async () => {
    const ran = await watch(1, [
      [0, gone(RC2)],
      [290, amp()],
      [60, gone(RC2)],
    ]);
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toHaveProperty('maasha_region_rpc_loop_stale{node="rc2"}', 0);
  });

  it('cannot say in one look for how long', async () => {
    const ran = await look({ amp: gone(RC2), once: true });
    expect(ran.values).not.toHaveProperty('maasha_region_rpc_loop_stale{node="rc2"}');
    expect(said(ran)).toContain('one look cannot tell since when');
  });
});

describe('cluster-controllers at the clusters', () => {
  const clusters = ['maas4', 'maas5'].map((name, index) => ({
    name,
    address: `172.31.16.${34 + index}`,
    services: [],
  }));

  it('sees that all are gone', async () => {
    const ran = await look({ icmp: icmp('silent'), region: { clusters } });
    expect(ran.alerts).toEqual([
      'MaasHaClusterUnreachable maas4',
      'MaasHaClusterUnreachable maas5',
      'MaasHaAllClustersUnreachable',
    ]);
  });

  it.each([undefined, fails('refused')])('takes a TCP answer for life: %s', async (fate) => {
    const ran = await look({ icmp: icmp('silent'), tcp: tcp(fate) });
    expect(ran.values).toHaveProperty('maasha_cluster_reachable{cluster="maas4"}', 1);
  });

  it('decides by TCP where ICMP is not allowed', async () => {
    const denied = icmp(fails('no_privilege'));
    const alive = await look({ icmp: denied, tcp: tcp(undefined) });
    expect(alive.gaps).toEqual([]);
    expect(alive.values).toHaveProperty('maasha_cluster_reachable{cluster="maas4"}', 1);
    const silent = await look({ icmp: denied });
    expect(silent.alerts).toContain('MaasHaClusterUnreachable maas4');
  });

  it('says nothing of clusters that are not configured', async () => {
    const ran = await look({ region: { clusters: [] } });
    expect(ran.values).not.toHaveProperty('maasha_clusters_reachable{}');
  });
});
