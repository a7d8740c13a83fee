import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { describe, expect, it, test, vi } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { ampPort } from '../../src/io/amp.ts';
import { encodeBox, verifyDigest } from '../../src/protocol/amp.ts';
import { tcpServer, type Running } from '../sim/listener.ts';
import { eventLoopServer, type SimEventLoop } from '../sim/region-server.ts';
import { inRun } from '../support/run-scope.ts';

const LONG = { timeout: seconds(5) };
const SHORT = { timeout: seconds(0.15) };
const SECRET = '00112233445566778899aabbccddeeff';
const LOCAL = { host: '127.0.0.1', port: 0 };

const GREETING = Buffer.from(
  '00045f61736b00013100085f636f6d6d616e6400084964656e746966790000',
  'hex',
);

const box = (fields: Record<string, string | Uint8Array>): Uint8Array =>
  encodeBox(
    new Map(
      Object.entries(fields).map(([key, value]) => [
        key,
        typeof value === 'string' ? new TextEncoder().encode(value) : value,
      ]),
    ),
  );

async function withServer<T>(
  starting: Promise<Running>,
  work: (loop: { host: string; port: number }) => Promise<T>,
): Promise<T> {
  const running = await starting;
  try {
    return await work({ host: '127.0.0.1', port: running.port });
  } finally {
    await running.close();
  }
}

const withTcp = <T>(
  serve: (socket: Socket) => void,
  work: (loop: { host: string; port: number }) => Promise<T>,
): Promise<T> => withServer(tcpServer(LOCAL, serve), work);

describe('an event loop of MAAS', () => {
  test.each([
    [1 as const, 'Identify'],
    [2 as const, 'Authenticate'],
  ])(
    'of generation %i asks %s and proves its secret, and gets no answer',
    async (generation, asked) => {
      const loop: SimEventLoop = { generation, secret: SECRET, mode: 'well', heard: [] };
      await withServer(eventLoopServer(loop).start(LOCAL), (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          expect(session.greeting.asked).toBe(asked);
          const message = randomBytes(16);
          const first = await session.authenticate(message, LONG);
          const second = await session.authenticate(message, LONG);
          for (const { salt, digest } of [first, second])
            expect(verifyDigest(SECRET, message, salt, digest)).toBe(true);
          expect(loop.heard).toEqual(['?Authenticate', '?Authenticate']);
        }),
      );
    },
  );

  it('that hangs accepts and stays silent: timeout', async () => {
    const loop: SimEventLoop = { generation: 2, secret: SECRET, mode: 'frozen', heard: [] };
    await withServer(eventLoopServer(loop).start(LOCAL), (at) =>
      inRun(async (scope) => {
        await expect(ampPort(scope).greet(at, SHORT)).rejects.toMatchObject({ code: 'timeout' });
      }),
    );
  });

  it('that is stopping closes without a box', async () => {
    const loop: SimEventLoop = { generation: 2, secret: SECRET, mode: 'stopping', heard: [] };
    await withServer(eventLoopServer(loop).start(LOCAL), (at) =>
      inRun(async (scope) => {
        await expect(ampPort(scope).greet(at, LONG)).rejects.toMatchObject({
          code: 'protocol',
          message: expect.stringContaining('RPC service of this event loop is stopping') as string,
        });
      }),
    );
  });

  it('that is gone refuses', async () => {
    const running = await tcpServer(LOCAL, () => {});
    await running.close();
    await inRun(async (scope) => {
      const greeting = ampPort(scope).greet({ host: '127.0.0.1', port: running.port }, LONG);
      await expect(greeting).rejects.toMatchObject({ code: 'refused' });
    });
  });

  it('that goes silent after its greeting ends the question at its limit', async () => {
    await withTcp(
      (socket) => socket.write(GREETING),
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          await expect(session.authenticate(new Uint8Array(16), SHORT)).rejects.toMatchObject({
            code: 'timeout',
          });
        }),
    );
  });

  it('may ask more before it answers', async () => {
    const proof = box({ _answer: '1', digest: new Uint8Array(32), salt: new Uint8Array(16) });
    await withTcp(
      (socket) => {
        socket.write(GREETING);
        socket.on('data', () => socket.write(Buffer.concat([GREETING, GREETING, proof])));
      },
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          expect(await session.authenticate(new Uint8Array(16), LONG)).toMatchObject({
            digest: new Uint8Array(32),
          });
        }),
    );
  });

  it('may send everything one byte at a time', async () => {
    await withTcp(
      (socket) => {
        socket.setNoDelay(true);
        const drip = async (bytes: Uint8Array): Promise<void> => {
          for (const byte of bytes)
            await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
        };
        const proof = box({ _answer: '1', digest: new Uint8Array(32), salt: new Uint8Array(16) });
        socket.on('data', () => void drip(proof));
        void drip(GREETING);
      },
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          expect(session.greeting.asked).toBe('Identify');
          expect(await session.authenticate(new Uint8Array(16), LONG)).toHaveProperty('salt');
        }),
    );
  });
});

