import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Answer } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { seconds } from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { frame, frameReader } from '../../src/protocol/dns-frame.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { inRun } from '../support/run-scope.ts';

const LIMIT = { timeout: seconds(5) };
const host = '127.0.0.1';

let sockets: DnsSockets;
let server: SimDnsServer;
const closing: Server[] = [];

beforeEach(async () => {
  sockets = new DnsSockets();
  server = await SimDnsServer.start({ host, port: 0 });
  server.zones.set('maas3', { serial: 102, records: names(3) });
});

afterEach(async () => {
  sockets.close();
  await server.close();
  for (const each of closing.splice(0)) each.close();
});

const names = (count: number): readonly Answer[] =>
  Array.from({ length: count }, (_, each) => ({
    type: 'A',
    name: `n${each}.maas3`,
    ttl: 300,
    data: `10.0.${each >> 8}.${each & 255}`,
  }));

const transfer = (...[to, zone, limit]: Parameters<DnsPort['transfer']>) =>
  inRun((scope) => sockets.port(scope).transfer(to, zone, limit));

/** A server that does with each connection what it likes, once the question has come. */
async function scripted(answer: (socket: Socket, query: Uint8Array) => void) {
  const tcp = createServer((socket) => {
    const read = frameReader();
    socket.on('error', () => {});
    socket.once('data', (piece) => {
      answer(socket, read(piece) ?? new Uint8Array());
    });
  });
  tcp.listen(0, host);
  await once(tcp, 'listening');
  closing.push(tcp);
  return { host, port: (tcp.address() as AddressInfo).port };
}

/** The answer that the simulated server would give to this query, over TCP. */
async function answerTo(query: Uint8Array): Promise<Buffer> {
  const { connect } = await import('node:net');
  const socket = connect(server.port, host);
  socket.write(frame(query));
  const pieces: Buffer[] = [];
  const read = frameReader();
  for await (const piece of socket as AsyncIterable<Buffer>) {
    pieces.push(piece);
    if (read(piece) !== undefined) break;
  }
  return Buffer.concat(pieces);
}

