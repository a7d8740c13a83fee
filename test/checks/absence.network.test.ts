import { describe, expect, it, test } from 'vitest';
import clusters from '../../checks/cluster-controllers.ts';
import dns from '../../checks/dns-serial.ts';
import vip from '../../checks/vip.ts';
import type { Check, CheckContext } from '../../src/core/check.ts';
import type { CheckFailure } from '../../src/core/failure.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { failure } from '../support/postgres-answers.ts';
import { runCheck } from '../support/run-check.ts';
import { RC1, RC2, VIP, wholeRegion } from './healthy-region.ts';
import { advertising, echoes, healthyPorts, LOOPS, loops, zones } from './healthy.ts';

/* What each check says does not exist (any more): see `Inapplicable`. */

const look = (
  check: Check,
  ports: Partial<Ports>,
  changes: Partial<Region> = {},
  context: Partial<CheckContext> = {},
) => runCheck(check, wholeRegion(changes), healthyPorts(ports), context);

describe('cluster-controllers', () => {
  const gone = async (ports: Partial<Ports>, changes: Partial<Region> = {}) =>
    (await look(clusters, ports, changes)).inapplicable
      .map((each) => each.replace('maasha_region_rpc_', ''))
      .filter((each) => !each.includes('unconfigured'));
  const silent = loops((host) => (host === RC2 ? failure('timeout') : undefined));
  const onlyRc1 = { 'rc1:pid=10': LOOPS['rc1:pid=10'] ?? [] };

  it('knows no silent loop, and no wrong secret, where none is advertised any more', async () => {
    expect(await gone({ http: advertising(onlyRc1), amp: silent })).toEqual([
      'handshake_success{node="rc2"}',
      'secret_valid{node="rc2"}',
      'loop_stale{node="rc2"}',
    ]);
    expect((await look(clusters, {})).inapplicable).toEqual([
      'maasha_region_rpc_handshake_success{node="unconfigured"}',
      'maasha_region_rpc_secret_valid{node="unconfigured"}',
      'maasha_region_rpc_loop_stale{node="unconfigured"}',
    ]);
  });

  test.each([
    ['is advertised and silent', { amp: silent }],
    [
      'is advertised where nobody may go',
      { http: advertising({ ...onlyRc1, 'rc2:pid=20': [['10.9.9.9', 5250]] }) },
    ],
    ['may be advertised, which is not known yet', { http: advertising(null) }],
    [
      'may be advertised, which the region does not say',
      { http: { get: () => Promise.reject(failure('timeout')) } },
    ],
  ] as const)('says nothing of a loop that %s', async (_, ports) => {
    expect(await gone(ports)).toEqual([]);
  });

  it('knows no wrong secret where none is configured', async () => {
    const { interval } = wholeRegion().rpc;
    expect(await gone({}, { rpc: { interval } })).toEqual(['secret_valid{}']);
  });

  it('knows that no cluster can be missing where none is configured', async () => {
    expect(await gone({}, { clusters: [] })).toEqual(['maasha_clusters_reachable{}']);
  });
});

describe('dns-serial', () => {
  const gone = async (host: string, says: string | CheckFailure) => {
    const fate = (at: string, zone: string) => (at === host && zone === 'maas3' ? says : undefined);
    const { inapplicable } = await look(dns, { dns: zones(fate) });
    return inapplicable.map((each) => each.replace('maasha_dns_', ''));
  };

  test.each(['NXDOMAIN', 'REFUSED', 'NOTAUTH'])(
    'knows nobody who is behind where the master has no such zone: %s',
    async (rcode) => {
      expect(await gone(VIP, rcode)).toEqual(['zone_overdue{zone="maas3"}']);
    },
  );

  it('knows no step back where the master has no zone at all', async () => {
    const { inapplicable } = await look(dns, {
      dns: zones((at) => (at === VIP ? 'REFUSED' : undefined)),
    });
    expect(inapplicable).toContain('maasha_dns_zones_regressed{}');
  });

  it('does not call a slave behind that has no such zone', async () => {
    expect(await gone(RC1, 'REFUSED')).toEqual(['zone_overdue{zone="maas3",server="rc1"}']);
  });

  test.each([VIP, RC1])('says nothing of a zone that %s has and cannot show', async (host) => {
    expect(await gone(host, 'SERVFAIL')).toEqual([]);
    expect(await gone(host, failure('timeout'))).toEqual([]);
    expect(await gone(host, failure('protocol'))).toEqual([]);
  });
});

describe('vip', () => {
  const loss = 'maasha_vip_icmp_loss_ratio{}';
  const deaf: Partial<Ports> = {
    icmp: {
      ping: (address, options) => echoes(address === VIP ? 0 : undefined).ping(address, options),
    },
  };
  const dead = { ...deaf, tcp: { connect: () => Promise.reject(failure('timeout')) } };

  /** Whether each look in a row, through memory that is stored in between, knows of no loss any more. */
  const looks = async (rounds: readonly Partial<Ports>[]): Promise<readonly boolean[]> => {
    const found: boolean[] = [];
    let memory: unknown;
    for (const ports of rounds) {
      const ran = await look(vip, ports, {}, { memory });
      memory = JSON.parse(JSON.stringify(ran.memory));
      found.push(ran.inapplicable.includes(loss));
    }
    return found;
  };
  const times = (count: number, ports: Partial<Ports>): readonly Partial<Ports>[] =>
    Array.from({ length: count }, () => ports);

  it('knows that echoes are filtered, and none are lost, after five minutes without any', async () => {
    const found = await looks(times(32, deaf));
    expect(found.indexOf(true)).toBe(29);
    expect(found.slice(29)).toEqual([true, true, true]);
  });

  it('takes any echo for a proof that they are not filtered', async () => {
    const found = await looks([...times(29, deaf), { icmp: echoes(1) }, ...times(29, deaf)]);
    expect(found).not.toContain(true);
  });

  it('says nothing of echoes while the address does not answer TCP either', async () => {
    const found = await looks([...times(29, deaf), ...times(9, dead), ...times(1, deaf)]);
    expect(found.indexOf(true)).toBe(38);
    expect((await looks([...times(30, deaf), dead])).at(-1)).toBe(false);
  });

  it('knows that no trusted server is lost where none is configured', async () => {
    const { inapplicable } = await look(vip, {}, { trustedServers: [] });
    expect(inapplicable).toContain('maasha_trusted_servers_lost{}');
  });
});
