import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { httpPort } from '../../src/io/http.ts';
import { inRun } from '../support/run-scope.ts';

const LIMIT = { timeout: seconds(5) };
const BRIEF = { timeout: seconds(0.2) };
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
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = async (answer: RequestListener): Promise<string> =>
  `http://${await listen(createHttp(answer))}`;

const raw = async (text: string): Promise<string> => {
  const server = createTcp((socket) => {
    socket.on('error', () => {});
    socket.end(text);
  });
  return `http://${await listen(server)}/`;
};

const get = (url: string, options: { timeout: typeof LIMIT.timeout; maxBytes?: number } = LIMIT) =>
  inRun((scope) => httpPort(scope).get(url, options));

describe('httpPort', () => {
  it('gives status, headers and body', async () => {
    const url = await serve((request, response) => {
      response.setHeader('x-asked', request.url ?? '');
      response.setHeader('set-cookie', ['a', 'b']);
      response.end('größer');
    });
    const reply = await get(`${url}/MAAS/rpc/?x=1`);
    expect(reply).toMatchObject({
      status: 200,
      body: 'größer',
      headers: { 'x-asked': '/MAAS/rpc/?x=1', 'set-cookie': 'a, b' },
    });
    expect(reply.took).toBeGreaterThan(0);
  });

  it('tells the phases that it went through, which together are the whole', async () => {
    const url = await serve((_, response) => response.end('ok'));
    const { phases = {}, took } = await get(url);
    expect(Object.keys(phases)).toEqual(['connect', 'first byte', 'body']);
    const sum = Object.values(phases).reduce((all, each) => all + each, 0);
    expect(sum).toBeCloseTo(took, 1);
  });

  it('makes a connection of its own for every request', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve(({ socket, headers }, response) => {
      ports.add(socket.remotePort);
      response.end(headers.connection);
    });
    const replies = [await get(url), await get(url)];
    expect(replies.map(({ body }) => body)).toEqual(['close', 'close']);
    expect(ports.size).toBe(2);
  });

  it('reports a redirect and does not follow it', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/x' }).end());
    expect(await get(url)).toMatchObject({ status: 302, headers: { location: '/x' } });
  });

  it('reports an error of the server as a reply', async () => {
    const url = await serve((_, response) => response.writeHead(500).end('no'));
    expect(await get(url)).toMatchObject({ status: 500, body: 'no' });
  });

  it('uses no proxy of the environment', async () => {
    const url = await serve((_, response) => response.end('direct'));
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    const reply = await get(url).finally(() => delete process.env['http_proxy']);
    expect(reply.body).toBe('direct');
  });

  it('takes a body of just the bound and refuses a larger one', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(100)));
    expect((await get(url, { ...LIMIT, maxBytes: 100 })).body).toHaveLength(100);
    const tooLarge = get(url, { ...LIMIT, maxBytes: 99 });
    await expect(tooLarge).rejects.toMatchObject({ code: 'protocol' });
  });

  it('ends a body without end at the bound', async () => {
    const url = await serve((_, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    await expect(get(url, { ...LIMIT, maxBytes: 50_000 })).rejects.toMatchObject({
      code: 'protocol',
    });
  });

  it('gives up at the timeout on a server that accepts and is silent', async () => {
    const url = await serve(() => {});
    await expect(get(url, BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('gives up at the timeout in the middle of a body', async () => {
    const url = await serve((_, response) => response.write('half'));
    await expect(get(url, BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('ends with the run', async () => {
    const url = await serve(() => {});
    const getting = inRun(async (scope, end) => {
      const reply = httpPort(scope).get(url, LIMIT);
      end();
      return reply;
    });
    await expect(getting).rejects.toMatchObject({ code: 'cancelled' });
  });

  it.each([
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['has headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`],
  ])('calls an answer that %s a broken protocol', async (_, text) => {
    await expect(get(await raw(text))).rejects.toMatchObject({ code: 'protocol' });
  });

  it('tells that nobody listens', async () => {
    const server = createTcp();
    const at = await listen(server);
    await once(server.close(), 'close');
    await expect(get(`http://${at}/`)).rejects.toMatchObject({ code: 'refused' });
  });

  it.each(['ftp://127.0.0.1/', 'MAAS', ''])('refuses %j as no URL of its kind', async (url) => {
    await expect(get(url)).rejects.toMatchObject({ code: 'config' });
  });

  it('keeps the user and the query of the URL out of its messages', async () => {
    const server = createTcp();
    const at = await listen(server);
    await once(server.close(), 'close');
    const failure: unknown = await get(`http://me:pass@${at}/p?token=t`).catch((e: unknown) => e);
    expect(String(failure)).toContain('/p');
    expect(String(failure)).not.toMatch(/pass|token/);
  });
});

describe('httpPort with TLS', () => {
  it('refuses a certificate that nobody vouches for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maasha-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const subject = ['-subj', '/CN=rc1', '-days', '1', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {
      stdio: 'ignore',
    });
    const pair = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    const at = await listen(createHttps(pair, (_, response) => response.end()));
    await expect(get(`https://${at}/`)).rejects.toMatchObject({ code: 'tls' });
  });

  it('tells TLS from a plain server, and from one that hangs up', async () => {
    const plain = await serve((_, response) => response.end());
    await expect(get(plain.replace('http', 'https'))).rejects.toMatchObject({ code: 'tls' });
    const deaf = await raw('');
    await expect(get(deaf.replace('http', 'https'))).rejects.toMatchObject({ code: 'tls' });
  });
});
