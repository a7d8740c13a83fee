import { describe, expect, it, test } from 'vitest';
import { ntp } from '../../../src/analysis/cluster-services/ntp.ts';
import { omapi } from '../../../src/analysis/cluster-services/omapi.ts';
import type { Served } from '../../../src/analysis/cluster-services/service.ts';
import { syslog } from '../../../src/analysis/cluster-services/syslog.ts';
import { CheckFailure, type FailureCode } from '../../../src/core/failure.ts';
import type { Endpoint } from '../../../src/core/ports/network.ts';
import type { Ports } from '../../../src/core/ports/ports.ts';
import type { Cluster } from '../../../src/core/region.ts';
import { fakePorts } from '../../support/ports.ts';
import { region } from '../../support/region.ts';

const cluster = (probes: Cluster['probes'] = {}): Cluster => ({
  name: 'maas4',
  address: '172.31.16.34',
  services: [],
  probes,
});

const asked: Endpoint[] = [];
const fails = (code: FailureCode) => (to: Endpoint) => {
  asked.push(to);
  return Promise.reject(new CheckFailure(code, code));
};
const look = (
  service: typeof ntp,
  ports: Partial<Ports>,
  probes?: Cluster['probes'],
): Promise<Served> => {
  asked.length = 0;
  return service.look(fakePorts(ports), cluster(probes), region());
};

describe('OMAPI', () => {
  const greeting = (bytes: Uint8Array): Pick<Ports, 'stream'> => ({
    stream: {
      talk: async (to, { opening, step }) => {
        asked.push(to);
        expect(opening).toBeUndefined();
        const result = step(bytes)?.result;
        if (result === undefined) throw new CheckFailure('timeout', 'nothing');
        return result;
      },
    },
  });
  const WELL = Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 24);

  it('listens to what dhcpd says first, at its usual port or the one that is configured', async () => {
    expect((await look(omapi, greeting(WELL))).says).toMatch(/version 100/);
    expect(asked).toEqual([{ host: '172.31.16.34', port: 7911 }]);
    await look(omapi, greeting(WELL), { omapiPort: 7912 });
    expect(asked).toEqual([{ host: '172.31.16.34', port: 7912 }]);
  });

  it('does not take other words for it', async () => {
    const ssh = new TextEncoder().encode('SSH-2.0-OpenSSH');
    await expect(look(omapi, greeting(ssh))).rejects.toMatchObject({ code: 'protocol' });
  });
});

describe('NTP', () => {
  /** A server that repeats the time of whoever asks, from this port. */
  const server = (
    flags: number,
    stratum: number,
    port = 123,
    reference = '',
  ): Pick<Ports, 'udp'> => ({
    udp: {
      ask: async ({ host }, { bytes, read }) => {
        const answer = new Uint8Array(48);
        answer.set([flags, stratum]);
        answer.set(new TextEncoder().encode(reference), 12);
        answer.set(bytes.subarray(40, 48), 24);
        const result = read({ from: { host, port }, bytes: answer });
        if (result === undefined) throw new CheckFailure('timeout', 'nothing');
        return result;
      },
    },
  });

  test.each<[string, Pick<Ports, 'udp'>, Partial<Served>]>([
    ['has the time', server(0x24, 3), { says: 'has the time, at stratum 3' }],
    ['is not synchronised', server(0xe4, 0), { lacks: true }],
    [
      'does not want to be asked',
      server(0xe4, 0, 123, 'RATE'),
      { says: expect.stringContaining('RATE') as string },
    ],
  ])('%s', async (_, ports, expected) => {
    const served = await look(ntp, ports);
    expect(served).toMatchObject(expected);
    expect(served.lacks).toBe(expected.lacks);
  });

  it('answers from its own port alone', async () => {
    await expect(look(ntp, server(0x24, 3, 40_000))).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('syslog', () => {
  it('is connected to over TCP where its port is configured', async () => {
    const tcp = {
      connect: (to: Endpoint) => Promise.resolve({ took: 0 as never, to: asked.push(to) }),
    };
    expect(await look(syslog, { tcp }, { syslogTcpPort: 5247 })).toEqual({
      says: 'accepts connections at port 5247',
    });
    expect(asked).toEqual([{ host: '172.31.16.34', port: 5247 }]);
    const closed = look(syslog, { tcp: { connect: fails('refused') } }, { syslogTcpPort: 514 });
    await expect(closed).rejects.toMatchObject({ code: 'refused' });
  });

  it('is not known over UDP where nothing is heard: neither there nor gone', async () => {
    expect(await look(syslog, { udp: { ask: fails('timeout') } })).toMatchObject({ unheard: true });
    expect(asked).toEqual([{ host: '172.31.16.34', port: 514 }]);
  });

  it('is gone over UDP where the host says so', async () => {
    const gone = look(syslog, { udp: { ask: fails('refused') } });
    await expect(gone).rejects.toMatchObject({ code: 'refused' });
  });

  it('is sent nothing that anybody would find in a log', async () => {
    const sizes: number[] = [];
    const udp: Ports['udp'] = {
      ask: (_, { bytes }) => {
        sizes.push(bytes.length);
        return Promise.reject(new CheckFailure('timeout', ''));
      },
    };
    await look(syslog, { udp });
    expect(sizes).toEqual([0]);
  });
});
