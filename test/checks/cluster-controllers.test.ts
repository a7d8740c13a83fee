import { describe, expect, it, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import {
  advertising,
  amp,
  fails,
  http,
  look,
  LOOPS,
  RC1,
  RC2,
  said,
  VIP,
} from '../support/controllers.ts';

describe('cluster-controllers at /MAAS/rpc/', () => {
  it('finds a healthy region healthy', async () => {
    const ran = await look();
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).toMatchObject({
      'maasha_region_rpc_http_success{}': 1,
      'maasha_region_rpc_event_loops{}': 2,
      'maasha_region_rpc_handshake_success{node="rc1"}': 1,
      'maasha_region_rpc_handshake_success{node="rc2"}': 1,
      'maasha_cluster_reachable{cluster="maas4"}': 1,
      'maasha_clusters_reachable{}': 1,
    });
    expect(said(ran)).toContain('it does not say who is connected');
  });

  it('tells a region without a database from one that is not there', async () => {
    const ran = await look({ http: http(500, 'OperationalError') });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcDown', 'MaasHaRegionDatabaseGone']);
    expect(ran.values).toMatchObject({
      'maasha_region_database{}': 0,
      'maasha_region_url_state{state="no_database"}': 1,
    });
    expect(said(ran)).toContain('cannot use its database');
    const gone = await look({ http: http(502, '<html>') });
    expect(gone.values).not.toHaveProperty('maasha_region_database{}');
  });

  test.each([
    [404, 'no region application'],
    [504, 'hangs'],
    [502, 'the region application is not'],
    [503, 'is starting'],
    [301, 'expected 200'],
  ])('takes the status %i for a finding', async (status, words) => {
    const ran = await look({ http: http(status, '<html>') });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcDown']);
    expect(said(ran)).toContain(words);
  });

  test.each([
    ['HTML', '<html>'],
    ['other JSON', '[]'],
    ['a port that is none', JSON.stringify({ eventloops: { a: [['172.31.16.39', 70_000]] } })],
    [
      'more loops than any region has',
      JSON.stringify({
        eventloops: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`a${index}`, []])),
      }),
    ],
  ])('takes 200 with %s for a finding, and greets nobody', async (_, body) => {
    const port = amp();
    const ran = await look({ http: http(200, body), amp: port });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcDown']);
    expect(port.greeted).toEqual([]);
  });

  it('takes silence for a finding', async () => {
    const ran = await look({ http: { get: () => Promise.reject(fails('timeout')) } });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcDown']);
    expect(ran.values).not.toHaveProperty('maasha_region_rpc_event_loops{}');
  });

  it('calls a channel that cannot be secured a gap', async () => {
    const ran = await look({ http: { get: () => Promise.reject(fails('tls')) } });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual(['tls']);
  });

  it('tells "no event loops" from "not known yet"', async () => {
    const none = await look({ http: advertising({}) });
    expect(none.alerts).toEqual(['MaasHaRegionRpcNoEventLoops']);
    const unknown = await look({ http: advertising(null) });
    expect(unknown.alerts).toEqual(['MaasHaRegionRpcLoopsUnknown']);
    expect(unknown.gaps.map(({ failure }) => failure.code)).toEqual(['dependency']);
    expect(unknown.values).not.toHaveProperty('maasha_region_rpc_event_loops{}');
  });
});

