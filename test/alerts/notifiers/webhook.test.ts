import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import notifier from '../../../alerts/notifiers/webhook.ts';
import { FakeClock } from '../../support/clock.ts';
import { issue } from '../../support/smtp-certificate.ts';
import {
  deadUrl,
  DELIVERY as ID,
  failureOf,
  never,
  opening,
  openWebhook as open,
  send,
  startWebhookServer,
  THREAD,
  webhookSettings as settings,
  type MockOptions,
  type MockServer,
} from '../../support/webhook-server.ts';

const servers: MockServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: MockOptions = {}): Promise<MockServer> {
  const server = await startWebhookServer(options);
  servers.push(server);
  return server;
}

describe('an event', () => {
  it('is sent as structured CloudEvents JSON, with a key for its repetition', async () => {
    const server = await start();
    expect(await send(`${server.url}/hook?x=1`)).toEqual({ status: 204 });
    expect(server.log).toMatchObject([
      {
        method: 'POST',
        path: '/hook?x=1',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'idempotency-key': ID,
        },
      },
    ]);
    expect(JSON.parse(server.log[0]!.body)).toMatchObject({
      specversion: '1.0',
      id: ID,
      source: 'watcher%20one',
      type: 'io.maas-ha-monitor.alert.open',
      subject: 'maas3/MaasHaNodeDown',
      time: '2026-11-23T10:02:07.000Z',
      data: { rule: 'MaasHaNodeDown', episode: { startsAt: '2026-11-23T10:01:37.000Z' } },
    });
  });

  it('is sent in binary mode with its attributes as headers', async () => {
    const server = await start();
    await send(server.url, { section: { mode: 'binary' } });
    expect(server.log[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': ID,
      'ce-source': 'watcher%2520one',
      'ce-type': 'io.maas-ha-monitor.alert.open',
      'ce-subject': 'maas3/MaasHaNodeDown',
    });
    expect(JSON.parse(server.log[0]!.body)).toMatchObject({ kind: 'open', severity: 'critical' });
  });

  it('keeps its id when it is sent again, whatever the first attempt came to', async () => {
    const server = await start();
    server.behave({ accepts: true, instead: 'reset' }, 1);
    expect((await failureOf(send(server.url))).trouble).toBe('unknown');
    await send(server.url);
    expect(
      server.log.map(({ accepted, headers }) => [accepted, headers['idempotency-key']]),
    ).toEqual([
      [true, ID],
      [true, ID],
    ]);
    expect(server.log[0]?.body).toBe(server.log[1]?.body);
  });

  it.each([
    { text: 'plain words', key: Buffer.from('plain words') },
    { text: `whsec_${Buffer.from([1, 2, 250]).toString('base64')}`, key: Buffer.from([1, 2, 250]) },
  ])('is signed with $text as Standard Webhooks says', async ({ text, key }) => {
    const server = await start();
    const files = { signing_secret_file: text };
    await send(server.url, { files, section: { signing_secret_file: '/s' } });
    const { headers, body } = server.log[0]!;
    const at = String(headers['webhook-timestamp']);
    const proof = createHmac('sha256', key).update(`${ID}.${at}.${body}`).digest('base64');
    expect(headers).toMatchObject({ 'webhook-id': ID, 'webhook-signature': `v1,${proof}` });
    expect(Number(at)).toBe(Math.floor(new FakeClock().now() / 1000));
  });

  it('has an id that a header can hold, whatever a channel is called', async () => {
    const server = await start();
    const id = 'E/Störung "1"\ud83d/open/1';
    await open(server.url).send({ id, notice: opening() }, THREAD, never);
    expect(server.log[0]?.headers['idempotency-key']).toBe(
      'E/St%C3%B6rung%20%221%22%EF%BF%BD/open/1',
    );
  });
});

