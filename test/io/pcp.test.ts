import { connect, type Socket } from 'node:net';
import { describe, expect, it, test, vi } from 'vitest';
import type { PcpServer } from '../../src/core/ports/pcp.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { pcpPort } from '../../src/io/pcp.ts';
import { pcpServer, simBackend, type SimPgpool } from '../sim/pcp-server.ts';
import { tcpServer, type Running } from '../sim/listener.ts';
import { inRun } from '../support/run-scope.ts';

const LONG = { timeout: seconds(5) };
const SHORT = { timeout: seconds(0.15) };

const pgpool = (changes: Partial<SimPgpool> = {}): SimPgpool => ({
  user: 'root',
  password: 'lab-pcp',
  mode: 'well',
  version: '4.3',
  watchdog: {
    leader: '172.31.16.32',
    quorum: 1,
    escalated: true,
    aliveRemotes: 1,
    members: [
      { id: 0, host: '172.31.16.32', state: 4, delegateIp: '172.31.16.39' },
      { id: 1, host: '172.31.16.33', state: 7, delegateIp: '172.31.16.39' },
    ],
  },
  backends: [
    simBackend('172.31.16.32', { role: 2, pgRole: 'primary' }),
    simBackend('172.31.16.33'),
  ],
  ...changes,
});

const account = (running: Running, password = 'lab-pcp'): PcpServer => ({
  host: '127.0.0.1',
  port: running.port,
  user: 'root',
  password: new Secret(password),
});

const withServer = async <T>(
  starting: Promise<Running>,
  work: (running: Running) => Promise<T>,
): Promise<T> => {
  const running = await starting;
  try {
    return await work(running);
  } finally {
    await running.close();
  }
};

const LOCAL = { host: '127.0.0.1', port: 0 };
const withPgpool = <T>(sim: SimPgpool, work: (running: Running) => Promise<T>): Promise<T> =>
  withServer(pcpServer(sim).start(LOCAL), work);
const withTcp = <T>(serve: (socket: Socket) => void, work: (running: Running) => Promise<T>) =>
  withServer(tcpServer(LOCAL, serve), work);

describe('a PCP session', () => {
  it('asks one question after the other on one connection', async () => {
    await withPgpool(pgpool(), (running) =>
      inRun(async (scope) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        expect(await session.nodeCount(LONG)).toBe(2);
        expect(await session.watchdogInfo(LONG)).toMatchObject({
          quorum: 'exists',
          escalated: true,
          leaderHost: '172.31.16.32',
        });
        const backends = await session.nodeInfo(LONG);
        expect(backends.map(({ host, role }) => `${host} ${role}`)).toEqual([
          '172.31.16.32 primary',
          '172.31.16.33 standby',
        ]);
        expect(await session.nodeInfo({ ...LONG, index: 1 })).toHaveLength(1);
      }),
    );
  });

  it('asks a pgpool that knows no "all nodes" for each of them', async () => {
    await withPgpool(pgpool({ version: '4.2' }), (running) =>
      inRun(async (scope) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        const backends = await session.nodeInfo(LONG);
        expect(backends.map(({ host }) => host)).toEqual(['172.31.16.32', '172.31.16.33']);
        expect(backends[0]).not.toHaveProperty('actualState');
      }),
    );
  });

  it('goes on after an ERROR', async () => {
    await withPgpool(pgpool(), (running) =>
      inRun(async (scope) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        await expect(session.nodeInfo({ ...LONG, index: 9 })).rejects.toMatchObject({
          code: 'protocol',
          message: expect.stringContaining('invalid node ID : 9') as string,
          facts: { answered: true },
        });
        expect(await session.nodeCount(LONG)).toBe(2);
      }),
    );
  });

  it('tells a headless pgpool: node info answers, watchdog info is an ERROR', async () => {
    await withPgpool(pgpool({ mode: 'headless' }), (running) =>
      inRun(async (scope) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        await expect(session.watchdogInfo(LONG)).rejects.toMatchObject({
          facts: { answered: true },
        });
        expect(await session.nodeInfo(LONG)).toHaveLength(2);
      }),
    );
  });

  it('ends node info at its own limit when a backend hangs, and the session with it', async () => {
    await withPgpool(pgpool({ mode: 'hangs' }), (running) =>
      inRun(async (scope) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        expect(await session.watchdogInfo(LONG)).toMatchObject({ quorum: 'exists' });
        await expect(session.nodeInfo(SHORT)).rejects.toMatchObject({ code: 'timeout' });
        await expect(session.nodeCount(LONG)).rejects.toMatchObject({ code: 'timeout' });
      }),
    );
  });

  it('ends with the run', async () => {
    await withPgpool(pgpool({ mode: 'hangs' }), (running) =>
      inRun(async (scope, end) => {
        const session = await pcpPort(scope).login(account(running), LONG);
        const asking = session.nodeInfo(LONG);
        end();
        await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
        await expect(session.nodeCount(LONG)).rejects.toMatchObject({ code: 'cancelled' });
      }),
    );
  });

  it('says goodbye and leaves no connection behind', async () => {
    const heard: Buffer[] = [];
    let closed = false;
    const serve = (socket: Socket): void => {
      socket.on('close', () => (closed = true));
      socket.on('data', (chunk) => {
        heard.push(chunk);
        if (chunk[0] === 0x4d) socket.write(SALT);
        if (chunk[0] === 0x52) socket.write(WELCOME);
      });
    };
    await withTcp(serve, async (running) => {
      await inRun((scope) => pcpPort(scope).login(account(running), LONG));
      await vi.waitUntil(() => closed);
    });
    expect(Buffer.concat(heard).toString('hex')).toBe(
      '4d00000004' +
        '520000002a726f6f7400326166353032336631626235646231306538393163346165393438646636323400' +
        '5800000004',
    );
  });
});