describe('AXFR', () => {
  it('reads a whole zone', async () => {
    const zone = await transfer(server.endpoint, 'maas3', LIMIT);
    expect(zone).toMatchObject({ serial: 102, records: 3 });
    expect(zone.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(zone.octets).toBeGreaterThan(100);
    expect(zone.took).toBeGreaterThan(0);
  });

  it('gives the same digest for the same names under another serial, and another for other names', async () => {
    server.zones.set('other', { serial: 7, records: names(4) });
    const first = await transfer(server.endpoint, 'maas3', LIMIT);
    server.zones.set('maas3', { serial: 103, records: [...names(3)].reverse() });
    const second = await transfer(server.endpoint, 'maas3', LIMIT);
    server.zones.set('maas3', { serial: 103, records: names(4) });
    const third = await transfer(server.endpoint, 'maas3', LIMIT);
    expect(second.digest).toBe(first.digest);
    expect(third.digest).not.toBe(first.digest);
  });

  it('says that the server gives zones to nobody', async () => {
    server.transfers = false;
    await expect(transfer(server.endpoint, 'maas3', LIMIT)).rejects.toMatchObject({
      code: 'no_privilege',
      facts: { rcode: 'REFUSED' },
    });
  });

  it('takes a server that knows no AXFR for one of another version', async () => {
    server.mode = 'frozen';
    const port = await scripted((socket, query) => {
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8004, 2);
      socket.write(frame(reply));
    });
    await expect(transfer(port, 'maas3', LIMIT)).rejects.toMatchObject({ code: 'version' });
  });

  it('reads a zone that comes octet by octet', async () => {
    const slow = await scripted((socket, query) => {
      void answerTo(query).then(async (bytes) => {
        for (const octet of bytes) {
          socket.write(Buffer.from([octet]));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    expect(await transfer(slow, 'maas3', LIMIT)).toMatchObject({ serial: 102, records: 3 });
  });

  it('does not wait longer than it may for one octet a second', async () => {
    const slow = await scripted((socket, query) => {
      void answerTo(query).then((bytes) => {
        let sent = 0;
        const timer = setInterval(() => socket.write(bytes.subarray(sent, (sent += 1))), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
      });
    });
    await expect(transfer(slow, 'maas3', { timeout: seconds(0.3) })).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('refuses a zone that ends before it is whole', async () => {
    const short = await scripted((socket, query) => {
      void answerTo(query).then((bytes) => socket.end(bytes.subarray(0, -10)));
    });
    await expect(transfer(short, 'maas3', LIMIT)).rejects.toMatchObject({ code: 'protocol' });
  });

  it('stops reading a zone that never ends, at the octets that it may have', async () => {
    let closed = false;
    const endless = await scripted((socket, query) => {
      void answerTo(query).then((bytes) => {
        // Without the closing SOA: each message repeats all of it but the last record.
        const opening = Buffer.from(bytes.subarray(2));
        opening.writeUInt16BE(4, 6);
        const rest = Buffer.from(opening);
        const pour = (): void => {
          while (!closed && socket.write(frame(rest)));
        };
        socket.on('close', () => (closed = true));
        socket.on('drain', pour);
        socket.write(frame(opening));
        pour();
      });
    });
    await expect(transfer(endless, 'maas3', { ...LIMIT, octets: 100_000 })).rejects.toMatchObject({
      code: 'protocol',
    });
    await vi.waitFor(() => {
      expect(closed).toBe(true);
    });
  });

  it('stops at 10 MB of anything', async () => {
    const flood = await scripted((socket) => {
      socket.write(frame(new Uint8Array(60_000)));
      socket.write(Buffer.alloc(10_000_000));
    });
    await expect(transfer(flood, 'maas3', LIMIT)).rejects.toMatchObject({ code: 'protocol' });
  });

  it('tells a closed port, and takes no name for an address', async () => {
    const { endpoint } = server;
    const gone = await scripted(() => undefined);
    for (const each of closing.splice(0)) each.close();
    await expect(transfer(gone, 'maas3', LIMIT)).rejects.toMatchObject({ code: 'refused' });
    await expect(
      transfer({ ...endpoint, host: 'localhost' }, 'maas3', LIMIT),
    ).rejects.toMatchObject({ code: 'config' });
    await expect(transfer(endpoint, 'not a name', LIMIT)).rejects.toMatchObject({ code: 'config' });
  });

  it('ends with the run', async () => {
    server.mode = 'frozen';
    const ended = inRun((scope, end) => {
      const running = sockets.port(scope).transfer(server.endpoint, 'maas3', LIMIT);
      end(new CheckFailure('timeout', 'the run is over'));
      scope.leave();
      return running;
    });
    await expect(ended).rejects.toMatchObject({ message: 'the run is over' });
  });
});

describe('EDNS EXPIRE', () => {
  const question = { name: 'maas3', type: 'SOA', expire: true } as const;
  const query = (asked: Parameters<DnsPort['query']>[1]) =>
    inRun((scope) => sockets.port(scope).query(server.endpoint, asked, LIMIT));

  it('says how long a copy lives', async () => {
    server.silentFor = () => 600;
    expect((await query(question)).expiresIn).toBe(604_200);
    expect((await query({ name: 'maas3', type: 'SOA' })).expiresIn).toBeUndefined();
  });

  it('is absent where the server does not say', async () => {
    const reply = await query(question);
    expect(reply).not.toHaveProperty('expiresIn');
    expect(reply.answers).toHaveLength(1);
  });

  it('is done without where the server knows no EDNS', async () => {
    server.ancient = true;
    expect((await query(question)).answers).toMatchObject([{ soa: { serial: 102 } }]);
    expect(server.asked).toHaveLength(2);
  });

  it('survives an option of another length', async () => {
    server.silentFor = () => 600;
    server.spoil = (message) => {
      const at = message.indexOf(Buffer.from('00090004', 'hex'));
      const shorter = Buffer.concat([message.subarray(0, at), Buffer.from('000900020001', 'hex')]);
      shorter.writeUInt16BE(6, at - 2);
      return shorter;
    };
    expect(await query(question)).not.toHaveProperty('expiresIn');
  });
});