describe('cluster-controllers at the event loops', () => {
  it('greets at the node before the VIP, where by now another may listen, and nobody who is neither', async () => {
    const port = amp();
    const ran = await look({
      amp: port,
      http: advertising({ ...LOOPS, 'evil:pid=1': [['10.9.9.9', 22]] }),
    });
    expect(port.greeted.sort()).toEqual([`${RC1}:5250`, `${RC2}:5250`]);
    expect(said(ran)).toContain('evil:pid=1 is advertised only at addresses that are neither');
  });

  it('finds the node by the name of the loop where only the VIP is advertised', async () => {
    const ran = await look({ http: advertising({ 'rc2.maas:pid=1': [[VIP, 5250]] }) });
    expect(ran.values).toHaveProperty('maasha_region_rpc_handshake_success{node="rc2"}');
  });

  it('says where MAAS 3.x left out an address that two regions advertise, and does not count on it', async () => {
    const ran = await look({ http: advertising({ 'rc1:pid=10': [], 'rc2:pid=20': [] }) });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcNoEventLoops']);
    expect(said(ran)).toContain('leaves out those that two regions advertise');
    expect(ran.values).toHaveProperty('maasha_region_rpc_node_event_loops{node="rc1"}', 1);
  });

  test.each(['timeout', 'protocol'] as const)(
    'takes %s for a loop that is advertised and silent',
    async (code) => {
      const ran = await look({ amp: amp((host) => (host === RC2 ? fails(code) : undefined)) });
      expect(ran.alerts).toEqual(['MaasHaRegionRpcLoopSilent rc2']);
      expect(said(ran)).toContain(`rc2:pid=20 is advertised at ${RC2}:5250 and does not answer`);
    },
  );

  it('takes a loop that greets and then hangs for a silent one', async () => {
    const ran = await look({ amp: amp(undefined, fails('timeout')) });
    expect(ran.alerts).toEqual(['MaasHaRegionRpcLoopSilent rc1', 'MaasHaRegionRpcLoopSilent rc2']);
  });

  it('lets a 1.5 live that does not know the question', async () => {
    const ran = await look({ amp: amp(undefined, fails('protocol', { answered: true })) });
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toHaveProperty('maasha_region_rpc_handshake_success{node="rc1"}', 1);
  });

  it('calls what it could not ask for reasons of its own a gap', async () => {
    const ran = await look({ amp: amp(() => fails('cancelled')) });
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'rc1 cancelled',
      'rc2 cancelled',
    ]);
    expect(ran.values).not.toHaveProperty('maasha_region_rpc_handshake_success{node="rc1"}');
  });

  it('judges a secret only where one is configured', async () => {
    const blind = await look();
    expect(blind.values).not.toHaveProperty('maasha_region_rpc_secret_valid{node="rc1"}');
    const secret = new Secret('00112233445566778899aabbccddeeff');
    const ran = await look({ region: { rpc: { secret, interval: seconds(60) } } });
    expect(ran.alerts).toEqual([
      'MaasHaRegionRpcSecretWrong rc1',
      'MaasHaRegionRpcSecretWrong rc2',
    ]);
    expect(JSON.stringify(ran.notes)).not.toContain('00112233');
  });

  it('greets a loop once per interval, and shows what it learnt in between', async () => {
    const clock = new FakeClock();
    const port = amp((host) => (host === RC2 ? fails('timeout') : undefined));
    const first = await look({ amp: port, clock });
    clock.advance(15);
    const stored = JSON.parse(JSON.stringify(first.memory)) as unknown;
    const second = await look({ amp: port, clock, memory: stored });
    expect(port.greeted).toHaveLength(2);
    expect(second.alerts).toEqual(first.alerts);
    clock.advance(45);
    await look({ amp: port, clock, memory: second.memory });
    expect(port.greeted).toHaveLength(4);
  });

  it('greets a new loop and one that moved at once, and forgets one that is gone', async () => {
    const port = amp();
    const first = await look({ amp: port });
    const second = await look({
      amp: port,
      memory: first.memory,
      http: advertising({ 'rc1:pid=10': [[RC1, 5251]], 'rc1:pid=11': [[RC1, 5252]] }),
    });
    expect(port.greeted.slice(2).sort()).toEqual([`${RC1}:5251`, `${RC1}:5252`]);
    expect(Object.keys(second.memory as object)).toEqual(['rc1:pid=10', 'rc1:pid=11']);
  });

  it('remembers its greetings through a run in which nothing is advertised', async () => {
    const port = amp();
    const first = await look({ amp: port });
    const second = await look({ amp: port, memory: first.memory, http: http(503, '') });
    await look({ amp: port, memory: second.memory });
    expect(port.greeted).toHaveLength(2);
  });

  it('greets again when the clock was set back', async () => {
    const clock = new FakeClock();
    clock.advance(3600);
    const port = amp();
    const first = await look({ amp: port, clock });
    await look({ amp: port, memory: first.memory });
    expect(port.greeted).toHaveLength(4);
  });
});
