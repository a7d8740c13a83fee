import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { region } from '../../support/region.ts';
import { FakeClock } from '../../support/clock.ts';
import { Secret } from '../../../src/core/secret.ts';
import { factRoutes, type FactSetup } from '../../../src/runtime/facts/routes.ts';
import { keptFact } from '../../../src/runtime/facts/kept.ts';
import { HttpServer } from '../../../src/runtime/server.ts';
import { Ledger } from '../../../src/store/ledger.ts';
import type { MonitorEvent } from '../../../src/core/event.ts';
import fencing from '../../../checks/fencing.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOKEN = 'a-token-that-is-long-enough-for-a-test';
const clock = new FakeClock();
const site = region({
  fencing: { role: 'maas', reports: { rc1: { from: 'pushed', name: 'fence-rc1' } } },
});
const published: MonitorEvent[] = [];
let server: HttpServer;
let url = '';
let folder = '';
let ledger: Ledger;

const openLedger = (): Promise<Ledger> =>
  Ledger.open({ clock, file: join(folder, 'state.db'), onTrouble: () => undefined });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'facts-'));
  published.length = 0;
  ledger = await openLedger();
  const setup: FactSetup = {
    regions: [site],
    ledger,
    clock,
    bus: { publish: (event) => void published.push(event) },
    planned: [{ check: fencing, region: site }],
  };
  const onError = (error: unknown): void => {
    throw error;
  };
  server = new HttpServer(
    factRoutes(
      () => setup,
      () => new Secret(TOKEN),
    ),
    onError,
  );
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await server.close();
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (path: string, init: RequestInit = {}) => {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as object) };
  const response = await fetch(`${url}/api/facts/${path}`, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const push = (path: string, body: string | Uint8Array<ArrayBuffer>, type = 'text/plain') =>
  ask(path, { method: 'POST', body, headers: { 'content-type': type } });

describe('a pushed fact', () => {
  it.each([
    ['text/plain', 'rc1 größer\n'],
    ['text/plain; charset=utf-8', 'x'.repeat(65_536)],
    ['application/json', '{"check":"fencing"}'],
  ])('is kept as it came, as of now: %s', async (type, body) => {
    expect(await push('maas3/fence-rc1', body, type)).toMatchObject({ status: 200 });
    const fact = { text: body, at: clock.now() / 1000 };
    expect(await ask('maas3/fence-rc1')).toMatchObject({ status: 200, body: { fact } });
  });

  it('takes the place of the one before', async () => {
    await push('maas3/fence-rc1', 'old');
    await push('maas3/fence-rc1', 'new');
    expect((await ask('maas3/fence-rc1')).body).toMatchObject({ fact: { text: 'new' } });
  });

  it('is there after a restart', async () => {
    await push('maas3/fence-rc1', 'kept');
    ledger.close();
    ledger = await openLedger();
    expect(keptFact(ledger, 'maas3', 'fence-rc1')?.text).toBe('kept');
  });

  it('lets the check that reads it run at once', async () => {
    await push('maas3/fence-rc1', 'x');
    expect(published).toMatchObject([
      { type: 'check.requested', check: { name: 'fencing' }, trigger: 'event' },
    ]);
  });

  it('is null where nothing was ever pushed', async () => {
    expect((await ask('maas3/fence-rc1')).body).toMatchObject({ fact: null });
  });
});

describe('what is refused', () => {
  it.each([
    ['an unknown region', 'maas4/fence-rc1', 'x', 'text/plain', 404, 'there is maas3'],
    ['a name nobody asks for', 'maas3/other', 'x', 'text/plain', 404, 'are fence-rc1'],
    ['an empty body', 'maas3/fence-rc1', ' \n', 'text/plain', 400, 'empty'],
    ['broken JSON', 'maas3/fence-rc1', '{', 'application/json', 400, 'not JSON'],
    ['another type', 'maas3/fence-rc1', 'x', 'text/html', 415, 'text/plain or application/json'],
    ['too much', 'maas3/fence-rc1', 'x'.repeat(65_537), 'text/plain', 413, '65536'],
    ['a broken path', 'maas3/%ff', 'x', 'text/plain', 400, 'percent-encoded'],
  ])('%s', async (_, path, body, type, status, words) => {
    const answer = await push(path, body, type);
    expect(answer).toMatchObject({
      status,
      body: { error: expect.stringContaining(words) as string },
    });
    expect(keptFact(ledger, 'maas3', 'fence-rc1')).toBeUndefined();
  });

  it('octets that are no text', async () => {
    const answer = await push('maas3/fence-rc1', Uint8Array.of(0xff, 0xfe));
    expect(answer).toMatchObject({ status: 400, body: { error: 'the body is not text in UTF-8' } });
  });

  it.each([
    ['no token', ''],
    ['another token', 'Bearer nobody-knows-this-one'],
  ])('whoever has %s', async (_, authorization) => {
    const init = { method: 'POST', body: 'x', headers: { authorization } };
    expect((await ask('maas3/fence-rc1', init)).status).toBe(401);
    expect(keptFact(ledger, 'maas3', 'fence-rc1')).toBeUndefined();
  });

  it('another method', async () => {
    expect((await ask('maas3/fence-rc1', { method: 'DELETE' })).status).toBe(405);
  });
});
