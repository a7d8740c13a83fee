import { describe, expect, it, test } from 'vitest';
import check from '../../checks/region-active.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { HttpOptions, HttpReply } from '../../src/core/ports/network.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const [VIP, RC1, RC2] = ['172.31.16.39', '172.31.16.32', '172.31.16.33'] as const;
const LOOPS = JSON.stringify({ eventloops: { 'rc1:pid=1': [[RC1, 5250]] } });

type Fate = number | CheckFailure | Partial<HttpReply>;

const fails = (code: CheckFailure['code'], facts = {}): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts });

const replyOf = (fate: Exclude<Fate, CheckFailure>): HttpReply => ({
  headers: {},
  took: seconds(0.02),
  status: 200,
  ...(typeof fate === 'number'
    ? { status: fate, body: fate === 200 ? LOOPS : '<html>' }
    : { body: LOOPS, ...fate }),
});

async function look(
  fates: Readonly<Partial<Record<'vip' | 'rc1' | 'rc2', Fate>>>,
  changes: Partial<Region> = {},
): Promise<Ran & { readonly asked: readonly (readonly [string, HttpOptions])[] }> {
  const asked: (readonly [string, HttpOptions])[] = [];
  const get = async (url: string, options: HttpOptions): Promise<HttpReply> => {
    asked.push([url, options]);
    const { hostname } = new URL(url);
    const name = hostname === RC1 ? 'rc1' : hostname === RC2 ? 'rc2' : 'vip';
    const fate = fates[name] ?? 200;
    if (fate instanceof CheckFailure) throw fate;
    return replyOf(fate);
  };
  const ran = await runCheck(check, region(changes), fakePorts({ http: { get } }), {
    clock: new FakeClock(),
  });
  return { ...ran, asked };
}

const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

const stateOf = (ran: Ran, node: string): string | undefined =>
  /state="(\w+)"/.exec(
    Object.entries(ran.values).find(
      ([series, value]) => series.startsWith(`maasha_region_state{node="${node}"`) && value === 1,
    )?.[0] ?? '',
  )?.[1];

describe('region-active of generation 1', () => {
  it('finds one that is active and one that waits without a database healthy', async () => {
    const ran = await look({ rc2: 500 });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).toMatchObject({
      'maasha_regions_active{}': 1,
      'maasha_region_two_active{}': 0,
      'maasha_region_ready{node="rc2"}': 1,
    });
    expect([stateOf(ran, 'rc1'), stateOf(ran, 'rc2')]).toEqual(['active', 'no_database']);
    expect(ran.asked.map(([url]) => url).sort()).toEqual(
      [RC1, RC2, VIP].map((host) => `http://${host}/MAAS/rpc/`),
    );
  });

  it('finds two that are active at once, and which', async () => {
    const ran = await look({ rc2: 200 });
    expect(ran.alerts).toEqual(['MaasHaRegionTwoActive']);
    expect(said(ran)).toContain('rc1 and rc2 all answer from a database');
  });

  it('counts two as two, whatever a third one is', async () => {
    const nodes = ['rc1', 'rc2', 'rc3'].map((name, index) => ({
      name,
      address: index === 2 ? '172.31.16.31' : [RC1, RC2][index]!,
    }));
    const ran = await look({ vip: fails('tls') }, { nodes });
    expect(ran.values).toHaveProperty('maasha_region_two_active{}', 1);
    expect(ran.values).not.toHaveProperty('maasha_regions_active{}');
  });

  test.each<readonly [string, Fate, string]>([
    ['is gone behind its web server', 502, 'down'],
    ['is starting', 503, 'starting'],
    ['hangs behind its web server', 504, 'hangs'],
    ['is redirected', 301, 'other'],
    ['is not served', 404, 'other'],
    ['is HTML', { body: '<html>It works!</html>' }, 'other'],
    ['is other JSON', { body: '{"eventloops": 7}' }, 'other'],
    ['is too much', fails('protocol', { phase: 'body' }), 'other'],
    ['is refused', fails('refused', { phase: 'connect' }), 'down'],
    ['is taken and not answered', fails('timeout', { phase: 'first byte' }), 'hangs'],
    ['comes byte by byte', fails('timeout', { phase: 'body' }), 'hangs'],
  ])('says what a passive one is like that %s', async (_, fate, state) => {
    const ran = await look({ rc2: fate });
    expect(stateOf(ran, 'rc2')).toBe(state);
    expect(ran.alerts).toEqual(['MaasHaRegionNotReady rc2']);
    expect(ran.gaps).toEqual([]);
  });

  test.each(['timeout', 'unreachable'] as const)(
    'calls a node without a way to it unreachable: %s',
    async (code) => {
      const ran = await look({ rc2: fails(code, { phase: 'connect' }) });
      expect(stateOf(ran, 'rc2')).toBe('unreachable');
    },
  );

  it('judges nothing where the region answers at its URL only, and says so', async () => {
    const ran = await look({ rc1: fails('refused'), rc2: fails('refused') });
    expect(ran.alerts).toEqual([]);
    expect(ran.skips[0]).toMatchObject({ code: 'config' });
    expect(ran.values).not.toHaveProperty('maasha_regions_active{}');
  });

  it('counts none where none answers, at the URL neither', async () => {
    const ran = await look({ vip: 500, rc1: 500, rc2: 500 });
    expect(ran.values).toMatchObject({ 'maasha_regions_active{}': 0 });
    expect(ran.alerts).toEqual([]);
  });

  it('calls a channel that cannot be secured a gap, and counts nothing', async () => {
    const ran = await look({ rc2: fails('tls') });
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'rc2 tls',
    ]);
    expect(ran.values).not.toHaveProperty('maasha_regions_active{}');
    expect(ran.values).not.toHaveProperty('maasha_region_two_active{}');
  });
});

