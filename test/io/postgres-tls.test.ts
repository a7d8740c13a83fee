import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import type { PostgresServer } from '../../src/core/ports/postgres.ts';
import { Secret } from '../../src/core/secret.ts';
import { connections, failureOf, LONG, SHORT } from '../support/connections.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';
import { issue } from '../support/smtp-certificate.ts';

const NAME = 'db.maas.test';
const SSL = { ssl_cert_file: "'server.crt'", ssl_key_file: "'server.key'" };
const WITH_TLS = `SELECT ssl::text AS tls, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;

describe('a server that encrypts', () => {
  const authority = issue({ name: 'CA of the test' });
  const stranger = issue({ name: 'another CA' });
  let pair: Pair;
  let server: PostgresServer;
  const trusting = (tls: PostgresServer['tls']): PostgresServer => ({ ...server, tls });
  const ca = new Secret(authority.cert);

  beforeAll(async () => {
    const places = freshPlaces();
    const hosts = [NAME, places.primary.host];
    const { cert, key } = issue({ name: NAME, hosts, by: authority });
    pair = await startPair({
      ...places,
      settings: { ssl: 'on', ...SSL },
      files: { 'server.crt': cert, 'server.key': key },
    });
    const { user, password, database } = pair;
    server = { ...pair.place.primary, user, password: new Secret(password), database };
  });
  afterAll(() => pair.stop());

  test.each([
    ['by its address', {}],
    ['by its name', { serverName: NAME }],
  ])('is known %s, and all is said encrypted', async (_, more) => {
    const session = await connections(false)
      .run()
      .port.open(trusting({ ca, ...more }), LONG);
    expect(session.version).toBe(150_018);
    const [row] = await session.query(WITH_TLS, LONG);
    expect(row?.['tls']).toBe('true');
    expect(row?.['version']).toMatch(/^TLSv1\.[23]$/);
  });

  test.each([
    ['of an authority that is not trusted', { ca: new Secret(stranger.cert) }],
    ['of an authority that only the system would have to know', {}],
    ['of another name', { ca, serverName: 'other.maas.test' }],
    ['against a CA that is none', { ca: new Secret('-----BEGIN CERTIFICATE-----\nAAAA\n') }],
  ])('is refused with a certificate %s', async (_, tls) => {
    const { run } = connections(false);
    const failure = await failureOf(run().port.open(trusting(tls), LONG));
    expect(failure.code).toBe('tls');
    expect(failure.message).not.toContain(server.password?.reveal());
  });

  it('is refused where the certificate does not name the address', async () => {
    const elsewhere = { ...trusting({ ca }), ...pair.place.standby };
    expect((await failureOf(connections(false).run().port.open(elsewhere, LONG))).code).toBe('tls');
  });

  it('keeps encrypted connections apart from others', async () => {
    const { run } = connections(true);
    const told: unknown[] = [];
    for (const tls of [undefined, { ca }, undefined, { ca }]) {
      const { port, leave } = run();
      const session = await port.open(trusting(tls), LONG);
      const [row] = await session.query(WITH_TLS, LONG);
      told.push([row?.['tls'], session.connected === undefined]);
      leave();
    }
    expect(told).toEqual([
      ['false', false],
      ['true', false],
      ['false', true],
      ['true', true],
    ]);
  });

  it('times out where the encrypted server freezes, kept or new', async () => {
    const { run } = connections(true);
    const session = await run().port.open(trusting({ ca }), LONG);
    pair.freeze('primary');
    try {
      expect((await failureOf(session.query('SELECT 1', SHORT))).code).toBe('timeout');
      const opened = failureOf(run().port.open(trusting({ ca }), SHORT));
      expect((await opened).code).toBe('timeout');
    } finally {
      pair.thaw('primary');
    }
    const again = await run().port.open(trusting({ ca }), LONG);
    expect(await again.query('SELECT 1 AS n', LONG)).toEqual([{ n: '1' }]);
  });

  it('refuses an answer that is too large under encryption, too', async () => {
    const session = await connections(false).run().port.open(trusting({ ca }), LONG);
    const large = failureOf(session.query(`SELECT repeat('x', 9000000)`, LONG));
    expect((await large).code).toBe('protocol');
  });

  it('takes all of an answer that is large and honest', async () => {
    const session = await connections(false).run().port.open(trusting({ ca }), LONG);
    const rows = await session.query(
      `SELECT repeat('x', 300) AS t FROM generate_series(1,9000)`,
      LONG,
    );
    expect(rows).toHaveLength(9000);
  });

  it('is refused by a server that crashes in the middle of a query', async () => {
    const session = await connections(false).run().port.open(trusting({ ca }), LONG);
    const asked = failureOf(session.query('SELECT pg_sleep(60)', LONG));
    await vi.waitFor(
      async () => {
        const active = `SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`;
        expect(await pair.sql('primary', active)).toHaveLength(1);
      },
      { timeout: 10_000, interval: 20 },
    );
    await pair.crash('primary');
    expect((await asked).code).toBe('refused');
    await pair.start('primary');
  });
});

describe('a peer that does not encrypt', () => {
  const serving = async (handle: (socket: Socket) => void): Promise<PostgresServer> => {
    const heard = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        handle(socket);
      });
    });
    heard.listen(0, '127.0.0.1');
    await once(heard, 'listening');
    onTestFinished(() => {
      heard.close();
    });
    const { port } = heard.address() as { port: number };
    const tls = { ca: new Secret(issue({ name: 'CA' }).cert) };
    return { host: '127.0.0.1', port, user: 'maasha', database: 'maasdb', tls };
  };

  test.each<[string, string, (socket: Socket) => void]>([
    ['says that it does not', 'tls', (socket) => socket.write('N')],
    ['answers with an error', 'protocol', (socket) => socket.write('E\0\0\0\x08Sab\0')],
    ['says something before the encryption', 'protocol', (socket) => socket.write('SR\0\0\0\x08')],
    ['closes', 'refused', (socket) => socket.end()],
    [
      'agrees, and speaks something else',
      'tls',
      (socket) => {
        socket.write('S');
        socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
      },
    ],
    [
      'agrees, and resets',
      'tls',
      (socket) => {
        socket.write('S');
        socket.once('data', () => socket.resetAndDestroy());
      },
    ],
  ])('%s: %s, and hears neither user nor password', async (_, code, handle) => {
    const said: Buffer[] = [];
    const server = await serving((socket) => {
      socket.on('data', (chunk: Buffer) => said.push(chunk));
      handle(socket);
    });
    expect((await failureOf(connections(false).run().port.open(server, LONG))).code).toBe(code);
    expect(Buffer.concat(said).toString('latin1')).not.toContain('maasha');
  });

  it('agrees and falls silent: times out', async () => {
    const server = await serving((socket) => socket.write('S'));
    expect((await failureOf(connections(false).run().port.open(server, SHORT))).code).toBe(
      'timeout',
    );
  });
});
