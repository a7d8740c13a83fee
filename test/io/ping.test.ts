import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { openPing } from '../../src/io/ping.ts';

const opened: (Server & { closeAllConnections?: () => void })[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const TOKEN = '5d9a7b0e-ping-token';
const serve = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(answer))}/${TOKEN}?also=${TOKEN}`;

const port = openPing(systemClock);
const ping = (
  url: string,
  { method = 'GET' as const, timeout = 5, signal = new AbortController().signal } = {},
) => port.ping(new Secret(url), { method, timeout: seconds(timeout), signal });

const failure = async (attempt: Promise<unknown>): Promise<CheckFailure> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CheckFailure);
  // Whoever knows the URL can pretend to be alive.
  expect((error as CheckFailure).message).not.toContain(TOKEN);
  return error as CheckFailure;
};

describe('a ping', () => {
  it('is one request for the whole URL, on a connection of its own', async () => {
    const seen: string[] = [];
    const url = await serve(({ method, url: path, headers }, response) => {
      seen.push(`${method} ${path} ${headers.connection}`);
      response.end('OK');
    });
    expect(await ping(url)).toEqual({ status: 200, body: 'OK' });
    expect(await port.ping(new Secret(url), POST)).toEqual({ status: 200, body: 'OK' });
    expect(seen).toEqual([
      `GET /${TOKEN}?also=${TOKEN} close`,
      `POST /${TOKEN}?also=${TOKEN} close`,
    ]);
  });

  const POST = {
    method: 'POST',
    timeout: seconds(5),
    signal: new AbortController().signal,
  } as const;

  test.each([404, 429, 500])('that is answered %d is answered', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end('no'));
    expect(await ping(url)).toEqual({ status, body: 'no' });
  });

  it('does not follow a redirect', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await ping(url)).status).toBe(302);
    expect(requests).toBe(1);
  });

  it('uses no proxy of the environment', async () => {
    const url = await serve((_, response) => response.end('direct'));
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    const { body } = await ping(url).finally(() => delete process.env['http_proxy']);
    expect(body).toBe('direct');
  });
});

describe('fails, and does not tell the URL', () => {
  it('when the answer is longer than any honest one', async () => {
    const fits = await serve((_, response) => response.end('x'.repeat(4096)));
    const tooLong = await serve((_, response) => response.end('x'.repeat(4097)));
    expect((await ping(fits)).body).toHaveLength(4096);
    expect(await failure(ping(tooLong))).toMatchObject({ code: 'protocol' });
  });

  it('when nobody listens', async () => {
    const server = createTcp();
    const free = await listen(server);
    await new Promise((done) => server.close(done));
    const refused = await failure(ping(`http://127.0.0.1:${free}/${TOKEN}`));
    expect(refused.code).toBe('refused');
    expect(refused.message).toContain(`127.0.0.1:${free}`);
  });

  it('when no answer comes, and hangs up', async () => {
    const gone = new Promise<void>((resolve) => {
      void serve((request) => {
        request.once('close', resolve);
      }).then(async (url) => {
        expect(await failure(ping(url, { timeout: 0.1 }))).toMatchObject({ code: 'timeout' });
      });
    });
    await gone;
  });

  it('when it is called off', async () => {
    const life = new AbortController();
    const url = await serve(() => {
      life.abort(new Error('stopped'));
    });
    expect(await failure(ping(url, { signal: life.signal }))).toMatchObject({ code: 'cancelled' });
  });

  it('when the other side does not speak HTTP', async () => {
    const server = createTcp((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-nothing\r\n');
    });
    const url = `http://127.0.0.1:${await listen(server)}/${TOKEN}`;
    expect(await failure(ping(url))).toMatchObject({ code: 'protocol' });
  });

  it('when the other side does not speak TLS', async () => {
    const url = await serve((_, response) => response.end());
    const secured = url.replace('http:', 'https:');
    expect(await failure(ping(secured))).toMatchObject({ code: 'tls' });
  });

  test.each([`ftp://127.0.0.1/${TOKEN}`, `nowhere ${TOKEN}`])('when it is no URL', async (url) => {
    expect(await failure(ping(url))).toMatchObject({ code: 'config' });
  });
});