const SALT = Buffer.from('6d00000008bc3d77e7', 'hex');
const WELCOME = Buffer.from('720000001541757468656e7469636174696f6e4f4b00', 'hex');

describe('a PCP login', () => {
  it('calls a wrong password auth, and does not repeat it', async () => {
    await withPgpool(pgpool(), (running) =>
      inRun(async (scope) => {
        const login = pcpPort(scope).login(account(running, 'not-the-password'), LONG);
        await expect(login).rejects.toMatchObject({ code: 'auth' });
        await expect(login).rejects.not.toMatchObject({
          message: expect.stringContaining('not-the-password') as string,
        });
      }),
    );
  });

  it('calls a closed port refused', async () => {
    const running = await tcpServer(LOCAL, () => {});
    await running.close();
    await inRun(async (scope) => {
      await expect(pcpPort(scope).login(account(running), LONG)).rejects.toMatchObject({
        code: 'refused',
      });
    });
  });

  it('ends at its limit when pgpool is frozen', async () => {
    await withPgpool(pgpool({ mode: 'frozen' }), (running) =>
      inRun(async (scope) => {
        await expect(pcpPort(scope).login(account(running), SHORT)).rejects.toMatchObject({
          code: 'timeout',
        });
      }),
    );
  });

  test.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a PostgreSQL server', Buffer.from('450000007fff', 'hex')],
    ['a salt of the wrong length', Buffer.from('6d00000006bc3d', 'hex')],
    ['a welcome before the login', Buffer.concat([SALT, WELCOME])],
    ['an early end', ''],
  ])('calls %s a broken protocol', async (_, bytes) => {
    await withTcp(
      (socket) => socket.end(bytes),
      (running) =>
        inRun(async (scope) => {
          await expect(pcpPort(scope).login(account(running), LONG)).rejects.toMatchObject({
            code: 'protocol',
          });
        }),
    );
  });

  it('does not listen to an endless stream', async () => {
    const page = Buffer.concat(
      Array.from({ length: 2000 }, () => Buffer.from('6e00000004', 'hex')),
    );
    await withTcp(
      (socket) => {
        const pour = (): void => {
          while (!socket.destroyed && socket.write(page));
        };
        socket.on('drain', pour);
        pour();
      },
      (running) =>
        inRun(async (scope) => {
          await expect(pcpPort(scope).login(account(running), LONG)).rejects.toMatchObject({
            code: 'protocol',
          });
        }),
    );
  });

  it('reads an answer that comes one byte at a time', async () => {
    const sim = pgpool();
    await withPgpool(sim, (inner) =>
      withTcp(
        (socket) => {
          relayByteByByte(socket, inner.port);
        },
        (running) =>
          inRun(async (scope) => {
            const session = await pcpPort(scope).login(account(running), LONG);
            expect(await session.nodeInfo(LONG)).toHaveLength(2);
          }),
      ),
    );
  });
});

function relayByteByByte(socket: Socket, port: number): void {
  const inner = connect({ host: '127.0.0.1', port });
  socket.setNoDelay(true);
  socket.pipe(inner);
  inner.on('error', () => socket.destroy());
  socket.on('close', () => inner.destroy());
  let last = Promise.resolve();
  inner.on('data', (chunk: Buffer) => {
    for (const byte of chunk)
      last = last.then(
        () =>
          new Promise((resolve) =>
            socket.write(Buffer.of(byte), () => {
              resolve();
            }),
          ),
      );
  });
}
