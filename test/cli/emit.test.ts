import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { destination, emit, type EmitOptions } from '../../src/cli/emit.ts';
import type { Look } from '../../src/cli/look.ts';
import { seenFromHere } from '../../src/cli/own-node.ts';
import type { CheckResult } from '../../src/core/check.ts';
import type { Region } from '../../src/core/region.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { region } from '../support/region.ts';

const TOKEN = 'a-token-that-is-long-enough-for-a-test';
const site = region({
  fencing: { role: 'maas', reports: { rc2: { from: 'pushed', name: 'fence-rc2' } } },
});
const here = seenFromHere(site, ['172.31.16.33']);
let folder = '';
let server: Server | undefined;
const asked: { path: string; token: string; body: string }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emit-'));
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
  asked.length = 0;
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A monitor that answers with these, one after the other, and goes on with the last. */
async function monitor(...statuses: number[]): Promise<string> {
  const answer = async (request: IncomingMessage): Promise<number> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    asked.push({
      path: request.url ?? '',
      token: request.headers.authorization ?? '',
      body: Buffer.concat(parts).toString('utf8'),
    });
    return statuses[asked.length - 1] ?? statuses.at(-1) ?? 200;
  };
  server = createServer((request, response) => {
    void answer(request).then((status) => response.writeHead(status).end('{"error":"because"}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const look = (regions: readonly Region[] = [here], names = ['fencing']): Look =>
  ({ setup: { config: {} }, regions, names, named: true }) as unknown as Look;
const wish = (changes: EmitOptions = {}): EmitOptions => ({
  emit: 'http://127.0.0.1:9877',
  tokenFile: join(folder, 'token'),
  ...changes,
});
const result: CheckResult = {
  check: 'fencing',
  region: 'maas3',
  trigger: 'cli',
  state: 'ok',
  startedAt: instant(0),
  took: seconds(0.1),
  observations: [],
  inapplicable: [],
  findings: [],
  evidence: [],
  gaps: [],
  skips: [],
};

async function pushTo(url: string): Promise<void> {
  const to = destination(look(), wish({ emit: url }));
  if (to !== undefined) await emit(to, result);
}

describe('where to', () => {
  it('is the fact that the configuration names for this node', () => {
    expect(destination(look(), wish())?.url.href).toBe(
      'http://127.0.0.1:9877/api/facts/maas3/fence-rc2',
    );
  });

  it('is the name that is given, before that', () => {
    expect(destination(look(), wish({ as: 'a b' }))?.url.pathname).toBe('/api/facts/maas3/a%20b');
  });

  it('is nowhere without --emit', () => {
    expect(destination(look(), {})).toBeUndefined();
  });

  it.each([
    ['no URL', wish({ emit: 'monitor:9877' }), look(), /expected the monitor's URL/],
    ['no name', wish(), look([seenFromHere(site, ['172.31.16.32'])]), /--as NAME/],
    ['two checks', wish(), look([here], ['vip', 'fencing']), /one check on one region/],
    ['two regions', wish(), look([here, here]), /one check on one region/],
    ['no token', { emit: 'http://127.0.0.1', as: 'x' }, look(), /--token-file/],
    ['no file', wish({ tokenFile: '/nonexistent/token' }), look(), /the monitor's token: ENOENT/],
    ['--as alone', { as: 'x' }, look(), /with --emit URL only/],
  ])('is refused with %s', (_, options, what, words) => {
    expect(() => destination(what, options)).toThrow(words);
  });
});

describe('a push', () => {
  it('brings the result as JSON, with the token', async () => {
    await pushTo(await monitor(200));
    expect(asked).toMatchObject([{ path: '/api/facts/maas3/fence-rc2', token: `Bearer ${TOKEN}` }]);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ check: 'fencing', state: 'ok' });
  });

  it('is tried once more when the monitor is in trouble', async () => {
    await pushTo(await monitor(503, 200));
    expect(asked).toHaveLength(2);
  });

  it('is not tried again when it is refused, and says what the monitor said', async () => {
    await expect(pushTo(await monitor(404))).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/was not pushed to .*HTTP 404: .*because/) as string,
    });
    expect(asked).toHaveLength(1);
  });

  it('ends with 3 where no monitor runs, and never says the token', async () => {
    const url = await monitor(200);
    server?.close();
    const failure = pushTo(url);
    await expect(failure).rejects.toMatchObject({ code: 3 });
    await expect(failure).rejects.toThrow(/ECONNREFUSED.*tried twice/);
    await expect(failure).rejects.not.toThrow(TOKEN);
  });
});

describe('the node that it runs on', () => {
  it.each([
    [['127.0.0.1', '172.31.16.33'], { node: 'rc2', active: false }],
    [['172.31.16.32', '172.31.16.39'], { node: 'rc1', active: true }],
  ])('is found by its addresses: %j', (own, self) => {
    expect(seenFromHere(site, own).fencing?.self).toEqual(self);
  });

  it('must be one of the region', () => {
    expect(() => seenFromHere(site, ['10.0.0.1'])).toThrow(/none of the addresses of rc1, rc2/);
  });

  it('does not matter where there is no fence', () => {
    expect(seenFromHere(region(), [])).toEqual(region());
  });
});
