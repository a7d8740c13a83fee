import { createHmac } from 'node:crypto';
import { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import type { ArpPort } from '../../src/core/ports/arp.ts';
import type { DnsPort, DnsReply } from '../../src/core/ports/dns.ts';
import type { HttpPort, IcmpPort } from '../../src/core/ports/network.ts';
import type { PcpPort } from '../../src/core/ports/pcp.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { SECOND_DATABASE } from '../support/maas-answers.ts';
import { healthy as pgpools, type Told } from '../support/pgpool.ts';
import { fakePorts } from '../support/ports.ts';
import { cluster, primary, standby } from '../support/postgres-answers.ts';
import { throughVip } from '../support/postgres-vip-answers.ts';
import { region } from '../support/region.ts';

/* A whole region in which all is well, behind ports that a test may exchange one by one. */

const KEY = '00112233445566778899aabbccddeeff';

/** Every section is there, so that no check may skip instead of looking. */
export const wholeRegion = (changes: Partial<Region> = {}): Region =>
  region({
    proxy: { ports: [8000] },
    interface: 'eth0',
    alsoVips: ['2001:db8::39'],
    marker: { port: 80, path: '/node' },
    rpc: { secret: new Secret(KEY), interval: seconds(60) },
    dns: {
      masterPort: 5353,
      slavePort: 53,
      zones: ['maas3', '16.31.172.in-addr.arpa'],
      outsideName: 'www.example.org',
      transfer: true,
    },
    ...changes,
  });

/** The same of MAAS 2.0 and later, for checks that do not exist in a region of 1.x. */
export const secondRegion = (): Region =>
  wholeRegion({
    generation: 2,
    postgres: { port: 5432, user: 'maasha', database: SECOND_DATABASE },
  });

export const [RC1, RC2, VIP] = ['172.31.16.32', '172.31.16.33', '172.31.16.39'] as const;
type Loops = Readonly<Record<string, readonly (readonly [host: string, port: number])[]>>;
export const LOOPS: Loops = { 'rc1:pid=10': [[RC1, 5250]], 'rc2:pid=20': [[RC2, 5250]] };

export const advertising = (eventloops: Loops | null): HttpPort => ({
  get: async (url) => ({
    ...page(new URL(url), eventloops),
    headers: {},
    took: seconds(0.02),
  }),
});

const nodeAt = (host: string): string => (host === RC2 ? 'rc2' : 'rc1');

/** rc1 is the active one: the region of rc2 has no database, as it should be in generation 1. */
function page({ pathname, hostname }: URL, eventloops: Loops | null) {
  const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value) });
  switch (pathname) {
    case '/node':
      return { status: 200, body: nodeAt(hostname) };
    case '/MAAS/rpc/':
      return hostname === RC2 ? { status: 500, body: '' } : json({ eventloops });
    case '/MAAS/api/1.0/version/':
      return json({ version: '1.9.5' });
    case '/MAAS/api/1.0/nodegroups/':
      return json([{ uuid: 'u-4', status: 1, name: 'maas4', cluster_name: 'maas4' }]);
    case '/MAAS/api/1.0/pxeconfig/':
      return json({ label: 'release' });
    default:
      return { status: 404, body: '' };
  }
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
          if (JSON.stringify(first).includes(host)) throw new CheckFailure(code, `it is ${code}`);
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
    monitor: { facts: fails },
  };
};