describe('what is no event loop', () => {
  test.each([
    ['random bytes', Buffer.from('ff'.repeat(64), 'hex')],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n')],
    ['an answer before any question', box({ _answer: '1' })],
    ['a box that is no question', box({ hello: 'world' })],
    ['an empty box', Buffer.alloc(2)],
  ])('greets with %s: a broken protocol', async (_, bytes) => {
    await withTcp(
      (socket) => socket.write(bytes),
      (at) =>
        inRun(async (scope) => {
          await expect(ampPort(scope).greet(at, LONG)).rejects.toMatchObject({ code: 'protocol' });
        }),
    );
  });

  it('pours without end: a broken protocol', async () => {
    await withTcp(
      (socket) => {
        let index = 0;
        const pour = (): void => {
          while (!socket.destroyed) {
            const key = Buffer.from(`k${index++}`);
            const head = Buffer.of(0, key.length);
            const value = Buffer.alloc(60_000);
            const size = Buffer.of(value.length >> 8, value.length & 255);
            if (!socket.write(Buffer.concat([head, key, size, value]))) return;
          }
        };
        socket.on('drain', pour);
        pour();
      },
      (at) =>
        inRun(async (scope) => {
          await expect(ampPort(scope).greet(at, LONG)).rejects.toMatchObject({ code: 'protocol' });
        }),
    );
  });

  test.each([
    ['the wrong tag', box({ _answer: '2', digest: new Uint8Array(32), salt: new Uint8Array(16) })],
    ['a short digest', box({ _answer: '1', digest: new Uint8Array(31), salt: new Uint8Array(16) })],
    ['no salt', box({ _answer: '1', digest: new Uint8Array(32) })],
    ['nothing', box({ _answer: '1' })],
  ])('answers with %s: a broken protocol', async (_, bytes) => {
    await withTcp(
      (socket) => {
        socket.write(GREETING);
        socket.on('data', () => socket.write(bytes));
      },
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          await expect(session.authenticate(new Uint8Array(16), LONG)).rejects.toMatchObject({
            code: 'protocol',
          });
        }),
    );
  });

  it('answers with an error: its words, clipped and made harmless', async () => {
    const error = box({
      _error: '1',
      _error_code: 'UNHANDLED',
      _error_description: `\u001b]0;owned\u0007${'x'.repeat(5000)}`,
    });
    await withTcp(
      (socket) => {
        socket.write(GREETING);
        socket.on('data', () => socket.write(error));
      },
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          const message = await session
            .authenticate(new Uint8Array(16), LONG)
            .then(String, (failure: unknown) => String(failure));
          expect(message).toContain('UNHANDLED: \\x1b]0;owned\\x07xxx');
          expect(message.length).toBeLessThan(400);
        }),
    );
  });

  it('closes after the greeting: a broken protocol', async () => {
    await withTcp(
      (socket) => {
        socket.write(GREETING);
        socket.on('data', () => socket.end());
      },
      (at) =>
        inRun(async (scope) => {
          const session = await ampPort(scope).greet(at, LONG);
          await expect(session.authenticate(new Uint8Array(16), LONG)).rejects.toMatchObject({
            code: 'protocol',
          });
        }),
    );
  });
});

describe('the monitor', () => {
  it('closes its connection with the run', async () => {
    let closed = false;
    await withTcp(
      (socket) => {
        socket.on('close', () => (closed = true));
        socket.write(GREETING);
      },
      async (at) => {
        await inRun((scope) => ampPort(scope).greet(at, LONG));
        await vi.waitUntil(() => closed);
      },
    );
  });

  test.each(['src/protocol/amp.ts', 'src/io/amp.ts', 'checks/cluster-controllers.ts'])(
    'has no way to answer or to register in %s',
    (file) => {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      const code = source.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
      expect(code).not.toMatch(/['"`](Identify|Register\w*|UpdateServices|StartTLS)['"`]/);
      expect(code).not.toMatch(/\[\s*['"]_answer['"]/);
    },
  );
});
