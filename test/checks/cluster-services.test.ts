import { describe, expect, it, test } from 'vitest';
import check from '../../checks/cluster-services.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { StreamPort, UdpPort } from '../../src/core/ports/exchange.ts';
import type { HttpPort } from '../../src/core/ports/network.ts';
import type { Cluster, ClusterService, Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { abort } from '../../src/protocol/tftp.ts';
import { LOGIN_ANSWER, TARGET, TARGETS_ANSWER } from '../support/iscsi-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { datagrams, streams } from './healthy-answers.ts';
import { healthyPorts } from './healthy.ts';

const cluster = (services: readonly ClusterService[], changes: Partial<Cluster> = {}): Cluster => ({
  name: 'maas4',
  address: '172.31.16.34',
  services,
  ...changes,
});

const one = (service: ClusterService, probes: Cluster['probes'] = {}): Region =>
  region({ clusters: [cluster([service], { probes })] });

const state = (service: string, is: string): Record<string, number> => ({
  [`maasha_cluster_service_state{cluster="maas4",service="${service}",state="${is}"}`]: 1,
});

const fails = (code: FailureCode) => async () => {
  throw new CheckFailure(code, `it is ${code}`);
};

const tftpAnswers = (text: string): UdpPort =>
  datagrams({ TFTP: Buffer.from(text.replaceAll(' ', ''), 'hex') });
const saying = (...answers: readonly Uint8Array[]): StreamPort =>
  streams({ iSCSI: Buffer.concat(answers) });
const page = (body: string, status = 200): HttpPort => ({
  get: async () => ({ status, body, headers: {}, took: seconds(0.01) }),
});

/** A portal's answer with some of its bytes changed. */
function changed(answer: Uint8Array, bytes: Readonly<Record<number, number>>): Uint8Array {
  const copy = Buffer.from(answer);
  for (const [at, byte] of Object.entries(bytes)) copy[Number(at)] = byte;
  return copy;
}

describe('cluster-services', () => {
  it('shows each service that serves, and how long it took', async () => {
    const at = region({ clusters: [cluster(['tftp', 'http', 'iscsi'])] });
    const { values, alerts, gaps } = await runCheck(check, at, healthyPorts());
    expect(values).toMatchObject({
      ...state('tftp', 'serving'),
      ...state('http', 'serving'),
      ...state('iscsi', 'serving'),
      'maasha_cluster_service_up{cluster="maas4",service="tftp"}': 1,
      'maasha_cluster_service_seconds{cluster="maas4",service="iscsi"}': expect.any(
        Number,
      ) as number,
      'maasha_cluster_services_answering{cluster="maas4"}': 3,
      'maasha_clusters_serving{}': 1,
    });
    expect(alerts).toEqual([]);
    expect(gaps).toEqual([]);
  });

  it('does not exist where no cluster has a service that can be asked', () => {
    expect(check.absence?.(region({ clusters: [cluster(['dhcp'])] }))).toMatch(
      /no cluster has any/,
    );
    expect(check.absence?.(region({ clusters: [cluster(['dhcp', 'tftp'])] }))).toBeUndefined();
  });

  test.each<[FailureCode, string]>([
    ['refused', 'refused'],
    ['timeout', 'silent'],
    ['unreachable', 'silent'],
    ['protocol', 'garbled'],
  ])('takes a service that is %s for %s', async (code, is) => {
    const at = region({ clusters: [cluster(['tftp', 'http'])] });
    const ports = healthyPorts({ udp: { ask: fails(code) } });
    const { values, alerts } = await runCheck(check, at, ports);
    expect(values).toMatchObject(state('tftp', is));
    expect(values).not.toHaveProperty([
      'maasha_cluster_service_seconds{cluster="maas4",service="tftp"}',
    ]);
    expect(alerts).toEqual(['MaasHaClusterServiceDown maas4 tftp']);
  });

  test.each<FailureCode>(['no_privilege', 'auth', 'config', 'cancelled', 'internal'])(
    'does not know what it could not ask for (%s)',
    async (code) => {
      const ports = healthyPorts({ udp: { ask: fails(code) } });
      const { values, gaps, alerts } = await runCheck(check, one('tftp'), ports);
      expect(values).toEqual({});
      expect(gaps).toMatchObject([{ subject: 'maas4 tftp', failure: { code } }]);
      expect(alerts).toEqual([]);
    },
  );

  it('says of a single service that is down not that none is left', async () => {
    const ports = healthyPorts({ udp: { ask: fails('refused') } });
    const { alerts, inapplicable } = await runCheck(check, one('tftp'), ports);
    expect(alerts).toEqual(['MaasHaClusterServiceDown maas4 tftp', 'MaasHaNoClusterServes']);
    expect(inapplicable).toEqual(['maasha_cluster_services_answering{cluster="maas4"}']);
  });

  it('tells a cluster that serves nothing from all of them', async () => {
    const other = cluster(['tftp', 'iscsi'], { name: 'maas5', address: '172.31.16.35' });
    const at = region({ clusters: [cluster(['tftp', 'iscsi']), other] });
    const deafAt = (hosts: readonly string[]) => {
      const { udp, stream } = healthyPorts();
      return healthyPorts({
        udp: {
          ask: (to, ...rest) =>
            hosts.includes(to.host) ? fails('timeout')() : udp.ask(to, ...rest),
        },
        stream: {
          talk: (to, ...rest) =>
            hosts.includes(to.host) ? fails('timeout')() : stream.talk(to, ...rest),
        },
      });
    };
    const first = await runCheck(check, at, deafAt(['172.31.16.34']));
    expect(first.alerts).toContain('MaasHaClusterServesNothing maas4');
    expect(first.values).toMatchObject({ 'maasha_clusters_serving{}': 1 });
    const both = await runCheck(check, at, deafAt(['172.31.16.34', '172.31.16.35']));
    expect(both.alerts).toContain('MaasHaNoClusterServes');
  });

  it('does not count a cluster of which a part could not be asked', async () => {
    const at = region({ clusters: [cluster(['tftp', 'iscsi'])] });
    const ports = healthyPorts({ udp: { ask: fails('timeout') }, stream: { talk: fails('auth') } });
    const { values, alerts } = await runCheck(check, at, ports);
    expect(Object.keys(values).join()).not.toMatch(/answering|clusters_serving/);
    expect(alerts).toEqual(['MaasHaClusterServiceDown maas4 tftp']);
  });

  it('takes what never answers for neither there nor gone', async () => {
    const ports = healthyPorts({ udp: { ask: fails('timeout') } });
    const { values, alerts, inapplicable } = await runCheck(check, one('syslog'), ports);
    expect(values).toMatchObject(state('syslog', 'unheard'));
    expect(alerts).toEqual([]);
    expect(inapplicable).toContain('maasha_clusters_serving{}');
  });
});

describe('TFTP', () => {
  test.each([
    ['a block', '0003 0001 50', 'serving', /gives pxelinux\.0/],
    ['no such file', '0005 0001 6e6f 00', 'lacking', /has no file pxelinux\.0: error 1, "no"/],
    ['another error', '0005 0002 6e6f 00', 'lacking', /error 2/],
    ['an empty file', '0003 0001', 'lacking', /is empty/],
    ['another block than the first', '0003 0002 50', 'garbled', /begins with block 2/],
    ['options', '0006 6100 3100', 'garbled', /options/],
    ['noise', 'ffff ffff', 'garbled', /no TFTP answer/],
    [
      'a file that names no image',
      `0003 0001 ${Buffer.from('KERNEL amd64/no-such-image/').toString('hex')}`,
      'lacking',
      /no image here/,
    ],
  ])('that answers %s is as it is', async (_, answer, is, says) => {
    const ports = healthyPorts({ udp: tftpAnswers(answer) });
    const { values, evidence } = await runCheck(check, one('tftp'), ports);
    expect(values).toMatchObject(state('tftp', is));
    expect(evidence[0]?.says).toMatch(says);
  });

  test.each([
    [1, undefined, 'pxelinux.0'],
    [2, undefined, 'lpxelinux.0'],
    [2, 'bootx64.efi', 'bootx64.efi'],
  ] as const)('of generation %i is asked for %s: %s', async (generation, tftpFile, file) => {
    const asked: string[] = [];
    const at = region({
      generation,
      clusters: [cluster(['tftp'], { probes: { ...(tftpFile !== undefined && { tftpFile }) } })],
    });
    const udp: UdpPort = {
      ask: async (to, { bytes, farewell, read }) => {
        asked.push(`${to.host}:${to.port} ${Buffer.from(bytes).toString('latin1')}`);
        const reply = { from: { ...to, port: 40_000 }, bytes: Buffer.from([0, 3, 0, 1, 65]) };
        asked.push(
          Buffer.from(farewell?.(reply) ?? [])
            .toString('hex')
            .slice(0, 8),
        );
        const result = read(reply);
        if (result === undefined) throw new Error('a block is an answer');
        return result;
      },
    };
    await runCheck(check, at, healthyPorts({ udp }));
    expect(asked).toEqual([`172.31.16.34:69 \0\u0001${file}\0octet\0`, '00050000']);
  });

  it('is not told to stop what it does not do', async () => {
    let farewells = 0;
    const udp: UdpPort = {
      ask: async (to, { farewell, read }) => {
        const reply = { from: to, bytes: abort('no') };
        if (farewell?.(reply) !== undefined) farewells += 1;
        return read(reply) ?? fails('timeout')();
      },
    };
    await runCheck(check, one('tftp'), healthyPorts({ udp }));
    expect(farewells).toBe(0);
  });
});

describe('boot HTTP', () => {
  const LISTING = '<title>Index of /x</title><a href="?C=N">Name</a><a href="/">Parent</a>';
  test.each([
    ['a page', undefined, page('{}'), 'serving'],
    [
      'a listing with something in it',
      undefined,
      page(`${LISTING}<a href="ubuntu/">u</a>`),
      'serving',
    ],
    ['a listing with nothing in it', undefined, page(LISTING), 'lacking'],
    ['an empty page', undefined, page(' \n'), 'lacking'],
    ['a directory that may not be listed', undefined, page('', 403), 'serving'],
    ['a directory that lies elsewhere', undefined, page('', 404), 'serving'],
    ['an error', undefined, page('', 502), 'lacking'],
    ['a page that was named and is not there', 'http://x/y', page('', 404), 'lacking'],
    ['a page that was named and is forbidden', 'http://x/y', page('', 403), 'lacking'],
    ['a redirect', 'http://x/y', page('', 302), 'lacking'],
  ])('with %s is as it is', async (_, bootUrl, http, is) => {
    const at = one('http', bootUrl === undefined ? {} : { bootUrl });
    const { values } = await runCheck(check, at, healthyPorts({ http }));
    expect(values).toMatchObject(state('http', is));
  });

  test.each([
    [1, '172.31.16.34', 'http://172.31.16.34/MAAS/static/images/'],
    [2, '2001:db8::34', 'http://[2001:db8::34]:5248/images/'],
  ] as const)('of generation %i at %s is asked at %s', async (generation, address, url) => {
    const asked: string[] = [];
    const http: HttpPort = {
      get: async (given, options) => {
        asked.push(given);
        return page('x').get(given, options);
      },
    };
    const at = region({ generation, clusters: [cluster(['http'], { address })] });
    await runCheck(check, at, healthyPorts({ http }));
    expect(asked).toEqual([url]);
  });
});

describe('iSCSI', () => {
  const NO_TARGETS = changed(TARGETS_ANSWER.subarray(0, 48), { 7: 0 });
  const more = changed(TARGETS_ANSWER, { 1: 0x40 });
  const another = Buffer.concat([TARGETS_ANSWER.subarray(0, 48), Buffer.from('TargetName=b')]);
  another[7] = 12;
  test.each([
    ['a target', [LOGIN_ANSWER, TARGETS_ANSWER], undefined, 'serving'],
    ['the one that is wanted', [LOGIN_ANSWER, TARGETS_ANSWER], TARGET, 'serving'],
    ['another than is wanted', [LOGIN_ANSWER, TARGETS_ANSWER], 'iqn.other', 'lacking'],
    ['none', [LOGIN_ANSWER, NO_TARGETS], undefined, 'lacking'],
    ['two, in two parts', [LOGIN_ANSWER, more, another], 'b', 'serving'],
    [
      'some after another turn',
      [changed(LOGIN_ANSWER, { 1: 4 }), LOGIN_ANSWER, TARGETS_ANSWER],
      TARGET,
      'serving',
    ],
    ['nothing, for want of means', [changed(LOGIN_ANSWER, { 36: 3, 37: 1 })], undefined, 'lacking'],
    ['another portal', [changed(LOGIN_ANSWER, { 36: 1 })], undefined, 'garbled'],
    ['no way in', [changed(LOGIN_ANSWER, { 36: 2, 37: 0 })], undefined, 'garbled'],
    ['a rejection', [changed(LOGIN_ANSWER, { 0: 0x3f })], undefined, 'garbled'],
    [
      'no end',
      Array.from({ length: 100 }, () => changed(LOGIN_ANSWER, { 1: 4 })),
      undefined,
      'garbled',
    ],
    ['noise', [Buffer.from('SSH-2.0')], undefined, 'garbled'],
    ['half an answer', [LOGIN_ANSWER.subarray(0, 60)], undefined, 'silent'],
  ])('that offers %s is as it is', async (_, answers, iscsiTarget, is) => {
    const at = one('iscsi', iscsiTarget === undefined ? {} : { iscsiTarget });
    const { values } = await runCheck(check, at, healthyPorts({ stream: saying(...answers) }));
    expect(values).toMatchObject(state('iscsi', is));
  });

  it('that wants a password is a gap: what it offers is not known', async () => {
    const stream = saying(changed(LOGIN_ANSWER, { 36: 2, 37: 1 }));
    const { gaps } = await runCheck(check, one('iscsi'), healthyPorts({ stream }));
    expect(gaps).toMatchObject([{ failure: { code: 'auth' } }]);
  });
});
