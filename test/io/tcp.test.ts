import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { tcpPort } from '../../src/io/tcp.ts';
import { inRun } from '../support/run-scope.ts';

const host = '127.0.0.1';
const LIMIT = { timeout: seconds(5) };
let server: Server;
let ended = 0;

beforeEach(async () => {
  ended = 0;
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('close', () => (ended += 1));
    socket.resume();
  });
  await once(server.listen(0, host), 'listening');
});

afterEach(async () => {
  if (server.listening) await once(server.close(), 'close');
});

const port = (): number => (server.address() as AddressInfo).port;

describe('tcpPort', () => {
  it('connects, says how long it took, and hangs up', async () => {
    const { took } = await inRun((scope) => tcpPort(scope).connect({ host, port: port() }, LIMIT));
    expect(took).toBeGreaterThan(0);
    await vi.waitFor(() => {
      expect(ended).toBe(1);
    });
  });

  it('tells that nobody listens', async () => {
    const closed = { host, port: port() };
    await once(server.close(), 'close');
    const connecting = inRun((scope) => tcpPort(scope).connect(closed, LIMIT));
    await expect(connecting).rejects.toMatchObject({ code: 'refused' });
  });

  it('ends with the run', async () => {
    const connecting = inRun(async (scope, end) => {
      const connection = tcpPort(scope).connect({ host, port: port() }, LIMIT);
      end();
      return connection;
    });
    await expect(connecting).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('gives up at the timeout on a frozen server whose queue is full', async () => {
    const program = `require('node:net').createServer().listen(
      { port: 0, host: '${host}', backlog: 1 },
      function () { console.log(this.address().port); },
    );`;
    const frozen = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(frozen.stdout, 'data')) as [Buffer];
    frozen.kill('SIGSTOP');
    const to = { host, port: Number(line.toString()) };
    // The kernel completes the first few by itself; then nobody accepts, and it drops the rest.
    const outcomes = await inRun((scope) =>
      Promise.allSettled(
        Array.from({ length: 8 }, () => tcpPort(scope).connect(to, { timeout: seconds(0.5) })),
      ),
    );
    frozen.kill('SIGKILL');
    await once(frozen, 'exit');
    const reasons = outcomes.map((each) => each.status === 'rejected' && String(each.reason));
    expect(reasons).toContain(
      `CheckFailure: TCP connect to ${host} port ${to.port}: no answer within 500ms`,
    );
  });
});
