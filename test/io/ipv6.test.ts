import { once } from 'node:events';
import { createServer as httpServer } from 'node:http';
import { createServer as httpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFailure } from '../../src/core/failure.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { openWorld } from '../../src/io/world.ts';
import { pingBySystem } from '../../src/io/icmp-ping8.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { tcpServer, type Running } from '../sim/listener.ts';
import { pcpServer, simBackend } from '../sim/pcp-server.ts';
import { eventLoopServer } from '../sim/region-server.ts';
import { configure, createRoles, initialise, writeIn } from '../support/postgres-cluster.ts';
import {
  endServer,
  openWorkshop,
  startServer,
  type Postmaster,
  type Workshop,
} from '../support/postgres-process.ts';
import { inRun } from '../support/run-scope.ts';
import { issue } from '../support/smtp-certificate.ts';

/* Every port against a real listener on ::1. */

const HOST = '::1';
const LIMIT = { timeout: seconds(5) };

const world = openWorld(systemClock, { keepPostgres: false });
afterAll(() => world.close());

/** One run with the ports of the real world. */
async function look<T>(work: (ports: Ports) => Promise<T>): Promise<T> {
  const { ports, leave } = world.enter(new AbortController().signal);
  try {
    return await work(ports);
  } finally {
    leave();
  }
}

const listen = async (server: Server): Promise<number> => {
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** A port of ::1 on which nobody listens at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

const closing: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
const running = async (starting: Promise<Running>): Promise<Running> => {
  const made = await starting;
  closing.push(() => made.close());
  return made;
};

const has6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === HOST);

describe.skipIf(!has6)('over IPv6', () => {
  it('a TCP connection stands, and a closed port refuses', async () => {
    const { port } = await running(tcpServer({ host: HOST, port: 0 }, (socket) => socket.end()));
    const { took } = await look(({ tcp }) => tcp.connect({ host: HOST, port }, LIMIT));
    expect(took).toBeGreaterThan(0);
    const closed = { host: HOST, port: await freePort() };
    const why = await look(({ tcp }) => tcp.connect(closed, LIMIT)).catch(toFailure);
    expect(why).toMatchObject({ code: 'refused' });
  });

  it('HTTP is asked at a URL with brackets, and says so in the Host header', async () => {
    const server = httpServer((request, response) => {
      response.end(JSON.stringify([request.url, request.headers.host]));
    });
    closing.push(() => void server.close());
    const port = await listen(server);
    const url = `http://[::1]:${port}/MAAS/rpc/`;
    const reply = await look(({ http }) => http.get(url, LIMIT));
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual(['/MAAS/rpc/', `[::1]:${port}`]);
  });

  it('HTTPS accepts a certificate for the address, and no other', async () => {
    const authority = issue({ name: 'Test CA' });
    const good = issue({ name: 'maas', hosts: [HOST], by: authority });
    const bad = issue({ name: 'maas', hosts: ['::2'], by: authority });
    const ask = async ({ cert, key }: typeof good) => {
      const server = httpsServer({ cert, key }, (_, response) => response.end('well'));
      closing.push(() => void server.close());
      const url = `https://[::1]:${await listen(server)}/MAAS/`;
      const tls = { ca: new Secret(authority.cert) };
      return look(({ http }) => http.get(url, { ...LIMIT, tls })).catch(toFailure);
    };
    expect(await ask(good)).toMatchObject({ status: 200, body: 'well' });
    expect(await ask(bad)).toMatchObject({ code: 'tls' });
  });

  it.each(['udp', 'tcp'] as const)('a DNS server is asked over %s', async (transport) => {
    const server = await SimDnsServer.start({ host: HOST, port: 0 });
    closing.push(() => server.close());
    server.zones.set('maas3', { serial: 102 });
    const question = { name: 'maas3', type: 'SOA' } as const;
    const reply = await look(({ dns }) =>
      dns.query(server.endpoint, question, { ...LIMIT, transport }),
    );
    expect(reply).toMatchObject({ transport, authoritative: true, answers: [{ type: 'SOA' }] });
    expect(server.asked).toEqual([`${transport} maas3 SOA`]);
  });

  it('a DNS server that is not there refuses at once', async () => {
    const closed = { host: HOST, port: await freePort() };
    const question = { name: 'maas3', type: 'SOA' } as const;
    const why = await look(({ dns }) => dns.query(closed, question, LIMIT)).catch(toFailure);
    expect(why).toMatchObject({ code: 'refused' });
  });

  it('pgpool is asked over PCP, and its IPv6 hosts are read', async () => {
    const { port } = await running(
      pcpServer({
        user: 'root',
        password: 'lab-pcp',
        mode: 'well',
        version: '4.3',
        watchdog: {
          leader: '2001:db8::32',
          quorum: 1,
          escalated: true,
          aliveRemotes: 0,
          members: [{ id: 0, host: '2001:db8::32', state: 4, delegateIp: '2001:db8::39' }],
        },
        backends: [simBackend('2001:db8::32', { role: 2, pgRole: 'primary' })],
      }).start({ host: HOST, port: 0 }),
    );
    const account = { host: HOST, port, user: 'root', password: new Secret('lab-pcp') };
    const seen = await look(async ({ pcp }) => {
      const session = await pcp.login(account, LIMIT);
      return [await session.watchdogInfo(LIMIT), await session.nodeInfo(LIMIT)];
    });
    expect(seen).toMatchObject([
      { leaderHost: '2001:db8::32', peers: [{ host: '2001:db8::32', state: 'leader' }] },
      [{ host: '2001:db8::32', role: 'primary', state: 'up' }],
    ]);
  });

  it('an event loop of the region is greeted', async () => {
    const secret = '00112233445566778899aabbccddeeff';
    const loop = { generation: 2, secret, mode: 'well', heard: [] } as const;
    const { port } = await running(
      eventLoopServer({ ...loop, heard: [] }).start({ host: HOST, port: 0 }),
    );
    const asked = await look(async ({ amp }) => {
      const { greeting } = await amp.greet({ host: HOST, port }, LIMIT);
      return greeting.asked;
    });
    expect(asked).toBe('Authenticate');
  });

  it('an echo comes back, from a raw socket or from ping(8), in whatever way the address is written', async () => {
    const options = { count: 2, interval: seconds(0.2), timeout: seconds(1) };
    for (const address of ['::1', '0:0:0:0:0:0:0:1']) {
      const report = await look(({ icmp }) => icmp.ping(address, options)).catch(toFailure);
      if ('code' in report) expect(report.code).toBe('no_privilege');
      else expect(report).toMatchObject({ sent: 2, received: 2 });
    }
    const system = await inRun((scope) => pingBySystem(scope, 'ping', HOST, options)).catch(
      toFailure,
    );
    if ('code' in system) expect(system.code).toBe('no_privilege');
    else expect(system).toMatchObject({ method: 'ping', sent: 2, received: 2 });
  });

  it('ARP is of IPv4 alone, and says so', async () => {
    const why = await look(({ arp }) => arp.whoHas(HOST, { ...LIMIT, interface: 'lo' })).catch(
      toFailure,
    );
    expect(why).toMatchObject({ code: 'config' });
  });
});

