import { describe, expect, it } from 'vitest';
import check from '../../checks/proxy.ts';
import { region } from '../support/region.ts';
import {
  closed,
  error,
  failure,
  frozen,
  look,
  object,
  OBJECT,
  page,
  RC1,
  RC2,
  stateOf,
  VIP,
  WELL,
} from './squids.ts';

describe('proxy, when all is well', () => {
  it('really fetches the object at the virtual address and at each node, through each port', async () => {
    const { values, alerts, gaps, asked } = await look();
    for (const host of [VIP, RC1, RC2])
      for (const port of [8000, 3128]) expect(asked).toContain(`${host}:${port} fresh`);
    for (const server of ['vip', 'rc1', 'rc2']) expect(stateOf(values, server)).toBe('works');
    expect(values).toMatchObject({
      'maasha_proxy_fetch_seconds{server="vip",service="proxy-8000"}': 0.02,
      'maasha_proxy_cache_hit{server="vip",service="proxy-8000"}': 1,
      'maasha_proxy_broken{}': 0,
      'maasha_proxy_cannot_fetch{}': 0,
      'maasha_proxy_refuses{}': 0,
      'maasha_proxy_wrong_content{}': 0,
      'maasha_proxy_node_works{node="rc1"}': 1,
      'maasha_proxy_node_works{node="rc2"}': 1,
    });
    expect([alerts, gaps]).toEqual([[], []]);
  });

  it('says who answered at the virtual address, and how quickly', async () => {
    const { evidence } = await look();
    expect(evidence[0]).toMatchObject({
      subject: 'vip',
      says: `proxy-8000 fetched ${OBJECT.url} in 20ms, says rc1`,
    });
  });

  it('knows an object that is not kept from a cache that does not work', async () => {
    const kept = await look({ [RC1]: { ...WELL, usual: object('MISS') } });
    expect(kept.values['maasha_proxy_cache_hit{server="rc1",service="proxy-8000"}']).toBe(0);
    const fresh = object('MISS', { 'cache-control': 'no-store' });
    const notKept = await look({ [RC1]: { fresh } });
    expect(notKept.values).not.toHaveProperty(
      'maasha_proxy_cache_hit{server="rc1",service="proxy-8000"}',
    );
  });

  it('asks the proxy only for itself where no object is configured', async () => {
    const { values, alerts, asked, evidence } = await look({}, { proxy: { ports: [8000] } });
    expect(new Set(asked)).toEqual(new Set([VIP, RC1, RC2].map((host) => `${host}:8000 own`)));
    expect(stateOf(values, 'vip')).toBe('works');
    expect(values).not.toHaveProperty(
      'maasha_proxy_fetch_seconds{server="vip",service="proxy-8000"}',
    );
    expect(evidence[0]?.says).toContain('no object is configured');
    expect(alerts).toEqual([]);
  });
});

describe('proxy, with several ports', () => {
  const redirected = { [`${RC1}:3128`]: frozen, [`${RC2}:3128`]: frozen };

  it('takes a port that alone is mute for one of redirected connections, and says so', async () => {
    const { values, alerts, evidence } = await look(redirected);
    expect(stateOf(values, 'vip', 'proxy-3128')).toBe('hangs');
    expect(alerts).toEqual([]);
    expect(evidence.find(({ says }) => says.startsWith('proxy-3128'))?.says).toContain(
      'likely one for redirected connections only',
    );
  });

  it('and does not when no port answers', async () => {
    const { alerts } = await look({ [RC1]: frozen });
    expect(alerts).toContain('MaasHaProxyBroken');
  });

  it('finds one that is closed while the other works', async () => {
    const { values } = await look({ [`${RC2}:3128`]: closed });
    expect(values['maasha_proxy_node_works{node="rc2"}']).toBe(0);
  });
});

describe('proxy, at the nodes', () => {
  it('finds the spare dead while the one in use works', async () => {
    expect((await look({ [RC2]: closed })).alerts).toEqual(['MaasHaProxyNodeDown rc2']);
  });

  it.each([
    [
      'the origin is gone',
      { fresh: error(503, 'ERR_CONNECT_FAIL'), usual: object('HIT') },
      'CannotFetch',
    ],
    ['nobody may', { fresh: error(403, 'ERR_ACCESS_DENIED') }, 'Refuses'],
    ['another page comes', { fresh: page(200, {}, 'terms') }, 'WrongContent'],
  ] as const)('blames no node where all are so: %s', async (_, squid, alert) => {
    const { values, alerts } = await look({ [RC1]: squid, [RC2]: squid });
    expect(alerts).toEqual([`MaasHaProxy${alert}`]);
    expect(values).toMatchObject({
      'maasha_proxy_node_works{node="rc1"}': 1,
      'maasha_proxy_node_works{node="rc2"}': 1,
    });
  });

  it('says nothing of nodes where the proxy listens at the virtual address alone', async () => {
    const { alerts, skips, inapplicable } = await look({
      [VIP]: WELL,
      [RC1]: closed,
      [RC2]: closed,
    });
    expect(alerts).toEqual([]);
    expect(skips).toMatchObject([{ subject: 'nodes', code: 'config' }]);
    expect(inapplicable).toEqual(['maasha_proxy_node_works{}']);
  });

  it('finds both dead where nothing works at the virtual address either', async () => {
    const { alerts } = await look({ [RC1]: closed, [RC2]: closed });
    expect(alerts).toEqual(['MaasHaProxyNodeDown rc1', 'MaasHaProxyNodeDown rc2']);
  });
});

describe('proxy, where nothing can be known', () => {
  it('leaves what is at a virtual address that nobody answers for to others, and says unknown', async () => {
    const { values, alerts, gaps } = await look({
      [VIP]: { fresh: failure('timeout', 'connect') },
    });
    expect(stateOf(values, 'vip')).toBe('unreachable');
    expect(values).not.toHaveProperty('maasha_proxy_broken{}');
    expect(gaps).toMatchObject([{ subject: 'proxy', failure: { code: 'dependency' } }]);
    expect(alerts).toEqual([]);
  });

  it.each(['config', 'internal', 'no_privilege'] as const)(
    'leaves a gap, and no verdict, where the reason lies with us: %s',
    async (code) => {
      const squid = { fresh: failure(code, 'connect') };
      const { values, alerts, gaps } = await look({ [VIP]: squid, [RC1]: squid, [RC2]: squid });
      expect(Object.keys(values)).toEqual([]);
      expect(gaps).toHaveLength(6);
      expect(alerts).toEqual([]);
    },
  );

  it('knows of a broken port what it saw, whatever the other port hides', async () => {
    const { values } = await look({
      [`${VIP}:8000`]: { fresh: failure('internal', 'connect') },
      [`${VIP}:3128`]: { fresh: failure('protocol', 'first byte') },
    });
    expect(values['maasha_proxy_broken{}']).toBe(1);
    expect(values).not.toHaveProperty('maasha_proxy_refuses{}');
  });

  it('does not exist where no proxy is configured', () => {
    expect(check.absence?.(region())).toMatch(/no proxy is configured/);
    expect(check.absence?.(region({ proxy: { ports: [8000] } }))).toBeUndefined();
  });
});
