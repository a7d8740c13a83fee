import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { seconds } from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { inRun } from '../support/run-scope.ts';

const LIMIT = { timeout: seconds(5) };
/** For questions that nobody answers: as short as two tries need. */
const BRIEF = { timeout: seconds(0.2) };
const SOA = { name: 'maas3', type: 'SOA' } as const;

const host = '127.0.0.1';
let server: SimDnsServer;
let sockets: DnsSockets;

beforeEach(async () => {
  sockets = new DnsSockets();
  server = await SimDnsServer.start({ host, port: 0 });
  server.zones.set('maas3', { serial: 102 });
});

afterEach(async () => {
  sockets.close();
  await server.close();
});

const query = (...[to, question, options]: Parameters<DnsPort['query']>) =>
  inRun((scope) => sockets.port(scope).query(to, question, options));

describe('DNS over UDP', () => {
  it('reads the serial of a zone', async () => {
    const reply = await query(server.endpoint, SOA, LIMIT);
    expect(reply).toMatchObject({
      rcode: 'NOERROR',
      authoritative: true,
      transport: 'udp',
      answers: [{ type: 'SOA', name: 'maas3', soa: { serial: 102, expire: 604_800 } }],
    });
    expect(reply.took).toBeGreaterThan(0);
  });

  it('reads the name of the server', async () => {
    server.hostname = 'rc1';
    const question = { name: 'hostname.bind', type: 'TXT', class: 'CH' } as const;
    const { answers } = await query(server.endpoint, question, LIMIT);
    expect(answers).toEqual([{ type: 'TXT', name: 'hostname.bind', text: 'rc1' }]);
  });

  it.each([
    ['servfail', 'SERVFAIL'],
    ['refused', 'REFUSED'],
    ['lame', 'NOERROR'],
  ] as const)('takes the answer of a server that is %s as a reply', async (mode, rcode) => {
    server.mode = mode;
    const reply = await query(server.endpoint, SOA, LIMIT);
    expect(reply).toMatchObject({ rcode, authoritative: false, answers: [] });
  });

  it('asks once more when the first datagram is lost', async () => {
    server.lose = 1;
    const reply = await query(server.endpoint, SOA, LIMIT);
    expect(reply.answers).toHaveLength(1);
  });

  it('sends no more datagrams than it was told', async () => {
    server.mode = 'frozen';
    const limit = { timeout: seconds(0.3), tries: 3 };
    await expect(query(server.endpoint, SOA, limit)).rejects.toMatchObject({ code: 'timeout' });
    await vi.waitFor(() => {
      expect(server.asked).toEqual(['udp maas3 SOA', 'udp maas3 SOA', 'udp maas3 SOA']);
    });
  });

  it('tells a closed port from silence', async () => {
    const closed = createSocket('udp4').bind(0, host);
    await once(closed, 'listening');
    const { port } = closed.address();
    closed.close();
    await expect(query({ host, port }, SOA, LIMIT)).rejects.toMatchObject({ code: 'refused' });
  });

  it('tells all who ask a closed port', async () => {
    const { endpoint } = server;
    await server.close();
    const asked = Array.from({ length: 300 }, () => query(endpoint, SOA, LIMIT).catch(String));
    const answers = new Set(await Promise.all(asked));
    expect([...answers]).toEqual([expect.stringContaining('ECONNREFUSED')]);
    server = await SimDnsServer.start({ host, port: endpoint.port });
    server.zones.set('maas3', { serial: 7 });
    const again = await query(endpoint, SOA, LIMIT);
    expect(again.authoritative).toBe(true);
  });

  it('asks a server of IPv6', async () => {
    const six = await SimDnsServer.start({ host: '::1', port: 0 });
    six.zones.set('maas3', { serial: 6 });
    const reply = await query(six.endpoint, SOA, LIMIT);
    await six.close();
    expect(reply.authoritative).toBe(true);
  });

  it('keeps a thousand questions apart on one socket', async () => {
    const names = Array.from({ length: 1000 }, (_, serial) => `zone${serial}`);
    for (const [serial, name] of names.entries()) server.zones.set(name, { serial });
    const replies = await inRun((scope) => {
      const dns = sockets.port(scope);
      return Promise.all(
        names.map((name) => dns.query(server.endpoint, { name, type: 'SOA' }, LIMIT)),
      );
    });
    const serials = replies.map(
      ({ answers: [answer] }) => answer?.type === 'SOA' && answer.soa.serial,
    );
    expect(serials).toEqual(names.map((_, serial) => serial));
    expect(sockets.kept).toBe(1);
  });

  it('ends with the run, with the reason of its signal', async () => {
    server.mode = 'frozen';
    const reason = new CheckFailure('timeout', 'the run is over');
    const asking = inRun(async (scope, end) => {
      const reply = sockets.port(scope).query(server.endpoint, SOA, LIMIT);
      end(reason);
      return reply;
    });
    await expect(asking).rejects.toBe(reason);
    expect(sockets.kept).toBe(0);
  });

  it('takes a fresh socket after silence', async () => {
    server.mode = 'frozen';
    await expect(query(server.endpoint, SOA, BRIEF)).rejects.toMatchObject({ code: 'timeout' });
    expect(sockets.kept).toBe(0);
    server.mode = 'serve';
    await query(server.endpoint, SOA, LIMIT);
    expect(sockets.kept).toBe(1);
  });
});

