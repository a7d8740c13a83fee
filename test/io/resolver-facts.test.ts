import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { resolverFacts } from '../../src/io/resolver-facts.ts';
import { FakeClock } from '../support/clock.ts';
import { deferred } from '../support/deferred.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-resolver-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** Everything that belongs to the real host, replaced. */
const sources = (changes: Partial<Parameters<typeof resolverFacts>[2]> = {}) => ({
  environment: {},
  resolvConf: write('usual', 'nameserver 192.0.2.53\n'),
  upstream: join(folder, 'none'),
  resolve: async () => ['192.0.2.7'],
  ...changes,
});

const surroundings = async (changes: Partial<Parameters<typeof resolverFacts>[2]>) =>
  (await resolverFacts([], systemClock, sources(changes))).surroundings;

describe('name servers', () => {
  test.each([
    { why: 'as they stand there', listed: ['192.0.2.1'], behind: [], asks: ['192.0.2.1'], via: [] },
    {
      why: 'those behind systemd-resolved, where it says them',
      listed: ['127.0.0.53'],
      behind: ['192.0.2.1', '192.0.2.2'],
      asks: ['192.0.2.1', '192.0.2.2'],
      via: [],
    },
    {
      why: 'nobody behind systemd-resolved, where it does not say',
      listed: ['127.0.0.53'],
      behind: [],
      asks: [],
      via: ['127.0.0.53'],
    },
    {
      why: 'another forwarder on this host is not systemd-resolved',
      listed: ['127.0.0.1', '192.0.2.1'],
      behind: ['192.0.2.2'],
      asks: ['192.0.2.1'],
      via: ['127.0.0.1'],
    },
    {
      why: 'one on this host where none is named',
      listed: [],
      behind: [],
      asks: [],
      via: ['127.0.0.1'],
    },
  ])('$why', async ({ listed, behind, asks, via }) => {
    const text = (servers: readonly string[]) =>
      servers.map((each) => `nameserver ${each}\n`).join('');
    const found = await surroundings({
      resolvConf: write('resolv.conf', text(listed)),
      upstream: write('upstream', text(behind)),
    });
    expect(found).toMatchObject({ nameservers: asks, forwarders: via });
  });

  it('does without the files', async () => {
    const found = await surroundings({ resolvConf: join(folder, 'none') });
    expect(found).toMatchObject({ nameservers: [], forwarders: ['127.0.0.1'] });
  });
});

describe('proxies', () => {
  it('are found in either spelling, without the account, and resolved', async () => {
    const found = await surroundings({
      environment: {
        HTTP_PROXY: 'http://192.0.2.1:3128',
        https_proxy: 'http://someone:pr0xy-secret@proxy.lab:8000/',
        HTTPS_PROXY: 'http://not.this:1',
        all_proxy: 'proxy.lab:8000',
        no_proxy: 'localhost',
      },
    });
    expect(found.proxies.map(({ variable, at }) => [variable, at.host, at.addresses])).toEqual([
      ['HTTP_PROXY', '192.0.2.1', ['192.0.2.7']],
      ['https_proxy', 'proxy.lab', ['192.0.2.7']],
      ['all_proxy', 'proxy.lab', ['192.0.2.7']],
    ]);
    expect(found.noProxy).toBe('localhost');
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('are not there when the variable is empty or no URL', async () => {
    const found = await surroundings({ environment: { http_proxy: '', https_proxy: 'http://[' } });
    expect(found.proxies).toEqual([]);
  });
});

describe('names', () => {
  it('are resolved by the system: this host knows itself', async () => {
    const { hosts } = await resolverFacts(['localhost', '127.0.0.9'], systemClock, {
      environment: {},
    });
    expect(hosts[0]?.addresses.join()).toMatch(/127\.0\.0\.1|::1/);
    expect(hosts[1]).toEqual({ host: '127.0.0.9', addresses: ['127.0.0.9'] });
  });

  it('that a real server knows, and those that it does not', async () => {
    const server = createSocket('udp4');
    server.on('message', (message, { port, address }) => {
      const { id, questions = [] } = decode(message);
      const [question] = questions;
      const known = question?.name === 'known.lab';
      const answers = [{ type: 'A' as const, name: 'known.lab', ttl: 1, data: '192.0.2.8' }];
      const flags = known ? 0 : 3;
      server.send(
        encode({ type: 'response', id: id ?? 0, flags, questions, answers: known ? answers : [] }),
        port,
        address,
      );
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    try {
      const { hosts } = await resolverFacts(
        ['known.lab', 'strange.lab', 'known.lab'],
        systemClock,
        sources({ resolve: (host) => resolver.resolve4(host) }),
      );
      expect(hosts).toEqual([
        { host: 'known.lab', addresses: ['192.0.2.8'] },
        { host: 'strange.lab', addresses: [] },
      ]);
    } finally {
      server.close();
    }
  });

  it('that hang are given up together, and only one is asked at a time', async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const hanging = deferred<string[]>();
    const running = resolverFacts(
      ['quick.lab', 'slow.lab', 'later.lab'],
      clock,
      sources({
        resolve: (host) => {
          asked.push(host);
          return host === 'quick.lab' ? Promise.resolve(['192.0.2.7']) : hanging.promise;
        },
      }),
    );
    while (asked.length < 2) await Promise.resolve();
    clock.advance(10);
    const { hosts } = await running;
    expect(asked).toEqual(['quick.lab', 'slow.lab']);
    expect(hosts.map(({ addresses }) => addresses)).toEqual([['192.0.2.7'], [], []]);
    hanging.resolve(['192.0.2.9']);
    await Promise.resolve();
    expect(hosts[1]?.addresses).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
