import { describe, expect, it, test } from 'vitest';
import check from '../../checks/cluster-controllers.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import type { HttpPort, IcmpPort, TcpPort } from '../../src/core/ports/network.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const [VIP, RC1, RC2] = ['172.31.16.39', '172.31.16.32', '172.31.16.33'] as const;

type Loops = Record<string, [string, number][]>;
const LOOPS: Loops = {
  'rc1:pid=10': [
    [RC1, 5250],
    [VIP, 5250],
  ],
  'rc2:pid=20': [[RC2, 5250]],
};

const http = (status: number, body: string): HttpPort => ({
  get: async () => ({ status, headers: {}, body, took: seconds(0.02) }),
});
const advertising = (eventloops: Loops | null) => http(200, JSON.stringify({ eventloops }));

/** An AMP port that answers every greeting, unless told what else to do; it writes down whom it greeted. */
const amp = (
  fate: (host: string) => CheckFailure | undefined = () => undefined,
  proof?: CheckFailure,
): AmpPort & { readonly greeted: string[] } => {
  const greeted: string[] = [];
  return {
    greeted,
    greet: ({ host, port }) => {
      greeted.push(`${host}:${port}`);
      const failure = fate(host);
      if (failure !== undefined) return Promise.reject(failure);
      return Promise.resolve({
        greeting: { asked: 'Identify', took: seconds(0.01) },
        authenticate: () =>
          proof === undefined
            ? Promise.resolve({
                digest: new Uint8Array(32),
                salt: new Uint8Array(16),
                took: seconds(0.01),
              })
            : Promise.reject(proof),
      });
    },
  };
};

const icmp = (fate: 'answers' | 'silent' | CheckFailure = 'answers'): IcmpPort => ({
  ping: async (_, { count }) => {
    if (fate instanceof CheckFailure) throw fate;
    const received = fate === 'answers' ? count : 0;
    return { method: 'raw', sent: count, received, roundTrips: [] };
  },
});
const tcp = (fate: CheckFailure | undefined): TcpPort => ({
  connect: async () => {
    if (fate !== undefined) throw fate;
    return { took: seconds(0.01) };
  },
});

const fails = (code: CheckFailure['code'], facts = {}): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts });

type Given = Partial<Pick<Ports, 'http' | 'amp' | 'icmp' | 'tcp'>> & {
  readonly region?: Partial<Region>;
  readonly memory?: unknown;
  readonly clock?: FakeClock;
};

const look = (given: Given = {}): Promise<Ran> =>
  runCheck(
    check,
    region(given.region),
    fakePorts({
      http: given.http ?? advertising(LOOPS),
      amp: given.amp ?? amp(),
      icmp: given.icmp ?? icmp(),
      tcp: given.tcp ?? tcp(fails('timeout')),
    }),
    { memory: given.memory, clock: given.clock ?? new FakeClock() },
  );

const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

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

  test.each([
    [404, 'no region application'],
    [500, 'cannot use its database'],
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
    expect(unknown.alerts).toEqual([]);
    expect(unknown.gaps.map(({ failure }) => failure.code)).toEqual(['dependency']);
    expect(unknown.values).not.toHaveProperty('maasha_region_rpc_event_loops{}');
  });
});

describe('cluster-controllers at the event loops', () => {
  it('greets at the VIP before a node, and nobody who is neither', async () => {
    const port = amp();
    const ran = await look({
      amp: port,
      http: advertising({ ...LOOPS, 'evil:pid=1': [['10.9.9.9', 22]] }),
    });
    expect(port.greeted.sort()).toEqual([`${RC2}:5250`, `${VIP}:5250`]);
    expect(said(ran)).toContain('evil:pid=1 is advertised only at addresses that are neither');
  });

  it('finds the node by the name of the loop where only the VIP is advertised', async () => {
    const ran = await look({ http: advertising({ 'rc2.maas:pid=1': [[VIP, 5250]] }) });
    expect(ran.values).toHaveProperty('maasha_region_rpc_handshake_success{node="rc2"}');
  });

  test.each(['timeout', 'refused', 'unreachable', 'protocol'] as const)(
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
