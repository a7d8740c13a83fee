import { createHmac } from 'node:crypto';
import { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import type { ArpPort } from '../../src/core/ports/arp.ts';
import type { DnsPort, DnsReply } from '../../src/core/ports/dns.ts';
import type { HttpPort, IcmpPort } from '../../src/core/ports/network.ts';
import type { PcpPort } from '../../src/core/ports/pcp.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import { seconds } from '../../src/core/time.ts';
import { dhcpServers } from '../support/dhcp-answers.ts';
import { healthy as pgpools, type Told } from '../support/pgpool.ts';
import { fakePorts } from '../support/ports.ts';
import { cluster, primary, standby } from '../support/postgres-answers.ts';
import { throughVip } from '../support/postgres-vip-answers.ts';
import { datagrams, facts, streams } from './healthy-answers.ts';
import { CLUSTER, KEY, RC1, RC2, UUID_4 } from './healthy-region.ts';

/* A whole region in which all is well, behind ports that a test may exchange one by one. */

type Loops = Readonly<Record<string, readonly (readonly [host: string, port: number])[]>>;
export const LOOPS: Loops = { 'rc1:pid=10': [[RC1, 5250]], 'rc2:pid=20': [[RC2, 5250]] };

export const advertising = (eventloops: Loops | null): HttpPort => ({
  get: async (url) => ({
    headers: {},
    ...page(new URL(url), eventloops),
    took: seconds(0.02),
  }),
});

const nodeAt = (host: string): string => (host === RC2 ? 'rc2' : 'rc1');

const ok = (body: string) => ({ status: 200, body });
const json = (value: unknown) => ok(JSON.stringify(value));

/** What everybody answers, by path. */
const PAGES: Readonly<Record<string, ReturnType<typeof ok>>> = {
  '/maasha.txt': ok('a small object'),
  '/MAAS/static/images/': ok('<title>Index of it</title><a href="ubuntu/">ubuntu/</a>'),
  '/images/': ok('<title>Index of it</title><a href="ubuntu/">ubuntu/</a>'),
  '/server-status': ok('ServerUptimeSeconds: 600\n'),
  '/MAAS/api/1.0/version/': json({ version: '1.9.5' }),
  '/MAAS/api/2.0/version/': json({ version: '3.5.1' }),
  '/MAAS/api/1.0/nodegroups/': json([
    { uuid: UUID_4, status: 1, name: 'maas4', cluster_name: 'maas4' },
  ]),
  '/MAAS/api/1.0/pxeconfig/': json({ label: 'release' }),
};

/** What squid says to whoever takes it for a web server. */
const ASKED_ITSELF = {
  status: 400,
  body: '',
  headers: { server: 'squid/5.7', 'x-squid-error': 'ERR_INVALID_URL 0' },
};

/** rc1 is the active one: the region of rc2 has no database, as it should be in generation 1. */
function page({ pathname, hostname, port }: URL, eventloops: Loops | null) {
  if (port === '8000') return ASKED_ITSELF;
  const withDatabase = {
    '/MAAS/accounts/login/': ok('<title>Login | MAAS</title>'),
    '/MAAS/rpc/': json({ eventloops }),
  }[pathname];
  if (withDatabase !== undefined)
    return hostname === RC2 ? { status: 500, body: '' } : withDatabase;
  if (pathname === '/node') return ok(nodeAt(hostname));
  return PAGES[pathname] ?? { status: 404, body: '' };
}

/** A wire on which each node answers for its own address, and rc1 for the virtual one. */
const wire: ArpPort = {
  whoHas: async (address) => ({
    macs: [`02:00:ac:1f:10:${address === RC2 ? '21' : '20'}`],
    own: false,
  }),
};

const salt = new Uint8Array(16);
/** Event loops that prove that they hold the secret, except where `fate` has a failure. */
export const loops = (
  fate: (host: string) => CheckFailure | undefined = () => undefined,
): AmpPort => ({
  greet: async ({ host }) => {
    const failure = fate(host);
    if (failure !== undefined) throw failure;
    return {
      greeting: { asked: 'Identify', took: seconds(0.01) },
      authenticate: async (message) => {
        const digest = createHmac('sha256', Buffer.from(KEY, 'hex')).update(message).update(salt);
        return { digest: digest.digest(), salt, took: seconds(0.01) };
      },
    };
  },
});

/** Answers `received` of all echo requests, or all of them. */
export const echoes = (received?: number): IcmpPort => ({
  ping: async (_, { count }) => {
    const roundTrips = [0.001, 0.002, 0.003].slice(0, received ?? count).map(seconds);
    return { method: 'raw', sent: count, received: roundTrips.length, roundTrips };
  },
});

const reply = (changes: Partial<DnsReply>): DnsReply => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: [],
  transport: 'udp',
  took: seconds(0.002),
  ...changes,
});
const timer = seconds(600);

