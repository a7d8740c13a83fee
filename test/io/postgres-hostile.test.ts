import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import type { FailureCode } from '../../src/core/failure.ts';
import type { PostgresServer } from '../../src/core/ports/postgres.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { connections, failureOf, LONG } from '../support/connections.ts';

const PATIENTLY = { timeout: 10_000, interval: 5 };

describe('with something else than a healthy server', () => {
  /** A server that does with each connection what it is told. */
  const serving = async (handle: (socket: Socket) => void): Promise<PostgresServer> => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      handle(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    return { host: '127.0.0.1', port, user: 'maasha', database: 'maasdb' };
  };
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const fatal = (sqlstate: string, words: string, detail?: string): Buffer =>
    message(
      'E',
      Buffer.from(
        `SFATAL\0C${sqlstate}\0M${words}\0${detail === undefined ? '' : `D${detail}\0`}\0`,
      ),
    );
  const OK = message('R', Buffer.alloc(4));
  const READY = message('Z', Buffer.from('I'));
  const version = message('S', Buffer.from('server_version\x0015.18\0'));
  const once0 = (socket: Socket, answer: () => void) => socket.once('data', answer);

  it('times out at its limit at a server that accepts and says nothing', async () => {
    const silent = await serving(() => undefined);
    const clock = new FakeClock();
    const { port } = connections(false).run(clock);
    const opened = failureOf(port.open(silent, { timeout: seconds(60) }));
    await vi.waitFor(() => {
      expect(clock.pending).toBe(1);
    }, PATIENTLY);
    clock.advance(59.9);
    expect(clock.pending).toBe(1);
    clock.advance(0.1);
    expect((await opened).code).toBe('timeout');
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['57P03', 'the database system is starting up', 'dependency'],
    ['53300', 'sorry, too many clients already', 'dependency'],
    ['28000', 'no pg_hba.conf entry for host "172.31.16.1"', 'auth'],
    ['XX000', 'client authentication failed', 'auth'],
    ['XX000', 'pgpool is not accepting any new connections', 'dependency'],
    ['53300', 'Sorry, too many clients already', 'dependency'],
    ['XX000', 'failed to create a backend connection', 'dependency'],
    ['XX000', 'pool_do_auth: all backends are down', 'dependency'],
    ['XX000', 'kind does not match between main(53) slot[1] (45)', 'dependency'],
    ['XX000', 'md5 authentication failed for user:maasha', 'auth'],
    ['XX001', 'something that nobody foresaw', 'protocol'],
  ])('takes %s "%s" for %s', async (sqlstate, words, code) => {
    const server = await serving((socket) =>
      once0(socket, () => socket.end(fatal(sqlstate, words))),
    );
    const failure = await failureOf(connections(false).run().port.open(server, LONG));
    expect(failure).toMatchObject({ code, facts: { sqlstate } });
  });

  test.each([
    ['28000', 'no pg_hba.conf entry for host "172.31.16.40", user "maasha"', undefined, 'pg'],
    [
      '28000',
      'no pg_hba.conf entry for replication connection from host "172.31.16.40", user "maasha"',
      undefined,
      'pg',
    ],
    [
      'XX000',
      'client authentication failed',
      'no pool_hba.conf entry for host "172.31.16.40", user "maasha", database "maasdb", SSL off',
      'pool',
    ],
  ])('says for whom a line is missing: %s %s', async (sqlstate, words, detail, noLineIn) => {
    const server = await serving((socket) =>
      once0(socket, () => socket.end(fatal(sqlstate, words, detail))),
    );
    const failure = await failureOf(connections(false).run().port.open(server, LONG));
    expect(failure).toMatchObject({
      code: 'auth',
      facts: { sqlstate, noLineIn, from: '172.31.16.40' },
    });
    expect(failure.message).toContain(detail ?? words);
  });

  const endlessNotices = (socket: Socket): void => {
    const notice = message('N', Buffer.from(`SNOTICE\0M${'x'.repeat(60_000)}\0\0`));
    const more = (): void => {
      while (!socket.destroyed && socket.write(notice));
    };
    socket.on('drain', more);
    more();
  };

  test.each<[string, FailureCode, (socket: Socket) => void]>([
    ['closes at once', 'refused', (socket) => socket.end()],
    ['resets', 'refused', (socket) => once0(socket, () => socket.resetAndDestroy())],
    ['speaks HTTP', 'protocol', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['speaks PCP', 'protocol', (socket) => socket.write(message('m', Buffer.alloc(4)))],
    ['errs without end', 'protocol', (socket) => socket.write('E\0\0\0\x08Sabc')],
    ['has no version', 'protocol', (socket) => socket.write(Buffer.concat([OK, READY]))],
    [
      'wants another log-in',
      'protocol',
      (socket) => socket.write(message('R', Buffer.from([0, 0, 0, 99]))),
    ],
    ['never ends its notices', 'protocol', endlessNotices],
  ])('of a server that %s says %s', async (_, code, handle) => {
    const server = await serving(handle);
    expect((await failureOf(connections(false).run().port.open(server, LONG))).code).toBe(code);
  });

  it('refuses rows that nobody asked for on a kept connection, and connects anew', async () => {
    const peers: Socket[] = [];
    const server = await serving((socket) => {
      peers.push(socket);
      once0(socket, () => socket.write(Buffer.concat([OK, version, READY])));
    });
    const { run } = connections(true);
    const { port, leave } = run();
    await port.open(server, LONG);
    leave();
    peers[0]?.write(message('D', Buffer.from([0, 0])));
    await vi.waitFor(() => {
      expect(peers[0]?.destroyed).toBe(true);
    }, PATIENTLY);
    expect((await run().port.open(server, LONG)).connected).toBeDefined();
  });

  it('makes a failure of whatever bytes a server sends', async () => {
    const header = fc.constantFrom('R', 'E', 'S', 'K', 'Z', 'N', 'D', 'T', 'C');
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(header, fc.uint8Array({ maxLength: 30 }))
        .map(([type, body]) => message(type, Buffer.from(body))),
      fc.constant(OK),
    );
    let answer: readonly Buffer[] = [];
    const server = await serving((socket) => socket.end(Buffer.concat(answer)));
    const { run } = connections(false);
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 5 }), async (chunks) => {
        answer = chunks;
        const failure = await failureOf(run().port.open(server, LONG));
        expect(['protocol', 'auth', 'refused']).toContain(failure.code);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused where nobody listens', async () => {
    const server = { host: '127.0.0.1', port: 1, user: 'maasha', database: 'maasdb' };
    expect((await failureOf(connections(false).run().port.open(server, LONG))).code).toBe(
      'refused',
    );
  });
});
