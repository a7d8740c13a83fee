import { describe, expect, it, test } from 'vitest';
import check from '../../checks/cluster-connections.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import type { HttpReply } from '../../src/core/ports/network.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const [U4, U5] = ['5d9a7b0e-0000-4000-8000-000000000034', '5d9a7b0e-0000-4000-8000-000000000035'];

const CLUSTERS = [
  { name: 'maas4', address: '172.31.16.34', uuid: U4.toUpperCase(), services: [] },
  { name: 'maas5', address: '172.31.16.35', services: [] },
];
const NODEGROUPS = [
  { uuid: U4, status: 1, name: 'maas', cluster_name: 'Cluster master' },
  { uuid: U5, status: 1, name: 'maas', cluster_name: 'maas5' },
];

const fails = (code: CheckFailure['code'], facts = {}): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts });

type Fate = Partial<HttpReply> | CheckFailure;
const json = (value: unknown): Fate => ({ body: JSON.stringify(value) });

/** The images that each cluster gives the region, by architecture; or what the region does instead. */
type Images = Readonly<Record<string, readonly string[] | Fate>>;

interface Given {
  readonly images?: Images;
  readonly list?: Fate;
  readonly version?: Fate;
  readonly rpc?: Fate;
  readonly amp?: AmpPort;
  readonly region?: Partial<Region>;
  readonly clock?: FakeClock;
  readonly memory?: unknown;
  readonly once?: boolean;
}

const BOTH: Images = { [U4]: ['amd64'], [U5]: ['amd64'] };
async function look(given: Given = {}): Promise<Ran & { readonly asked: readonly string[] }> {
  const { images = BOTH, clock = new FakeClock() } = given;
  const asked: string[] = [];
  const pxeconfig = (query: URLSearchParams): Fate => {
    const { cluster_uuid: uuid = '', arch = '' } = Object.fromEntries(query);
    expect(query.has('mac')).toBe(false);
    asked.push(`${uuid.slice(-2)} ${arch}`);
    const has = images[uuid] ?? [];
    if (!Array.isArray(has)) return has as Fate;
    return json({ label: has.includes(arch) ? 'release' : 'no-such-image' });
  };
  const pages: Readonly<Record<string, Fate>> = {
    '/MAAS/api/1.0/nodegroups/': given.list ?? json(NODEGROUPS),
    '/MAAS/api/1.0/version/': given.version ?? json({ version: '1.9.5' }),
    '/MAAS/rpc/': given.rpc ?? { status: 500 },
  };
  const answer = ({ pathname, searchParams }: URL): Fate =>
    pages[pathname] ?? pxeconfig(searchParams);
  const get = async (url: string): Promise<HttpReply> => {
    const fate = answer(new URL(url));
    if (fate instanceof CheckFailure) throw fate;
    return { status: 200, headers: {}, body: '', took: seconds(0.02), ...fate };
  };
  const ran = await runCheck(
    check,
    region({ clusters: CLUSTERS, ...given.region }),
    fakePorts({ http: { get }, ...(given.amp && { amp: given.amp }) }),
    { clock, memory: given.memory, once: given.once ?? false },
  );
  return { ...ran, asked };
}

/** Looks once a minute, each time as told, and gives the last look. */
async function watch(looks: readonly Given[]) {
  const clock = new FakeClock();
  let memory: unknown;
  let ran: Awaited<ReturnType<typeof look>> | undefined;
  for (const given of looks) {
    ran = await look({ ...given, clock, memory });
    memory = JSON.parse(JSON.stringify(ran.memory)) as unknown;
    clock.advance(60);
  }
  return ran!;
}

const said = (ran: Ran): string =>
  [
    ...ran.evidence.map(({ subject, says }) => `${subject} ${says}`),
    ...ran.gaps.map(({ subject, failure }) => `${subject} ${failure.message}`),
  ].join('\n');