describe.skipIf(!has6)('a real PostgreSQL over IPv6', () => {
  let workshop: Workshop;
  let postmaster: Postmaster | undefined;
  let port = 0;

  beforeAll(async () => {
    workshop = await openWorkshop();
    port = await freePort();
    const data = join(workshop.directory, 'six');
    await initialise(workshop, data);
    const place = { host: HOST, port };
    const settings = { listen: place, upstream: place, name: 'six', password: 'x', files: {} };
    await configure(workshop, data, { ...settings, more: {} });
    await createRoles(workshop, data, { superuser: 'x', monitor: 'pg-secret' });
    await writeIn(workshop, join(data, 'pg_hba.conf'), 'host all all ::1/128 scram-sha-256\n');
    postmaster = startServer(workshop, data);
    await postmaster.ready;
  }, 120_000);

  afterAll(async () => {
    if (postmaster !== undefined) await endServer(postmaster);
    await workshop.close();
  });

  const server = () => ({
    host: HOST,
    port,
    user: 'maasha',
    password: new Secret('pg-secret'),
    database: 'maasdb',
  });

  it('is asked, and gives its addresses in their canonical form', async () => {
    const rows = await look(async ({ postgres }) => {
      const session = await postgres.open(server(), LIMIT);
      return session.query(
        'SELECT host(inet_client_addr()) AS us, host(inet_server_addr()) AS it',
        LIMIT,
      );
    });
    expect(rows).toEqual([{ us: '::1', it: '::1' }]);
  });

  it('lets the monitor speak the replication protocol', async () => {
    const identity = await look(async ({ walsender }) => {
      const session = await walsender.open(server(), LIMIT);
      return session.identify(LIMIT);
    });
    expect(identity).toMatchObject({ timeline: 1 });
  });
});