describe('DNS against answers that are none', () => {
  it('ignores an answer with another id and takes the true one after it', async () => {
    server.spoil = (message) => {
      const forged = Buffer.from(message);
      forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0);
      return [forged, Buffer.from('garbage'), message];
    };
    const reply = await query(server.endpoint, SOA, LIMIT);
    expect(reply.answers).toHaveLength(1);
  });

  it('hears nothing but garbage as silence', async () => {
    server.spoil = () => Buffer.from('not a DNS message at all');
    await expect(query(server.endpoint, SOA, BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('refuses the true answer when it is broken', async () => {
    server.spoil = (message) => message.subarray(0, -3);
    await expect(query(server.endpoint, SOA, LIMIT)).rejects.toMatchObject({ code: 'protocol' });
  });

  it('refuses a name that cannot be asked, and a server without an address', async () => {
    const bad = { name: 'a'.repeat(64), type: 'SOA' } as const;
    await expect(query(server.endpoint, bad, LIMIT)).rejects.toMatchObject({ code: 'config' });
    const named = { host: 'localhost', port: 53 };
    await expect(query(named, SOA, LIMIT)).rejects.toMatchObject({ code: 'config' });
  });

  it('asks nothing once it is closed', async () => {
    sockets.close();
    await expect(query(server.endpoint, SOA, LIMIT)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('DNS over TCP', () => {
  it('asks again there when the answer was truncated', async () => {
    server.truncate = true;
    const reply = await query(server.endpoint, SOA, LIMIT);
    expect(reply).toMatchObject({ transport: 'tcp', authoritative: true });
    expect(server.asked).toEqual(['udp maas3 SOA', 'tcp maas3 SOA']);
  });

  it('asks there alone when told to', async () => {
    const reply = await query(server.endpoint, SOA, { ...LIMIT, transport: 'tcp' });
    expect(reply.transport).toBe('tcp');
    expect(server.asked).toEqual(['tcp maas3 SOA']);
  });

  it('gives up at the timeout when nothing comes', async () => {
    server.mode = 'frozen';
    const asking = query(server.endpoint, SOA, { ...BRIEF, transport: 'tcp' });
    await expect(asking).rejects.toMatchObject({ code: 'timeout' });
  });

  it.each([
    ['garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'timeout'],
    ['a length that is no message', '\0\u0001x', 'protocol'],
    ['an answer to another question', `\0\u000c${'x'.repeat(12)}`, 'protocol'],
    ['nothing', '', 'protocol'],
  ])('fails at %s', async (_, text, code) => {
    const tcp = createServer((socket) => {
      socket.on('error', () => {}).resume();
      if (text.startsWith('HTTP')) socket.write(text);
      else socket.end(text);
    });
    await once(tcp.listen(0, host), 'listening');
    const { port } = tcp.address() as AddressInfo;
    const asking = query({ host, port }, SOA, { ...BRIEF, transport: 'tcp' });
    await expect(asking).rejects.toMatchObject({ code });
    await once(tcp.close(), 'close');
  });

  it('tells that the port is closed', async () => {
    const { endpoint } = server;
    await server.close();
    const asking = query(endpoint, SOA, { ...LIMIT, transport: 'tcp' });
    await expect(asking).rejects.toMatchObject({ code: 'refused' });
    server = await SimDnsServer.start({ host, port: 0 });
  });
});
