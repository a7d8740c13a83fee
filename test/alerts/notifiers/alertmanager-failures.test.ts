import { afterEach, describe, expect, it } from 'vitest';
import type { Mirrored } from '../../../alerts/mirror.ts';
import { seconds } from '../../../src/core/time.ts';
import {
  episode,
  openMirror as open,
  startAlertmanager,
  type MirrorWanted,
  type MockAlertmanager,
} from '../../support/alertmanager-server.ts';
import { FakeClock } from '../../support/clock.ts';
import {
  deadUrl,
  failureOf,
  inspectAll,
  never,
  type Behaviour,
} from '../../support/webhook-server.ts';

const opened: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.stop();
});

async function start(): Promise<MockAlertmanager> {
  const server = await startAlertmanager();
  opened.push(server);
  return server;
}

const push = (urls: readonly string[], alerts: readonly Mirrored[], wanted: MirrorWanted = {}) =>
  open(urls, wanted).push(alerts, never);

describe('whether it was taken', () => {
  it('is enough by one of several peers', async () => {
    const server = await start();
    await push([await deadUrl(), server.url], [episode(Date.now())]);
    expect(server.firing()).toHaveLength(1);
  });

  it.each<{
    readonly when: string;
    readonly behaviour: Behaviour;
    readonly trouble: string;
    readonly says: RegExp;
  }>([
    { when: 'it is overloaded', behaviour: { status: 503 }, trouble: 'again', says: /503/ },
    {
      when: 'the token is wrong',
      behaviour: { status: 401, body: 'no' },
      trouble: 'closed',
      says: /401: no .*token_file/,
    },
    { when: 'it is forbidden', behaviour: { status: 403 }, trouble: 'closed', says: /403/ },
    {
      when: 'the path is wrong',
      behaviour: { status: 404 },
      trouble: 'closed',
      says: /404.*check the URL/,
    },
    {
      when: 'it redirects',
      behaviour: { status: 302, headers: { location: 'http://x.test/secret' } },
      trouble: 'closed',
      says: /302.*to http:\/\/x\.test:/,
    },
    {
      when: 'a portal answers',
      behaviour: { status: 200, body: '<!DOCTYPE html><p>Log in' },
      trouble: 'closed',
      says: /web page/,
    },
    {
      when: 'it breaks off',
      behaviour: { instead: 'reset' },
      trouble: 'again',
      says: /reset|hang up/,
    },
    {
      when: 'it talks no HTTP',
      behaviour: { instead: 'garble' },
      trouble: 'again',
      says: /Parse Error/,
    },
    {
      when: 'it wants a pause',
      behaviour: { status: 429, headers: { 'retry-after': '17' } },
      trouble: 'limited',
      says: /429/,
    },
  ])('is not when $when: $trouble', async ({ behaviour, trouble, says }) => {
    const server = await start();
    server.behave(behaviour);
    const failure = await failureOf(push([server.url], [episode(Date.now())]));
    expect(failure.name).toBe('DeliveryFailure');
    expect(failure.trouble).toBe(trouble);
    expect(failure.message).toMatch(says);
    expect(server.alerts()).toEqual([]);
  });

  it('is not when nothing listens there, and says where', async () => {
    const url = await deadUrl();
    const failure = await failureOf(push([url], [episode(Date.now())]));
    expect(failure.trouble).toBe('again');
    expect(failure.message).toContain(`${new URL(url).host}: connection refused`);
  });

  it('is not when the answer does not come in time', async () => {
    const server = await start();
    server.behave({ instead: 'hang' });
    const clock = new FakeClock();
    const pushed = failureOf(push([server.url], [episode(Date.now())], { clock }));
    await server.heard(1);
    clock.advance(10);
    expect((await pushed).message).toContain('no answer within 10s');
    expect(clock.pending).toBe(0);
  });

  it('is not when the monitor stops first', async () => {
    const server = await start();
    server.behave({ instead: 'hang' });
    const stop = new AbortController();
    const pushed = failureOf(open([server.url]).push([episode(Date.now())], stop.signal));
    await server.heard(1);
    stop.abort();
    expect((await pushed).trouble).toBe('again');
  });

  it('is by the status alone when the answer has no end', async () => {
    const server = await start();
    server.behave({ accepts: true, instead: 'flood', status: 200 });
    await push([server.url], [episode(Date.now())]);
    expect(server.firing()).toHaveLength(1);
  });
});

describe('a peer that wants a pause', () => {
  it('is left alone exactly as long, while the other one is still told', async () => {
    const [tired, fresh] = [await start(), await start()];
    const clock = new FakeClock();
    const mirror = open([tired.url, fresh.url], { clock });
    const alerts = [episode(clock.now())];
    tired.behave({ status: 429, headers: { 'retry-after': '90' } }, 1);
    await mirror.push(alerts, never);
    clock.advance(89);
    await mirror.push(alerts, never);
    expect([tired.log.length, fresh.log.length]).toEqual([1, 2]);
    clock.advance(1);
    await mirror.push(alerts, never);
    expect([tired.log.length, fresh.log.length]).toEqual([2, 3]);
  });

  it('says how long it still takes when it is the only one', async () => {
    const server = await start();
    const clock = new FakeClock();
    const mirror = open([server.url], { clock });
    server.behave({ status: 429, headers: { 'retry-after': '90' } }, 1);
    expect((await failureOf(mirror.push([], never))).retryAfter).toBe(90);
    clock.advance(30);
    const failure = await failureOf(mirror.push([], never));
    expect([failure.trouble, failure.retryAfter]).toEqual(['limited', seconds(60)]);
  });
});

describe('its test', () => {
  it('says each peer’s version and how many answered', async () => {
    const server = await start();
    const dead = await deadUrl();
    const said = await open([server.url, dead]).test(never);
    expect(said).toMatch(
      /^1 of 2 peers answered: 127\.0\.0\.1:\d+ is Alertmanager 0\.25\.0; .*connection refused/,
    );
    expect(server.log).toMatchObject([{ method: 'GET', path: '/api/v2/status' }]);
  });

  it('fails when something else answers', async () => {
    const server = await start();
    server.behave({ status: 200, body: '{"status":"ok"}' });
    const failure = await failureOf(open([server.url]).test(never));
    expect([failure.trouble, failure.message]).toEqual([
      'closed',
      expect.stringContaining('no Alertmanager'),
    ]);
  });

  it('fails when none answers', async () => {
    const failure = await failureOf(open([await deadUrl()]).test(never));
    expect(failure.trouble).toBe('again');
  });
});

describe('its token', () => {
  const CANARY = 'canary-7f3a91';

  it('is sent to every peer', async () => {
    const server = await start();
    await push([server.url], [], { token: CANARY });
    expect(server.log[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it.each<Behaviour>([
    { status: 400, body: JSON.stringify({ message: `bad header: Bearer ${CANARY}` }) },
    { status: 401, body: `Bearer ${CANARY}` },
    { status: 500, body: `${'x'.repeat(190)}${CANARY}` },
    { instead: 'reset' },
  ])('is in no error, also when it is echoed: %j', async (behaviour) => {
    const server = await start();
    server.behave(behaviour);
    const failure = await failureOf(push([server.url], [episode(Date.now())], { token: CANARY }));
    expect(inspectAll(failure)).not.toContain('canary');
  });

  it('that no header can hold is a failure, not shown', async () => {
    const server = await start();
    const failure = await failureOf(push([server.url], [], { token: `${CANARY}\nx` }));
    expect(failure.trouble).toBe('closed');
    expect(inspectAll(failure)).not.toContain('canary');
  });
});
