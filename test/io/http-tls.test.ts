import { once } from 'node:events';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CheckFailure } from '../../src/core/failure.ts';
import type { Tls } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { httpPort } from '../../src/io/http.ts';
import { inRun } from '../support/run-scope.ts';
import { issue, type Certificate } from '../support/smtp-certificate.ts';

const LIMIT = seconds(5);
const DAY = 86_400;
const opened: Server[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

const authority = issue({ name: 'MAAS operators' });
const trusted: Tls = { ca: new Secret(authority.cert) };

async function listen(server: Server): Promise<string> {
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An https server that says by which names it was asked. */
const serve = ({ cert, key }: Certificate): Promise<string> =>
  listen(
    createHttps({ cert, key, keepAlive: false }, ({ socket, headers }, response) => {
      const name = 'servername' in socket ? socket.servername : undefined;
      response.end(JSON.stringify({ name, host: headers.host }));
    }),
  );

const get = (at: string, tls?: Tls, timeout = LIMIT) =>
  inRun((scope) =>
    httpPort(scope).get(`https://${at}/MAAS/rpc/`, { timeout, ...(tls !== undefined && { tls }) }),
  );

const failureOf = (at: string, tls?: Tls, timeout = LIMIT): Promise<CheckFailure> =>
  get(at, tls, timeout).then(
    () => expect.fail('it was accepted'),
    (error: unknown) => error as CheckFailure,
  );

describe('a certificate', () => {
  it('of the given authority, for the address, is accepted, and its end is told', async () => {
    const at = await serve(issue({ name: 'rc1', hosts: ['127.0.0.1'], by: authority }));
    const { status, certificateExpires } = await get(at, trusted);
    expect(status).toBe(200);
    const left = (certificateExpires ?? 0) - Date.now() / 1000;
    expect(left / DAY).toBeGreaterThan(29.9);
    expect(left / DAY).toBeLessThan(30.1);
  });

  it('for a name is accepted at any address, and the server is asked by that name', async () => {
    const at = await serve(issue({ name: 'maas', hosts: ['maas.test'], by: authority }));
    const reply = await get(at, { ...trusted, serverName: 'maas.test' });
    expect(JSON.parse(reply.body)).toEqual({
      name: 'maas.test',
      host: `maas.test:${at.split(':')[1] ?? ''}`,
    });
  });

  it.each([
    ['for another name', ['other.test'], [-1, 30], { serverName: 'maas.test' }, 'ALTNAME'],
    ['for another address', ['127.0.0.2'], [-1, 30], {}, 'ALTNAME'],
    ['that has ended', ['127.0.0.1'], [-9, -2], {}, 'CERT_HAS_EXPIRED'],
    ['that has not begun', ['127.0.0.1'], [2, 9], {}, 'CERT_NOT_YET_VALID'],
  ] as const)('%s is not accepted, and still read', async (_, hosts, days, changes, reason) => {
    const at = await serve(issue({ name: 'rc1', hosts, by: authority, days }));
    const failure = await failureOf(at, { ...trusted, ...changes });
    expect(failure).toMatchObject({ code: 'tls', facts: { phase: 'tls' } });
    expect(failure.facts['reason']).toContain(reason);
    const left = (Number(failure.facts['certificateExpires']) - Date.now() / 1000) / DAY;
    expect(left).toBeCloseTo(days[1], 0);
  });

  it('of another authority, or where none is given, is not accepted', async () => {
    const at = await serve(issue({ name: 'rc1', hosts: ['127.0.0.1'], by: authority }));
    const other = { ca: new Secret(issue({ name: 'somebody else' }).cert) };
    expect(await failureOf(at, other)).toMatchObject({ code: 'tls' });
    expect(await failureOf(at)).toMatchObject({ code: 'tls' });
  });

  it('that is not accepted gets no request', async () => {
    let asked = 0;
    const { cert, key } = issue({ name: 'rc1', hosts: ['127.0.0.1'] });
    const server = createHttps({ cert, key }, () => (asked += 1));
    const closed = new Promise((resolve) => {
      server.on('connection', (socket: Socket) => socket.on('close', resolve));
    });
    const at = await listen(server);
    await failureOf(at, trusted);
    await closed;
    expect(asked).toBe(0);
  });
});

describe('a server that', () => {
  it('never agrees on TLS is given up at the limit, and it says so', async () => {
    let present = 0;
    const at = await listen(
      createTcp((socket) => {
        present += 1;
        socket.resume();
        socket.on('error', () => socket.destroy());
        socket.on('close', () => (present -= 1));
      }),
    );
    const failure = await failureOf(at, trusted, seconds(0.2));
    expect(failure).toMatchObject({ code: 'timeout', facts: { phase: 'tls' } });
    expect(failure.message).toContain('TLS is not agreed on');
    await vi.waitUntil(() => present === 0);
  });

  it('speaks plain HTTP there has no TLS', async () => {
    const at = await listen(
      createTcp((socket) => {
        socket.on('error', () => socket.destroy());
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      }),
    );
    expect(await failureOf(at, trusted)).toMatchObject({ code: 'tls', facts: { phase: 'tls' } });
  });
});
