import { afterEach, beforeEach } from 'vitest';
import check from '../../checks/dns-serial.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import type { Region } from '../../src/core/region.ts';
import { systemClock } from '../../src/io/clock.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

/* A DNS master and two slaves of this process, for the tests of `dns-serial`; new ones for each test. */

export const ZONES = ['maas3', '16.31.172.in-addr.arpa'];

export let servers: { vip: SimDnsServer; rc1: SimDnsServer; rc2: SimDnsServer };
export let sockets: DnsSockets;

/** The region's addresses as the servers of this process, which all have one address. */
const byAddress = (host: string): keyof typeof servers =>
  host.endsWith('.39') || host.endsWith('::39') ? 'vip' : host.endsWith('.32') ? 'rc1' : 'rc2';

const start = async (): Promise<SimDnsServer> => {
  const server = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  for (const zone of ZONES) server.zones.set(zone, { serial: 102 });
  return server;
};

beforeEach(async () => {
  sockets = new DnsSockets();
  servers = { vip: await start(), rc1: await start(), rc2: await start() };
});

afterEach(async () => {
  sockets.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

/** Looks once; a server, or a zone at a server, may fail instead of answering. */
export const look = (
  context: Partial<CheckContext> = {},
  failing: Record<string, FailureCode> = {},
  target: Region = region(),
) =>
  inRun((scope) => {
    const port = sockets.port(scope);
    const query: DnsPort['query'] = async (to, question, options) => {
      const name = byAddress(to.host);
      const code = failing[name] ?? failing[`${name} ${question.name}`];
      if (code !== undefined) throw new CheckFailure(code, `${name}: ${code}`);
      return port.query(servers[name].endpoint, question, options);
    };
    return runCheck(check, target, fakePorts({ dns: { ...port, query } }), {
      clock: systemClock,
      ...context,
    });
  });

export const set = (server: keyof typeof servers, serial: number, zone = 'maas3'): void => {
  servers[server].zones.set(zone, { serial });
};
