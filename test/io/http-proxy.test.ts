import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import type { Endpoint, HttpOptions } from '../../src/core/ports/network.ts';
import { httpPort } from '../../src/io/http.ts';
import { inRun } from '../support/run-scope.ts';

const LIMIT = { timeout: seconds(5) };
const opened: { close: () => unknown; closeAllConnections?: () => void }[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server, host = '127.0.0.1'): Promise<Endpoint> {
  opened.push(server);
  await once(server.listen(0, host), 'listening');
  return { host, port: (server.address() as AddressInfo).port };
}

const proxy = (answer: RequestListener, host?: string): Promise<Endpoint> =>
  listen(createHttp(answer), host);

const get = (url: string, options: Partial<HttpOptions>) =>
  inRun((scope) => httpPort(scope).get(url, { ...LIMIT, ...options }));

/** A proxy that tells what it was asked for. */
const telling: RequestListener = ({ method, url, headers }, response) => {
  response.end(JSON.stringify({ method, url, headers }));
};

const told = async (url: string, options: Partial<HttpOptions>) =>
  JSON.parse((await get(url, options)).body) as {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };

describe('httpPort through a proxy', () => {
  it('asks the proxy for the whole URL, by the name of the origin', async () => {
    const asked = await told('http://archive.ubuntu.com:8080/ubuntu/Release?x=1#here', {
      via: await proxy(telling),
    });
    expect(asked.url).toBe('http://archive.ubuntu.com:8080/ubuntu/Release?x=1');
    expect(asked.headers['host']).toBe('archive.ubuntu.com:8080');
  });

  it('looks up no name and connects to nobody but the proxy', async () => {
    const via = await proxy(telling);
    expect((await told('http://there.is.no.such.name.invalid/', { via })).url).toBe(
      'http://there.is.no.such.name.invalid/',
    );
  });

  it('finds a proxy at an IPv6 address', async () => {
    const via = await proxy(telling, '::1');
    expect((await told('http://origin/', { via })).url).toBe('http://origin/');
  });

  it('keeps a password of the URL out of the request line', async () => {
    const asked = await told('http://me:pass@origin/x', { via: await proxy(telling) });
    expect(asked.url).toBe('http://origin/x');
  });

  it('asks caches for a fresh answer only when it is told to', async () => {
    const via = await proxy(telling);
    const [fresh, usual] = await Promise.all([
      told('http://origin/', { via, fresh: true }),
      told('http://origin/', { via }),
    ]);
    expect(fresh.headers['cache-control']).toBe('no-cache');
    expect(usual.headers).not.toHaveProperty('cache-control');
  });

  it('asks an origin itself for a fresh answer, too', async () => {
    const { host, port } = await proxy(telling);
    const asked = await told(`http://${host}:${port}/x`, { fresh: true });
    expect(asked).toMatchObject({ url: '/x', headers: { 'cache-control': 'no-cache' } });
  });

  it('gives the error page of the proxy as a reply', async () => {
    const via = await proxy((_, response) =>
      response.writeHead(503, { 'x-squid-error': 'ERR_DNS_FAIL 0' }).end('<html>'),
    );
    expect(await get('http://origin/', { via })).toMatchObject({
      status: 503,
      headers: { 'x-squid-error': 'ERR_DNS_FAIL 0' },
    });
  });

  it('refuses https, of which it could judge no more than the tunnel', async () => {
    let asked = 0;
    const via = await proxy(() => (asked += 1));
    const getting = get('https://origin/', { via });
    await expect(getting).rejects.toMatchObject({ code: 'config' });
    await expect(getting).rejects.toThrow('not https');
    expect(asked).toBe(0);
  });

  it('names the proxy, and how far it came, where nobody listens', async () => {
    const server = createTcp();
    const via = await listen(server);
    await once(server.close(), 'close');
    const getting = get('http://origin/x?secret=1', { via });
    await expect(getting).rejects.toMatchObject({ code: 'refused', facts: { phase: 'connect' } });
    await expect(getting).rejects.toThrow(
      `GET http://origin/x through 127.0.0.1 port ${via.port}: `,
    );
  });

  it('tells a proxy that hangs up from one that does not listen', async () => {
    const via = await listen(createTcp((socket) => socket.destroy()));
    await expect(get('http://origin/', { via })).rejects.toMatchObject({
      code: 'refused',
      facts: { phase: 'first byte' },
    });
  });

  it('gives up on a proxy that takes the request and is silent', async () => {
    const via = await proxy(() => {});
    const getting = get('http://origin/', { via, timeout: seconds(0.2) });
    await expect(getting).rejects.toMatchObject({
      code: 'timeout',
      facts: { phase: 'first byte' },
    });
  });
});
