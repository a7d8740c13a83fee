import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { openPing } from '../../src/io/ping.ts';
import { DeadMan, type Objection, type Pings } from '../../src/runtime/dead-man.ts';
import { FakeClock } from '../support/clock.ts';

const EVERY = 60;
const TOKEN = '5d9a7b0e-ping-token';
const opened: { servers: Server[]; men: DeadMan[] } = { servers: [], men: [] };
afterEach(async () => {
  await Promise.all(opened.men.splice(0).map((man) => man.stop()));
  for (const server of opened.servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Asks again until the assertion holds. */
const eventually = <T>(read: () => T) => expect.poll(read, { interval: 5, timeout: 10_000 });

/** A dead man on a clock that stands still, with a real server outside. */
async function setUp(answer: RequestListener, ...objections: Objection[]) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  opened.servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${TOKEN}`;
  return { server, requests, ...start(url, ...objections) };
}

function start(url: string, ...objections: Objection[]) {
  const clock = new FakeClock();
  const settings = { url: new Secret(url), every: seconds(EVERY), method: 'GET' } as const;
  const man = new DeadMan(settings, objections, openPing(clock), clock);
  opened.men.push(man);
  /** Lets one period pass and waits until the pings have come to this. */
  const period = async (wanted: Partial<Pings>): Promise<Pings> => {
    clock.advance(EVERY);
    await eventually(() => man.last()).toMatchObject(wanted);
    return man.last();
  };
  return { clock, man, period };
}

const ok: RequestListener = (_, response) => response.end('OK');

it('pings once a period, and not at once: a monitor that keeps dying must not look alive', async () => {
  const { clock, requests, period, man } = await setUp(ok);
  clock.advance(EVERY - 1);
  expect(requests).toEqual([]);
  clock.advance(1);
  await eventually(() => man.last().accepted).toBe(1);
  await period({ accepted: 2 });
  await period({ accepted: 3, failed: 0, withheld: 0 });
  expect(requests).toEqual([`/${TOKEN}`, `/${TOKEN}`, `/${TOKEN}`]);
  expect(man.facts()).toEqual({ every: EVERY, silent: 0 });
});

it('keeps silent while anything objects, says why, and goes on as soon as nothing does', async () => {
  let objection: string | undefined;
  const { requests, period, man } = await setUp(
    ok,
    () => undefined,
    () => objection,
  );
  await period({ accepted: 1 });
  objection = 'the store cannot be written';
  await period({ withheld: 1 });
  const pings = await period({ withheld: 2, why: objection });
  expect(pings.accepted).toBe(1);
  expect(requests).toHaveLength(1);
  expect(man.facts()).toEqual({ every: EVERY, silent: 2 * EVERY, why: objection });
  objection = undefined;
  expect(await period({ accepted: 2 })).not.toHaveProperty('why');
  expect(requests).toHaveLength(2);
});

it('takes a question that cannot be answered for an objection', async () => {
  const { requests, period } = await setUp(ok, () => {
    throw new Error('broken');
  });
  const { why } = await period({ withheld: 1 });
  expect(why).toContain('cannot be told');
  expect(requests).toEqual([]);
});

it('never has two under way: a server that hangs is given up after ten seconds', async () => {
  const { clock, requests, man, period } = await setUp(() => {});
  clock.advance(EVERY);
  await eventually(() => requests.length).toBe(1);
  expect(man.last().failed).toBe(0);
  clock.advance(10);
  await eventually(() => man.last()).toMatchObject({ failed: 1 });
  expect(man.last().why).toMatch(/no answer within 10s \[timeout\]/);
  clock.advance(EVERY - 11);
  expect(requests).toHaveLength(1);
  clock.advance(1);
  await eventually(() => requests.length).toBe(2);
  await period({ failed: 2 });
});

it('does not begin another while one goes on, however short the period', async () => {
  const { requests, man, clock } = await (async () => {
    const hanging = await setUp(() => {});
    await hanging.man.stop();
    const fake = new FakeClock();
    const url = `http://127.0.0.1:${(hanging.server.address() as AddressInfo).port}/`;
    const settings = { url: new Secret(url), every: seconds(1), method: 'GET' } as const;
    const quick = new DeadMan(settings, [], openPing(fake), fake);
    opened.men.push(quick);
    return { requests: hanging.requests, man: quick, clock: fake };
  })();
  clock.advance(1);
  await eventually(() => requests.length).toBe(1);
  clock.advance(9);
  expect(man.last()).toMatchObject({ withheld: 9, failed: 0 });
  expect(man.last().why).toBe('the ping before is still under way');
  expect(requests).toHaveLength(1);
});

describe('what does not count as taken', () => {
  test.each<[string, number, string, string]>([
    ['a watch that is not there', 404, 'not found', 'it answered 404 (not found)'],
    ['a server in trouble', 500, '', 'it answered 500'],
    ['a redirect', 301, '', 'it answered 301'],
    [
      'a watch that is not there, told kindly',
      200,
      'OK (not found)',
      'took nothing: OK (not found)',
    ],
    ['a page of somebody in between', 200, 'x'.repeat(5000), 'larger than 4096 bytes'],
  ])('%s', async (_, status, body, says) => {
    const { period } = await setUp((_request, response) => response.writeHead(status).end(body));
    const { why, accepted } = await period({ failed: 1 });
    expect(accepted).toBe(0);
    expect(why).toContain(says);
    expect(why).not.toContain(TOKEN);
  });

  it('a server that is not there', async () => {
    const { server } = await setUp(ok);
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const { period } = start(`http://127.0.0.1:${port}/${TOKEN}`);
    const { why } = await period({ failed: 1 });
    expect(why).toContain('[refused]');
    expect(why).not.toContain(TOKEN);
    await period({ failed: 2 });
  });
});

it('is over at once when stopped, even with a ping under way', async () => {
  const { clock, requests, man } = await setUp(() => {});
  clock.advance(EVERY);
  await eventually(() => requests.length).toBe(1);
  await man.stop();
  expect(man.last()).toMatchObject({ failed: 0 });
  expect(clock.pending).toBe(0);
});