describe('cluster-connections', () => {
  it('proves each cluster by its UUID, or by its name in MAAS', async () => {
    const ran = await look();
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).toEqual({
      'maasha_cluster_accepted{cluster="maas4"}': 1,
      'maasha_cluster_connected{cluster="maas4"}': 1,
      'maasha_cluster_accepted{cluster="maas5"}': 1,
      'maasha_cluster_connected{cluster="maas5"}': 1,
      'maasha_clusters_connected{}': 2,
      'maasha_clusters_unconfigured{}': 0,
    });
    expect(ran.asked).toEqual(['34 amd64', '35 amd64']);
  });

  it('finds a cluster lost that was proven before', async () => {
    const ran = await watch([{}, { images: { [U4]: ['amd64'] } }]);
    expect(ran.alerts).toEqual(['MaasHaClusterDisconnected maas5']);
    expect(said(ran)).toContain('maas5 gave the region no image of amd64');
    expect(said(ran)).toContain('does not say which of the two');
  });

  it('finds all of them lost', async () => {
    const ran = await watch([{}, { images: {} }]);
    expect(ran.alerts).toEqual([
      'MaasHaClusterDisconnected maas4',
      'MaasHaClusterDisconnected maas5',
      'MaasHaAllClustersDisconnected',
    ]);
  });

  it('calls what was never proven unproven, while nothing shows that it could be', async () => {
    const ran = await look({ images: {}, once: true });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'maas4 dependency',
      'maas5 dependency',
    ]);
    expect(said(ran)).toContain('unproven');
    expect(ran.values).not.toHaveProperty('maasha_clusters_connected{}');
  });

  it('finds one lost in a single look, when another one proves that images are there', async () => {
    const ran = await look({ images: { [U4]: ['amd64'] }, once: true });
    expect(ran.alerts).toEqual(['MaasHaClusterDisconnected maas5']);
    expect(ran.asked.filter((each) => each.startsWith('35'))).toHaveLength(5);
  });

  it('tries one architecture a minute until one is proven, and stays with that', async () => {
    const arm: Given = { images: { [U4]: ['amd64'], [U5]: ['arm64'] } };
    const ran = await watch([arm, arm, arm, arm]);
    expect(ran.asked).toEqual(['34 amd64', '35 arm64']);
    expect(ran.alerts).toEqual([]);
  });

  it('does not take a new cluster for lost before it has tried all architectures', async () => {
    const one: Given = { images: { [U4]: ['amd64'] } };
    expect((await watch([one, one, one, one])).alerts).toEqual([]);
    const fifth = await watch([one, one, one, one, one]);
    expect(fifth.alerts).toEqual(['MaasHaClusterDisconnected maas5']);
  });

  it('takes a question that the region leaves open for a cluster that does not answer', async () => {
    const hanging = fails('timeout', { phase: 'first byte' });
    const ran = await look({ images: { ...BOTH, [U5]: hanging } });
    expect(ran.alerts).toEqual(['MaasHaClusterDisconnected maas5']);
    expect(said(ran)).toContain('waits for its answer in vain');
  });

  test.each<readonly [string, Fate, string]>([
    ['an error', { status: 500, body: 'Traceback' }, 'protocol'],
    ['HTML', { body: '<html>' }, 'protocol'],
    ['no label', json({ kernel: 'x' }), 'protocol'],
    ['a refusal', fails('refused', { phase: 'connect' }), 'refused'],
    ['an answer without end', fails('timeout', { phase: 'body' }), 'timeout'],
  ])('learns nothing from %s', async (_, fate, code) => {
    const ran = await look({ images: { ...BOTH, [U5]: fate } });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      `maas5 ${code}`,
    ]);
    expect(ran.values).not.toHaveProperty('maasha_cluster_connected{cluster="maas5"}');
  });

  it('takes "no content" for an architecture that the region does not know', async () => {
    const ran = await watch([{}, { images: { ...BOTH, [U5]: { status: 204 } } }]);
    expect(ran.alerts).toEqual(['MaasHaClusterDisconnected maas5']);
  });

  it('asks about a cluster once a minute, whatever sets it off, and shows what it learnt', async () => {
    const clock = new FakeClock();
    const first = await look({ clock, images: { ...BOTH, [U5]: fails('refused') } });
    clock.advance(20);
    const second = await look({ clock, memory: first.memory });
    expect(second.asked).toEqual([]);
    expect(second.values).toEqual(first.values);
    expect(second.gaps).toHaveLength(1);
  });

  it('begins nothing new when time runs out, and keeps what it has', async () => {
    const clock = new FakeClock();
    const slow = fails('timeout', { phase: 'first byte' });
    const images: Images = new Proxy(BOTH, {
      get: (all, uuid: string) => {
        if (uuid === U4) clock.advance(31);
        return uuid === U4 ? slow : all[uuid];
      },
    });
    const ran = await look({ clock, images });
    expect(ran.asked).toEqual(['34 amd64']);
    expect(said(ran)).toContain('maas5 not asked');
    expect(ran.alerts).toEqual(['MaasHaClusterDisconnected maas4']);
  });
});

