import { describe, expect, it } from 'vitest';
import {
  error,
  closed,
  failure,
  frozen,
  look,
  object,
  OBJECT,
  OWN_PAGE,
  page,
  RC1,
  stateOf,
  type Squid,
} from './squids.ts';

/** What the same answer at both ports of the active node's proxy comes to. */
const SEEN: readonly (readonly [string, Squid, string, readonly string[]])[] = [
  ['nobody listens', closed, 'closed', ['MaasHaProxyNodeDown rc1']],
  ['it hangs', frozen, 'hangs', ['MaasHaProxyBroken', 'MaasHaProxyNodeDown rc1']],
  [
    'it hangs up',
    { fresh: failure('refused', 'first byte') },
    'hangs_up',
    ['MaasHaProxyBroken', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'it does not speak HTTP',
    { fresh: failure('protocol', 'first byte') },
    'no_proxy',
    ['MaasHaProxyBroken', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'a web server answers',
    { fresh: { status: 404, headers: { server: 'Apache/2.4' }, body: 'Not Found' } },
    'no_proxy',
    ['MaasHaProxyBroken', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'it refuses by its ACL',
    { fresh: error(403, 'ERR_ACCESS_DENIED') },
    'refuses',
    ['MaasHaProxyRefuses', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'it wants a password',
    { fresh: page(407, {}) },
    'refuses',
    ['MaasHaProxyRefuses', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'it finds no address of the origin',
    { fresh: error(503, 'ERR_DNS_FAIL'), usual: error(503, 'ERR_DNS_FAIL') },
    'cannot_resolve',
    ['MaasHaProxyCannotFetch', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'the origin refuses connections',
    { fresh: error(503, 'ERR_CONNECT_FAIL'), usual: error(503, 'ERR_CONNECT_FAIL') },
    'cannot_fetch',
    ['MaasHaProxyCannotFetch', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'another cache on the way has no answer',
    { fresh: page(504, {}), usual: page(504, {}) },
    'cannot_fetch',
    ['MaasHaProxyCannotFetch', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'it waits for the origin and still answers for itself',
    { ...frozen, own: OWN_PAGE },
    'cannot_fetch',
    ['MaasHaProxyCannotFetch', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'the origin has no such object',
    { fresh: page(404, { server: 'apache' }) },
    'wrong',
    ['MaasHaProxyWrongContent', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'the origin itself refuses: no page of the proxy',
    { fresh: page(403, { server: 'apache' }) },
    'wrong',
    ['MaasHaProxyWrongContent', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'something else comes with status 200',
    { fresh: page(200, { server: 'x' }, 'Please accept our terms') },
    'wrong',
    ['MaasHaProxyWrongContent', 'MaasHaProxyNodeDown rc1'],
  ],
  [
    'the answer is longer than any small object',
    { fresh: failure('protocol', 'body') },
    'wrong',
    ['MaasHaProxyWrongContent', 'MaasHaProxyNodeDown rc1'],
  ],
];

describe('proxy, told apart', () => {
  it.each(SEEN)('%s', async (_, squid, state, alerts) => {
    const ran = await look({ [RC1]: squid });
    expect(stateOf(ran.values, 'vip')).toBe(state);
    expect(stateOf(ran.values, 'rc2')).toBe('works');
    expect(ran.alerts).toEqual(alerts);
    expect(ran.values['maasha_proxy_node_works{node="rc2"}']).toBe(1);
  });

  it('an answer from the cache although a fresh one was asked for is not called fetched', async () => {
    const { values, alerts, evidence } = await look({ [RC1]: { fresh: object('HIT') } });
    expect(stateOf(values, 'vip')).toBe('cached');
    expect(evidence[0]?.says).toContain('from its cache, unasked');
    expect(alerts).toEqual([]);
  });

  it('an object that only the cache still has does not hide that the origin is gone', async () => {
    const squid = { fresh: error(503, 'ERR_CONNECT_FAIL'), usual: object('HIT') };
    const { values, alerts, evidence } = await look({ [RC1]: squid });
    expect(alerts).toContain('MaasHaProxyCannotFetch');
    expect(values['maasha_proxy_cache_hit{server="vip",service="proxy-8000"}']).toBe(1);
    expect(evidence[0]?.says).toBe(
      'proxy-8000 gets nothing from the origin: 503 ERR_CONNECT_FAIL, says rc1; its cache still has it',
    );
  });

  it('what is expected is proof enough, also of a proxy that does not name itself', async () => {
    const nameless = { status: 200, headers: {}, body: 'Origin: Ubuntu' };
    const { values, alerts } = await look({ [RC1]: { fresh: nameless } });
    expect(stateOf(values, 'vip')).toBe('works');
    expect(alerts).toEqual([]);
  });

  it('any page with status 200 is not, where nothing is expected and nobody names himself', async () => {
    const web = { status: 200, headers: { server: 'Apache' }, body: 'It works!' };
    const { alerts } = await look(
      { [RC1]: { fresh: web } },
      { proxy: { ports: [8000], object: { url: OBJECT.url } } },
    );
    expect(alerts).toContain('MaasHaProxyBroken');
  });
});
