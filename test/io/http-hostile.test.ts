import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CheckFailure } from '../../src/core/failure.ts';
import { seconds } from '../../src/core/time.ts';
import { httpPort } from '../../src/io/http.ts';
import { inRun } from '../support/run-scope.ts';

/* What a region, or what stands in its place, may answer: each exchange ends, says where, and leaves nothing. */

const LIMIT = { timeout: seconds(5) };
const BRIEF = { timeout: seconds(0.3) };
const opened: { close: () => unknown; closeAllConnections?: () => void }[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server | ReturnType<typeof createTcp>): Promise<string> {
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/MAAS/rpc/`;
}

const serve = (answer: RequestListener): Promise<string> => listen(createHttp(answer));

/** A server that says this as soon as anybody connects; it counts who is still there. */
async function speak(say: (socket: Socket) => unknown) {
  const present = new Set<Socket>();
  const url = await listen(
    createTcp((socket) => {
      present.add(socket);
      socket.on('close', () => present.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      socket.resume();
      say(socket);
    }),
  );
  return { url, present };
}

const get = (url: string, options: { timeout: typeof LIMIT.timeout; maxBytes?: number } = LIMIT) =>
  inRun((scope) => httpPort(scope).get(url, options));

const failureOf = (
  url: string,
  options: Parameters<typeof get>[1] = LIMIT,
): Promise<CheckFailure> =>
  get(url, options).then(
    ({ status }) => expect.fail(`it answered ${status}`),
    (error: unknown) => error as CheckFailure,
  );

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';

describe('a server that is slow', () => {
  it.each([
    ['before its first word', '', 'first byte', 'it took the request, and no answer begins'],
    ['within its headers', HEAD.slice(0, 30), 'first byte', 'no answer begins'],
    ['after its headers', HEAD, 'body', 'the answer began, and does not end'],
    ['in the middle of its body', `${HEAD}{"event`, 'body', 'does not end'],
  ])('and stops %s is given up at the limit, and it says so', async (_, text, phase, words) => {
    const { url, present } = await speak((socket) => socket.write(text));
    const failure = await failureOf(url, BRIEF);
    expect(failure).toMatchObject({ code: 'timeout', facts: { phase } });
    expect(failure.message).toContain(words);
    await vi.waitUntil(() => present.size === 0);
  });

  it('and sends one byte after the other does not win time by it', async () => {
    const { url, present } = await speak((socket) => {
      const drip = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => {
        clearInterval(drip);
      });
      socket.write(HEAD);
    });
    const failure = await failureOf(url, BRIEF);
    expect(failure).toMatchObject({ code: 'timeout', facts: { phase: 'body' } });
    await vi.waitUntil(() => present.size === 0);
  });

  it('or is not there at all is said not to stand', async () => {
    // 192.0.2.0/24 is for documentation (RFC 5737): there is nobody, or no way there.
    const failure = await failureOf('http://192.0.2.1/', BRIEF);
    expect(['timeout', 'unreachable', 'refused']).toContain(failure.code);
    expect(failure.facts['phase']).toBe('connect');
  });
});

describe('a server that sends too much', () => {
  it('as ten megabytes of JSON is cut off at the bound', async () => {
    const url = await serve((_, response) => response.end(`"${'x'.repeat(10_000_000)}"`));
    const failure = await failureOf(url, { ...LIMIT, maxBytes: 262_144 });
    expect(failure).toMatchObject({ code: 'protocol', facts: { phase: 'body' } });
    expect(failure.message).toContain('larger than 262144 bytes');
  });

  it('packed, unasked, is not unpacked: a bomb stays as small as it came', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const url = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const reply = await get(url);
    expect(reply.status).toBe(200);
    expect(reply.body.length).toBeLessThan(100_000);
  });

  it('as headers without end breaks the protocol', async () => {
    const { url } = await speak((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const pour = (): void => {
        while (!socket.destroyed && socket.write(`x-${'y'.repeat(4000)}: z\r\n`));
      };
      socket.on('drain', pour);
      pour();
    });
    expect(await failureOf(url)).toMatchObject({ code: 'protocol' });
  });
});

describe('a server that is something else', () => {
  it.each([502, 503, 504])('answers %i with a page: that is a reply', async (status) => {
    const url = await serve((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'),
    );
    expect(await get(url)).toMatchObject({ status, body: '<h1>Bad Gateway</h1>' });
  });

  it('redirects to itself for ever: it is asked once', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      response.writeHead(302, { location: request.url ?? '' }).end();
    });
    expect((await get(url)).status).toBe(302);
    expect(asked).toBe(1);
  });

  it.each([
    ['an SMTP banner', '220 mail ESMTP Postfix\r\n'],
    ['nothing but a null', '\0'],
    ['an answer with an impossible status', 'HTTP/1.1 abc\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ])('answers with %s: a broken protocol', async (_, text) => {
    const { url } = await speak((socket) => socket.end(text));
    expect(await failureOf(url)).toMatchObject({
      code: 'protocol',
      facts: { phase: 'first byte' },
    });
  });

  it.each([
    ['before it answers', ''],
    ['in the middle of its body', `${HEAD}{"event`],
  ])('hangs up %s: no answer', async (_, text) => {
    const { url } = await speak((socket) => socket.end(text));
    expect(['refused', 'protocol']).toContain((await failureOf(url)).code);
  });
});
