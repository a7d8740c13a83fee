import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../support/clock.ts';
import {
  deadUrl,
  DELIVERY as ID,
  failureOf,
  inspectAll,
  opening,
  openWebhook as open,
  send,
  startWebhookServer,
  THREAD,
  type Behaviour,
  type MockServer,
} from '../../support/webhook-server.ts';

const servers: MockServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(): Promise<MockServer> {
  const server = await startWebhookServer();
  servers.push(server);
  return server;
}

/** Resolves when this process has seen the head of an answer, as Node's own channel tells. */
const headOfAnAnswer = (): Promise<void> =>
  new Promise((resolve) => {
    const seen = (): void => {
      unsubscribe('http.client.response.finish', seen);
      resolve();
    };
    subscribe('http.client.response.finish', seen);
  });

describe('what an attempt comes to', () => {
  it.each<{ readonly behaviour: Behaviour; readonly trouble: string; readonly pause?: number }>([
    { behaviour: { status: 429 }, trouble: 'limited' },
    { behaviour: { status: 429, headers: { 'retry-after': '0' } }, trouble: 'limited', pause: 0 },
    {
      behaviour: { status: 429, headers: { 'retry-after': '120' } },
      trouble: 'limited',
      pause: 120,
    },
    { behaviour: { status: 429, headers: { 'retry-after': 'soon' } }, trouble: 'limited' },
    { behaviour: { status: 429, headers: { 'retry-after': '-5' } }, trouble: 'limited' },
    {
      behaviour: {
        status: 429,
        headers: {
          'retry-after': 'Mon, 23 Nov 2026 10:01:30 GMT',
          date: 'Mon, 23 Nov 2026 10:00:00 GMT',
        },
      },
      trouble: 'limited',
      pause: 90,
    },
    {
      behaviour: {
        status: 429,
        headers: {
          'retry-after': 'Monday, 23-Nov-26 10:01:30 GMT',
          date: 'Mon Nov 23 10:00:00 2026',
        },
      },
      trouble: 'limited',
      pause: 90,
    },
    {
      behaviour: {
        status: 429,
        headers: {
          'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT',
          date: 'Mon, 23 Nov 2026 10:00:00 GMT',
        },
      },
      trouble: 'limited',
      pause: 0,
    },
    { behaviour: { status: 503, headers: { 'retry-after': '30' } }, trouble: 'limited', pause: 30 },
    { behaviour: { status: 503 }, trouble: 'again' },
    { behaviour: { status: 500 }, trouble: 'again' },
    { behaviour: { status: 408 }, trouble: 'again' },
    { behaviour: { status: 401 }, trouble: 'closed' },
    { behaviour: { status: 403 }, trouble: 'closed' },
    { behaviour: { status: 404 }, trouble: 'closed' },
    { behaviour: { status: 405 }, trouble: 'closed' },
    { behaviour: { status: 410 }, trouble: 'closed' },
    { behaviour: { status: 301, headers: { location: '/x' } }, trouble: 'closed' },
    { behaviour: { status: 304 }, trouble: 'closed' },
    { behaviour: { status: 400 }, trouble: 'refused' },
    { behaviour: { status: 413 }, trouble: 'refused' },
    { behaviour: { status: 422 }, trouble: 'refused' },
    { behaviour: { status: 200, body: ' <html><title>Wi-Fi' }, trouble: 'closed' },
    { behaviour: { instead: 'reset' }, trouble: 'unknown' },
    { behaviour: { instead: 'garble' }, trouble: 'unknown' },
  ])('is $trouble for $behaviour', async ({ behaviour, trouble, pause }) => {
    const server = await start();
    server.behave(behaviour);
    const failure = await failureOf(send(server.url));
    expect([failure.name, failure.trouble, failure.retryAfter]).toEqual([
      'DeliveryFailure',
      trouble,
      pause,
    ]);
    expect(failure.message).toContain(new URL(server.url).host);
  });

  it.each<Behaviour>([
    { status: 200, body: 'ok' },
    { status: 201, body: '<p>thanks' },
    { status: 202, instead: 'stall' },
    { status: 200, instead: 'flood' },
    { status: 200, instead: 'cut' },
  ])('is a receipt for %j', async (behaviour) => {
    const server = await start();
    server.behave({ ...behaviour, accepts: true });
    const clock = new FakeClock();
    const head = headOfAnAnswer();
    const sent = send(server.url, { clock });
    if (behaviour.instead === 'stall') {
      await head;
      clock.advance(10);
    }
    expect(await sent).toEqual({ status: behaviour.status });
  });

  it('is again when nothing listens there', async () => {
    const failure = await failureOf(send(await deadUrl()));
    expect([failure.trouble, failure.message]).toEqual([
      'again',
      expect.stringMatching(/refused; nothing listens/),
    ]);
  });

  it('is again when the name is unknown', async () => {
    const failure = await failureOf(send('https://nobody.invalid/hook'));
    expect([failure.trouble, failure.message]).toEqual([
      'again',
      expect.stringMatching(/nobody\.invalid: .*DNS/),
    ]);
  });

  it('is unknown when no answer comes within its own time', async () => {
    const server = await start();
    server.behave({ instead: 'hang' });
    const clock = new FakeClock();
    const sent = failureOf(send(server.url, { clock, section: { timeout: '3s' } }));
    await server.heard(1);
    clock.advance(2.9);
    expect(clock.pending).toBe(1);
    clock.advance(0.1);
    expect((await sent).trouble).toBe('unknown');
    expect((await sent).message).toMatch(/no answer within 3s$/);
    expect(clock.pending).toBe(0);
  });

  it('is unknown when the monitor stops while it waits, and again when it had stopped before', async () => {
    const server = await start();
    server.behave({ instead: 'hang' });
    const stop = new AbortController();
    const channel = open(server.url);
    const parcel = { id: ID, notice: opening() };
    const sent = failureOf(channel.send(parcel, THREAD, stop.signal));
    await server.heard(1);
    stop.abort();
    expect((await sent).trouble).toBe('unknown');
    expect((await failureOf(channel.send(parcel, THREAD, stop.signal))).trouble).toBe('again');
    expect(server.log).toHaveLength(1);
  });

  it('shows what the server says, printable and short', async () => {
    const server = await start();
    server.behave({
      status: 400,
      body: JSON.stringify({ message: `no\u001b[31m\n ${'x'.repeat(500)}` }),
    });
    const { message } = await failureOf(send(server.url));
    expect(message).toMatch(/answered 400: no\\x1b\[31m x{50}/);
    expect(message.length).toBeLessThan(300);
  });
});

describe('its secrets', () => {
  const files = { token_file: 'canary-token', signing_secret_file: 'canary-signing' };
  const section = { token_file: '/t', signing_secret_file: '/s' };
  const path = '/canary-path?key=canary-key';

  it('are used: the token as a bearer', async () => {
    const server = await start();
    await send(server.url, { files, section });
    expect(server.log[0]?.headers.authorization).toBe('Bearer canary-token');
    expect(JSON.stringify(server.log[0])).not.toContain('canary-signing');
  });

  it.each<Behaviour>([
    { status: 400, body: 'canary-token and canary-signing' },
    { status: 401, body: JSON.stringify('canary-token') },
    { status: 429, body: 'canary-token' },
    { status: 500, body: 'canary-token' },
    { status: 302, headers: { location: 'https://x.test/canary-path' } },
    { instead: 'reset' },
    { instead: 'garble' },
    { status: 200, body: 'canary-token', accepts: true },
  ])('are in no error and no receipt for %j, nor is the path', async (behaviour) => {
    const server = await start();
    server.behave(behaviour);
    const outcome = await send(server.url + path, { files, section }).catch(
      (error: unknown) => error,
    );
    const shown = outcome instanceof Error ? inspectAll(outcome) : JSON.stringify(outcome);
    expect(shown).not.toContain('canary');
  });

  it('are in no error when no header can hold them', async () => {
    const server = await start();
    const broken = { ...files, token_file: 'canary\u0007' };
    const failure = await failureOf(send(server.url + path, { files: broken, section }));
    expect(failure.trouble).toBe('closed');
    expect(inspectAll(failure)).not.toContain('canary');
  });
});