/** Every server with every zone, by default in the same version; `fate` says otherwise: an rcode, or a failure. */
export const zones = (
  fate: (host: string, zone: string) => string | CheckFailure | undefined = () => undefined,
  serial: (host: string) => number = () => 102,
): DnsPort => ({
  query: async ({ host }, { name, type }) => {
    if (type === 'TXT') return reply({ answers: [{ type, name, text: 'rc1' }] });
    if (type === 'A') return reply({ answers: [{ type, name, address: '192.0.2.80' }] });
    const other = fate(host, name);
    if (other instanceof CheckFailure) throw other;
    if (other !== undefined) return reply({ rcode: other, authoritative: false });
    const times = { refresh: timer, retry: timer, expire: timer, minimum: timer };
    const soa = { primary: name, mailbox: name, serial: serial(host), ...times };
    return reply({ answers: [{ type: 'SOA', name, soa }] });
  },
  transfer: async ({ host }) => ({
    serial: serial(host),
    records: 3,
    digest: 'the same everywhere',
    octets: 200,
    took: seconds(0.002),
  }),
});

const give = async <T>(told: T | CheckFailure): Promise<T> => {
  if (told instanceof CheckFailure) throw told;
  return told;
};

/** The pgpools of both nodes, as they tell. */
export const pcp = (told: Readonly<Record<'rc1' | 'rc2', Told>> = pgpools): PcpPort => ({
  login: async ({ host }) => {
    const of = told[host === RC1 ? 'rc1' : 'rc2'];
    if (of.login !== undefined) throw of.login;
    return {
      took: seconds(0.01),
      nodeCount: async () => 2,
      watchdogInfo: () => give(of.watchdog),
      nodeInfo: () => give(of.backends),
    };
  },
});

export const healthyPorts = (changes: Partial<Ports> = {}): Ports =>
  fakePorts({
    icmp: echoes(),
    tcp: { connect: async () => ({ took: seconds(0.003) }) },
    http: advertising(LOOPS),
    dns: zones(),
    pcp: pcp(),
    postgres: throughVip(cluster(primary(), standby()).port),
    amp: loops(),
    arp: wire,
    facts: facts(),
    stream: streams(),
    udp: datagrams(),
    dhcp: dhcpServers({ eth1: [{ address: CLUSTER, dns: [RC1, RC2] }] }),
    monitor: {
      facts: () => ({
        checks: [{ check: 'vip', region: 'maas3' }],
        delivery: [{ channel: 'slack', failing: false, dead: 0 }],
        store: { durable: true },
        clock: { jumps: [] },
        config: { rejected: false, problems: [] },
        alertPath: [{ channel: 'slack', through: [], unresolved: [], hidden: [] }],
        deadMan: { every: seconds(60), silent: seconds(5) },
      }),
    },
    ...changes,
  });

/** The same ports, except that every question to (or about) this host comes to a failure. */
export function blindAt(host: string, code: CheckFailure['code'], ports = healthyPorts()): Ports {
  const { monitor, ...others } = ports;
  const blind = (port: object): object =>
    new Proxy(port, {
      get:
        (target, call) =>
        async (first: unknown, ...rest: readonly unknown[]) => {
          // A function has no JSON.
          if (((JSON.stringify(first) as string | undefined) ?? '').includes(host))
            throw new CheckFailure(code, `it is ${code}`);
          const method = Reflect.get(target, call) as (...given: readonly unknown[]) => unknown;
          return method(first, ...rest);
        },
    });
  const all = Object.entries(others).map(([name, port]) => [name, blind(port)] as const);
  return { ...(Object.fromEntries(all) as unknown as typeof others), monitor };
}

/** Ports on which every question comes to the same failure. */
export const failingPorts = (code: CheckFailure['code']): Ports => {
  const fails = (): never => {
    throw new CheckFailure(code, `it is ${code}`);
  };
  const port: never = new Proxy({}, { get: () => async () => fails() }) as never;
  return {
    icmp: port,
    tcp: port,
    http: port,
    dns: port,
    pcp: port,
    postgres: port,
    walsender: port,
    canary: port,
    amp: port,
    arp: port,
    udp: port,
    stream: port,
    dhcp: port,
    facts: port,
    monitor: { facts: fails },
  };
};
