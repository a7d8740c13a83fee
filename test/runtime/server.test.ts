import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { HttpServer, json, Refused, text, type Places } from '../../src/runtime/server.ts';

const errors: unknown[] = [];
let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  errors.length = 0;
});

const echo: Places = {
  '/echo': { POST: async (request) => json(200, { got: await request.json() }) },
  '/both': { GET: () => text(200, 'got'), POST: () => text(200, 'posted') },
  '/old': () => text(200, 'old'),
  '/broken': {
    GET: () => {
      throw new TypeError('a defect');
    },
    error: (status, says) => json(status, { error: says }),
  },
  '/refused': () => {
    throw new Refused(409, 'not now', { 'x-more': 'yes' });
  },
};

async function listening(): Promise<string> {
  server = new HttpServer(echo, (error) => errors.push(error));
  return server.listen({ host: '127.0.0.1', port: 0 });
}

const post = (
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

it('hands a JSON body to a route that is posted to', async () => {
  const answer = await post(`${await listening()}/echo`, '{"a":[1]}');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ got: { a: [1] } });
});

it.each([
  ['no JSON', '{"a":', {}, 400, 'not JSON'],
  ['nothing', '', {}, 400, 'not JSON'],
  ['half a character', new Uint8Array([0x22, 0xc3, 0x22]), {}, 400, 'not JSON'],
  ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'application/json'],
  ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'application'],
  ['what is compressed', '{}', { 'content-encoding': 'gzip' }, 415, 'not compressed'],
  ['too much', `"${'x'.repeat(65_536)}"`, {}, 413, 'longer than 65536'],
])('refuses a body that is %s', async (_, body, headers, status, words) => {
  const answer = await post(`${await listening()}/echo`, body, headers);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(words);
  expect(errors).toEqual([]);
});

it('takes a body of exactly the longest length', async () => {
  const body = `"${'x'.repeat(65_534)}"`;
  expect((await post(`${await listening()}/echo`, body)).status).toBe(200);
});

it('refuses too much although its length was not said before', async () => {
  const parts = new ReadableStream<Uint8Array>({
    start: (stream) => {
      for (let part = 0; part < 80; part += 1) stream.enqueue(new Uint8Array(1024).fill(0x20));
      stream.close();
    },
  });
  const answer = await fetch(`${await listening()}/echo`, {
    method: 'POST',
    body: parts,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(413);
});

it('takes a client that goes away in the middle of its body for no defect', async () => {
  const url = new URL(await listening());
  await new Promise<void>((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(
        'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a',
        () => socket.destroy(),
      );
    });
    socket.once('close', () => {
      resolve();
    });
  });
  expect((await fetch(`${url.href}old`)).status).toBe(200);
  expect(errors).toEqual([]);
});

it.each([
  ['/echo', 'GET', 'POST'],
  ['/old', 'POST', 'GET, HEAD'],
  ['/both', 'DELETE', 'GET, HEAD, POST'],
  ['/both', 'OPTIONS', 'GET, HEAD, POST'],
])('%s does not answer %s, and says what it answers', async (path, method, allow) => {
  const answer = await fetch(`${await listening()}${path}`, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
});

it('lets no page of another origin in', async () => {
  const answer = await fetch(`${await listening()}/both`, { headers: { origin: 'http://evil' } });
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual(
    [],
  );
});

it('answers HEAD as GET, without the body', async () => {
  const answer = await fetch(`${await listening()}/both`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-length')).toBe('4');
  expect(await answer.text()).toBe('');
});

it('tells a refusal with its status, words and headers', async () => {
  const answer = await fetch(`${await listening()}/refused`);
  expect([answer.status, answer.headers.get('x-more'), await answer.text()]).toEqual([
    409,
    'yes',
    'not now\n',
  ]);
});

it('tells a defect in the form of its place, and to its owner whole', async () => {
  const answer = await fetch(`${await listening()}/broken`);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    error: 'this is a defect of the monitor; its log has the details',
  });
  expect(errors).toEqual([new TypeError('a defect')]);
});

it.each(['/none', '/constructor', '/both/below'])('has nothing at %s', async (path) => {
  const answer = await fetch(`${await listening()}${path}`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('/echo');
});