describe('over TLS', () => {
  const authority = issue({ name: 'our authority' });
  const good = issue({ name: 'hook', hosts: ['127.0.0.1'], by: authority });
  const files = { ca_file: authority.cert };
  const section = { ca_file: '/ca' };

  it('trusts the authority that ca_file names', async () => {
    const server = await start({ tls: good });
    expect(await send(server.url, { files, section })).toEqual({ status: 204 });
  });

  it.each([
    { why: 'an unknown authority', certificate: good, files: {} },
    {
      why: 'another name',
      certificate: issue({ name: 'x', hosts: ['192.0.2.1'], by: authority }),
      files,
    },
    {
      why: 'an expired certificate',
      certificate: issue({ name: 'x', hosts: ['127.0.0.1'], by: authority, days: [-9, -1] }),
      files,
    },
  ])('is closed for $why, and nothing is sent', async ({ certificate, files: given }) => {
    const server = await start({ tls: certificate });
    const failure = await failureOf(send(server.url, { files: given, section }));
    expect([failure.trouble, failure.message]).toEqual([
      'closed',
      expect.stringContaining('not trusted'),
    ]);
    expect(server.log).toEqual([]);
  });

  it('is closed when ca_file holds no certificate', async () => {
    const server = await start({ tls: good });
    const files = { ca_file: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----' };
    const failure = await failureOf(send(server.url, { files, section }));
    expect(failure.trouble).toBe('closed');
  });

  it('is again when the other end does not speak TLS', async () => {
    const server = await start();
    const failure = await failureOf(send(server.url.replace('http:', 'https:')));
    expect(failure.trouble).toBe('again');
    expect(server.log).toEqual([]);
  });

  it('is proven by its test without an event', async () => {
    const server = await start({ tls: good });
    const said = await open(server.url, { files, section }).test(never);
    expect(said).toMatch(/^127\.0\.0\.1:\d+ takes connections \(TLSv1\.3\); .* not proven/);
    expect(server.log).toEqual([]);
  });

  it('fails its test when the certificate is not trusted', async () => {
    const server = await start({ tls: good });
    expect((await failureOf(open(server.url).test(never))).trouble).toBe('closed');
  });
});

describe('its test', () => {
  it('connects and says that no more than that is proven', async () => {
    const server = await start();
    const clock = new FakeClock();
    expect(await open(server.url, { clock }).test(never)).toMatch(/takes connections \(TCP\)/);
    expect(clock.pending).toBe(0);
    expect(server.log).toEqual([]);
  });

  it('fails when nothing listens there', async () => {
    expect((await failureOf(open(await deadUrl()).test(never))).trouble).toBe('again');
  });
});

describe('its settings', () => {
  it.each([
    'https://hooks.example.org/x',
    'http://127.0.0.1:80/',
    'http://localhost',
    'http://10.1.2.3',
    'http://[::1]:9',
    'http://[fd00::1]',
  ])('take %s', (url) => {
    expect(settings.parse({ url })).toEqual({ url, mode: 'structured', timeout: 10 });
  });

  it.each([
    { why: 'http across the internet', section: { url: 'http://hooks.example.org' } },
    { why: 'http to a public address', section: { url: 'http://8.8.8.8' } },
    { why: 'a password in the URL', section: { url: 'https://u:p@hooks.example.org' } },
    { why: 'no URL', section: { url: 'hooks' } },
    { why: 'a token in clear text', section: { url: 'http://10.1.2.3', token_file: '/t' } },
    { why: 'an hour of patience', section: { url: 'https://a', timeout: '1h' } },
    { why: 'an unknown key', section: { url: 'https://a', secret: 'x' } },
    { why: 'a third mode', section: { url: 'https://a', mode: 'batched' } },
  ])('refuse $why', ({ section }) => {
    expect(settings.safeParse(section).success).toBe(false);
  });

  it('can be extended by the keys that all channels share, and still refuse', () => {
    const object = notifier.settings as z.ZodObject;
    const shared = object.safeExtend({ severity: z.string() });
    expect(shared.safeParse({ url: 'https://a', severity: 'x' }).success).toBe(true);
    expect(
      shared.safeParse({ url: 'http://10.1.2.3', token_file: '/t', severity: 'x' }).success,
    ).toBe(false);
  });

  it('say which host is needed', () => {
    expect(notifier.reaches(settings.parse({ url: 'https://hooks.example.org/x' }))).toEqual([
      'hooks.example.org',
    ]);
  });
});

describe('the mock as a process of its own', () => {
  it('tells its address, does as it is told and logs what it hears', async () => {
    const program = fileURLToPath(new URL('../../support/webhook-server.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
    const { url } = (await next()) as { url: string };
    child.stdin.write('{"behave":{"status":503},"times":1}\n');
    // The order is told only when it was heard: the first request may still be before it.
    const statuses: unknown[] = [];
    while (!statuses.includes(503)) {
      await send(url).catch(() => {});
      statuses.push(((await next()) as { status: number }).status);
    }
    expect(await send(url)).toEqual({ status: 204 });
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});
