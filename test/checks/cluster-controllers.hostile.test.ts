import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import controllers from '../../checks/cluster-controllers.ts';
import active from '../../checks/region-active.ts';
import { ampPort } from '../../src/io/amp.ts';
import { httpPort } from '../../src/io/http.ts';
import { listening, tcpServer, type Running } from '../sim/listener.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

/* Real servers that are not what they should be: at the region's URL, and at the port of an event loop. */

const [VIP, RC1] = ['127.0.79.9', '127.0.79.1'] as const;

const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

async function look(
  check: typeof controllers,
  web: (loop: number) => Promise<Running>,
  loop: (socket: Socket) => unknown = (socket) => socket.destroy(),
): Promise<Ran> {
  const amp = await tcpServer({ host: RC1, port: 0 }, (socket) => {
    socket.resume();
    loop(socket);
  });
  const site = await web(amp.port);
  try {
    const where = region({
      vip: VIP,
      maasUrl: `http://${VIP}:${site.port}/MAAS`,
      nodes: [{ name: 'rc1', address: VIP }],
      clusters: [],
    });
    const here = check === active ? where : { ...where, nodes: [{ name: 'rc1', address: RC1 }] };
    return await inRun((scope) =>
      runCheck(check, here, fakePorts({ http: httpPort(scope), amp: ampPort(scope) })),
    );
  } finally {
    await Promise.all([amp.close(), site.close()]);
  }
}

const site = (answer: RequestListener) => (): Promise<Running> =>
  listening(createServer(answer), { host: VIP, port: 0 });

const drip =
  (text: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    let at = 0;
    const timer = setInterval(() => response.write(text[(at += 1) % text.length]), 100);
    response.on('close', () => {
      clearInterval(timer);
    });
  };

describe('at the region’s URL', () => {
  test.each<readonly [string, RequestListener, string, string]>([
    ['502', (_, to) => to.writeHead(502).end('<h1>'), 'down', 'the region application is not'],
    ['503', (_, to) => to.writeHead(503).end('<h1>'), 'starting', 'is starting'],
    ['504', (_, to) => to.writeHead(504).end('<h1>'), 'hangs', 'hangs'],
    ['HTML', (_, to) => to.end('<!DOCTYPE html>\u001b[2J'), 'other', '<!DOCTYPE html>\\x1b[2J'],
    ['10 MB', (_, to) => to.end('x'.repeat(10_000_000)), 'other', 'larger than 262144 bytes'],
    [
      'a redirect to itself',
      (_, to) => to.writeHead(302, { location: '/MAAS/rpc/' }).end(),
      'other',
      '302',
    ],
    [
      'one byte after the other',
      drip('{"eventloops": '),
      'hangs',
      'the answer began, and does not end',
    ],
    ['nothing', () => undefined, 'hangs', 'it took the request, and no answer begins'],
  ])('%s is a finding, and it says what it was', async (_, answer, state, words) => {
    const [rpc, nodes] = await Promise.all([
      look(controllers, site(answer)),
      look(active, site(answer)),
    ]);
    expect(rpc.alerts).toEqual(['MaasHaRegionRpcDown']);
    expect(rpc.values).toHaveProperty(`maasha_region_url_state{state="${state}"}`, 1);
    expect(said(rpc)).toContain(words);
    expect(nodes.alerts).toEqual(['MaasHaRegionNotReady rc1']);
    expect(nodes.values).toHaveProperty(`maasha_region_state{node="rc1",state="${state}"}`, 1);
    expect([...rpc.gaps, ...nodes.gaps]).toEqual([]);
  });
});

describe('at the port of an event loop', () => {
  const advertising = (port: number): Promise<Running> =>
    site((_, response) =>
      response.end(JSON.stringify({ eventloops: { 'rc1:pid=1': [[RC1, port]] } })),
    )();

  test.each<readonly [string, (socket: Socket) => unknown, string]>([
    ['SMTP', (socket) => socket.write('220 mail ESMTP Postfix\r\n'), '"220 mail ESMTP'],
    ['SSH', (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'), '"SSH-2.0-OpenSSH_9.2'],
    [
      'HTTP that was closed',
      (socket) => socket.end('HTTP/1.1 408 Timeout\r\n\r\n'),
      '"HTTP/1.1 408',
    ],
    ['a web server that waits', () => undefined, 'greeting: no answer within'],
  ])('%s is a loop that does not answer, and it says what it was', async (_, speak, words) => {
    const ran = await look(controllers, advertising, speak);
    expect(ran.alerts).toEqual(['MaasHaRegionRpcLoopSilent rc1']);
    expect(said(ran)).toContain(words);
  });
});