describe('region-active of generation 2', () => {
  it('finds several that are active healthy', async () => {
    const ran = await look({}, { generation: 2 });
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toMatchObject({ 'maasha_regions_active{}': 2 });
    expect(ran.values).not.toHaveProperty('maasha_region_two_active{}');
    expect(ran.inapplicable).toContain('maasha_region_two_active{}');
  });

  it('takes one without a database for one that does not work', async () => {
    const ran = await look({ rc2: 500 }, { generation: 2 });
    expect(ran.alerts).toEqual(['MaasHaRegionNotReady rc2']);
  });
});

describe('region-active over TLS', () => {
  const maasUrl = 'https://maas.test:5443/MAAS';
  const now = new FakeClock().now() / 1000;
  const days = (count: number): number => now + count * 86_400;

  it('asks every address by the name of the URL', async () => {
    const ca = new Secret('PEM');
    const ran = await look({}, { generation: 2, maasUrl, maasTls: { ca } });
    expect(ran.asked.map(([url, { tls }]) => [url, tls?.serverName])).toEqual([
      ['https://maas.test:5443/MAAS/rpc/', undefined],
      [`https://${RC1}:5443/MAAS/rpc/`, 'maas.test'],
      [`https://${RC2}:5443/MAAS/rpc/`, 'maas.test'],
    ]);
    for (const [, { tls }] of ran.asked) expect(tls?.ca).toBe(ca);
  });

  test.each([
    [20, []],
    [13, ['MaasHaTlsCertificateExpires']],
    [2, ['MaasHaTlsCertificateExpires', 'MaasHaTlsCertificateExpiresSoon']],
  ])('tells the certificate that ends first: in %i days', async (left, alerts) => {
    const fates = {
      rc1: { certificateExpires: days(90) },
      rc2: { certificateExpires: days(left) },
      vip: { certificateExpires: days(90) },
    };
    const ran = await look(fates, { generation: 2, maasUrl });
    expect(ran.alerts).toEqual(alerts);
    expect(said(ran)).toContain(`rc2 its certificate expires in ${left}d`);
  });

  it('tells one that has ended, although nobody can be asked over it', async () => {
    const ended = fails('tls', { certificateExpires: days(-1), reason: 'CERT_HAS_EXPIRED' });
    const ran = await look({ rc1: ended, rc2: ended, vip: ended }, { generation: 2, maasUrl });
    expect(ran.alerts).toContain('MaasHaTlsCertificateExpiresSoon');
    expect(said(ran)).toContain('expired 1d ago');
    expect(ran.gaps).toHaveLength(2);
  });

  it('has no certificate to tell of over plain HTTP', async () => {
    const ran = await look({ rc2: 500 });
    expect(ran.inapplicable).toContain('maasha_region_certificate_remaining_seconds{}');
  });
});

it('region-active writes an IPv6 address into a URL as one', async () => {
  const nodes = [{ name: 'rc1', address: '2001:db8::32' }];
  const ran = await look({}, { nodes });
  expect(ran.asked.map(([url]) => url)).toContain('http://[2001:db8::32]/MAAS/rpc/');
});