describe('cluster-connections and the list of MAAS', () => {
  const list = (...changes: readonly object[]): Fate =>
    json(NODEGROUPS.map((each, index) => ({ ...each, ...changes[index] })));

  test.each([
    [0, 'pending'],
    [2, 'rejected or disabled'],
  ])(
    'finds a cluster that is not accepted (%i), and asks nothing about it',
    async (status, words) => {
      const ran = await look({ list: list({}, { status }) });
      expect(ran.alerts).toEqual(['MaasHaClusterNotAccepted maas5']);
      expect(said(ran)).toContain(words);
      expect(ran.asked).toEqual(['34 amd64']);
      expect(ran.inapplicable).toContain('maasha_cluster_connected{cluster="maas5"}');
      expect(ran.values).toHaveProperty('maasha_clusters_connected{}', 1);
    },
  );

  it('finds one that the region does not list, and one that the configuration does not name', async () => {
    const ran = await look({ list: list({}, { uuid: 'other', cluster_name: 'lab\u001b[2J' }) });
    expect(ran.alerts).toEqual(['MaasHaClusterNotAccepted maas5', 'MaasHaClusterUnconfigured']);
    expect(said(ran)).toContain('lists no cluster of the name maas5');
    expect(said(ran)).toContain('also has cluster "lab\\x1b[2J"');
  });

  test.each<readonly [string, Fate, string]>([
    ['an error', { status: 502, body: '<html>' }, 'protocol'],
    ['HTML', { body: '<html>' }, 'protocol'],
    ['other JSON', json({ a: 1 }), 'protocol'],
    ['silence', fails('timeout'), 'timeout'],
  ])('learns nothing from %s', async (_, fate, code) => {
    const first = await look();
    const ran = await look({ list: fate, memory: first.memory });
    expect(ran.values).toEqual({});
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual([code]);
    expect(ran.memory).toEqual(first.memory);
  });
});

describe('cluster-connections and the version of MAAS', () => {
  const hidden: Given = {
    version: { status: 401 },
    rpc: json({ eventloops: { 'rc1:pid=1': [['172.31.16.32', 5250]] } }),
  };
  const loop = (fate?: CheckFailure): AmpPort => ({
    greet: async () => ({
      greeting: { asked: 'Identify', took: seconds(0.01) },
      authenticate: async () => {
        if (fate !== undefined) throw fate;
        return { digest: new Uint8Array(32), salt: new Uint8Array(16), took: seconds(0.01) };
      },
    }),
  });

  it('of 1.7 and 1.8 shows in an event loop that can prove itself', async () => {
    const ran = await look({ ...hidden, amp: loop() });
    expect(ran.values).toHaveProperty('maasha_clusters_connected{}', 2);
  });

  it('of 1.5 and 1.6 proves nothing, and it says so', async () => {
    const ran = await look({ ...hidden, amp: loop(fails('protocol', { answered: true })) });
    expect(ran.asked).toEqual([]);
    expect(ran.skips.map(({ code }) => code)).toEqual(['version']);
    expect(ran.values).toHaveProperty('maasha_cluster_accepted{cluster="maas4"}', 1);
    expect(ran.values).not.toHaveProperty('maasha_cluster_connected{cluster="maas4"}');
  });

  it('that cannot be learnt leaves everything unproven', async () => {
    const ran = await look({ ...hidden, amp: loop(fails('timeout')) });
    expect(ran.asked).toEqual([]);
    expect(ran.gaps.map(({ subject }) => subject)).toEqual(['connections']);
    const silent = await look({ version: { status: 401 } });
    expect(silent.gaps.map(({ subject }) => subject)).toEqual(['connections']);
  });

  it('is learnt once an hour', async () => {
    let greetings = 0;
    const counting: AmpPort = { greet: (...all) => ((greetings += 1), loop().greet(...all)) };
    await watch(Array.from({ length: 62 }, () => ({ ...hidden, amp: counting })));
    expect(greetings).toBe(2);
  });

  it('of generation 2 makes the check absent, as do no clusters', () => {
    expect(check.absence?.(region({ generation: 2 }))).toContain('database');
    expect(check.absence?.(region({ clusters: [] }))).toContain('clusters');
    expect(check.absence?.(region())).toBeUndefined();
  });
});
