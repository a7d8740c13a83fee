import { afterEach, describe, expect, it } from 'vitest';
import type { Mirrored } from '../../../alerts/mirror.ts';
import notifier from '../../../alerts/notifiers/alertmanager.ts';
import { instant } from '../../../src/core/time.ts';
import {
  episode,
  mirrorSettings as settings,
  openMirror as open,
  startAlertmanager,
  wall,
  type MirrorWanted,
  type MockAlertmanager,
} from '../../support/alertmanager-server.ts';
import { failureOf, never } from '../../support/webhook-server.ts';

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

const MINUTE = 60_000;

describe('what Alertmanager is shown', () => {
  it('is all alerts in one request to every peer, in the order given', async () => {
    const peers = [await start(), await start()];
    const now = Date.now();
    const rules = ['MaasHaNodeDown', 'MaasHaDnsSlaveDown', 'MaasHaPostgresDown'];
    await push(
      peers.map(({ url }) => url),
      rules.map((rule) => episode(now, { rule })),
    );
    for (const { log } of peers) {
      expect(log).toHaveLength(1);
      const sent = JSON.parse(log[0]!.body) as { labels: { alertname: string } }[];
      expect(sent.map(({ labels }) => labels.alertname)).toEqual(rules);
    }
  });

  it('names rule, severity, region, site and what it is about, and no monitor', async () => {
    const server = await start();
    const section = { site: 'fra', generator_url: 'http://127.0.0.1:9877/' };
    await push([server.url], [episode(Date.now())], { section });
    expect(server.alerts()[0]?.labels).toEqual({
      alertname: 'MaasHaNodeDown',
      severity: 'critical',
      region: 'maas3',
      site: 'fra',
      node: 'rc2',
    });
    expect(server.log[0]?.body).toContain('"generatorURL":"http://127.0.0.1:9877/"');
    expect(server.log[0]?.body).not.toContain('watcher');
  });

  it('is the same alert from two monitors', async () => {
    const server = await start();
    const now = Date.now();
    await push([server.url], [episode(now)]);
    await push([server.url], [episode(now)], { clock: wall() });
    expect(server.log).toHaveLength(2);
    expect(server.alerts()).toHaveLength(1);
  });

  it('goes on for four minutes when nothing more is heard', async () => {
    const server = await start();
    const now = Date.now();
    const clock = { ...wall(), now: () => instant(now) };
    await push([server.url], [episode(now - MINUTE)], { clock });
    expect(server.alerts()[0]).toMatchObject({ startsAt: now - MINUTE, endsAt: now + 4 * MINUTE });
  });

  it('goes on for longer with every push', async () => {
    const server = await start();
    let now = Date.now();
    const began = now;
    const mirror = open([server.url], { clock: { ...wall(), now: () => instant(now) } });
    await mirror.push([episode(began)], never);
    now += MINUTE;
    await mirror.push([episode(began)], never);
    expect(server.alerts()).toMatchObject([{ startsAt: began, endsAt: began + 5 * MINUTE }]);
  });

  it('is over at its own end', async () => {
    const server = await start();
    const now = Date.now();
    const endsAt = instant(now - 2 * MINUTE);
    await push([server.url], [episode(now - 9 * MINUTE)]);
    await push([server.url], [episode(now - 9 * MINUTE, { endsAt })]);
    expect(server.alerts()).toMatchObject([{ endsAt }]);
    expect(server.firing()).toEqual([]);
  });

  it('is another alert after a step of severity, and the first one is over', async () => {
    const server = await start();
    const now = Date.now();
    await push([server.url], [episode(now - MINUTE, { severity: 'warning' })]);
    await push(
      [server.url],
      [
        episode(now - MINUTE, { severity: 'warning', endsAt: instant(now - 1000) }),
        episode(now - MINUTE, { severity: 'critical' }),
      ],
    );
    expect(server.firing().map(({ labels }) => labels['severity'])).toEqual(['critical']);
    expect(server.alerts()).toHaveLength(2);
  });

  it.each([
    { why: 'the clock was set back an hour', startsAt: 60 * MINUTE },
    {
      why: 'the clock was set back an hour, and it is over',
      startsAt: 60 * MINUTE,
      endsAt: 61 * MINUTE,
    },
    { why: 'it ends before it began', startsAt: -MINUTE, endsAt: -2 * MINUTE },
    { why: 'its beginning is no moment', startsAt: Number.NaN },
    { why: 'its beginning is beyond the calendar', startsAt: 1e17 },
  ])(
    'is accepted though $why, and is firing exactly when it goes on',
    async ({ startsAt, endsAt }) => {
      const server = await start();
      const now = Date.now();
      const over = endsAt === undefined ? {} : { endsAt: instant(now + endsAt) };
      await push([server.url], [episode(now + startsAt, over)]);
      expect(server.alerts()).toHaveLength(1);
      expect(server.firing(Date.now() + 1)).toHaveLength(endsAt === undefined ? 1 : 0);
    },
  );

  it('has names that Prometheus allows, and stays as different as it was', async () => {
    const server = await start();
    const now = Date.now();
    await push(
      [server.url],
      [
        episode(now, { labels: { 'boot-zone': 'a', '9th': 'x', empty: '' } }),
        episode(now, { labels: { 'boot-zone': 'b', '9th': 'x' }, annotations: { 'a b': 'ä' } }),
      ],
    );
    expect(server.alerts().map(({ labels }) => [labels['boot_zone'], labels['_9th']])).toEqual([
      ['a', 'x'],
      ['b', 'x'],
    ]);
    expect(server.alerts()[1]?.annotations).toEqual({ a_b: 'ä' });
  });

  it('never lets a label take the place of the alert’s name', async () => {
    const server = await start();
    await push([server.url], [episode(Date.now(), { labels: { alertname: 'x', region: 'y' } })]);
    expect(server.alerts()[0]?.labels).toMatchObject({
      alertname: 'MaasHaNodeDown',
      region: 'maas3',
    });
  });

  it('may be nothing, which still shows whether it is taken', async () => {
    const server = await start();
    await push([`${server.url}/`], []);
    expect(server.log).toMatchObject([{ path: '/api/v2/alerts', body: '[]', status: 200 }]);
  });
});

describe('one bad alert among good ones', () => {
  /** What a store that another version wrote might hold. */
  const unreadable = (rule: string): Mirrored =>
    episode(Date.now(), { rule, labels: { node: 7 as unknown as string } });

  it('costs none of the others, and is named', async () => {
    const server = await start();
    const good = ['A', 'B', 'C', 'D'].map((rule) => episode(Date.now(), { rule }));
    const alerts = [...good.slice(0, 2), unreadable('MaasHaBad'), ...good.slice(2)];
    const failure = await failureOf(push([server.url], alerts));
    expect(failure.trouble).toBe('refused');
    expect(failure.message).toMatch(
      /^1 of 5 alerts refused, the other 4 taken: maas3\/MaasHaBad: .*cannot unmarshal number/,
    );
    expect(server.alerts().map(({ labels }) => labels['alertname'])).toEqual(['A', 'B', 'C', 'D']);
  });

  it('is found in few requests', async () => {
    const server = await start();
    const alerts = Array.from({ length: 64 }, (_, index) =>
      episode(Date.now(), { rule: `R${index}` }),
    );
    await failureOf(push([server.url], [...alerts, unreadable('MaasHaBad')]));
    expect(server.alerts()).toHaveLength(64);
    expect(server.log.length).toBeLessThanOrEqual(15);
  });

  it('is no failure when another peer takes it', async () => {
    const [strict, mild] = [await start(), await start()];
    strict.behave({ status: 400, body: '"no"' });
    await push([strict.url, mild.url], [episode(Date.now())]);
    expect(mild.firing()).toHaveLength(1);
  });
});

describe('its settings', () => {
  const refused = (section: unknown): readonly string[] =>
    settings.safeParse(section).error?.issues.map(({ message }) => message) ?? [];

  it('are shadow where nothing else is said', () => {
    expect(settings.parse({ urls: ['http://10.0.0.5:9093'] })).toMatchObject({ mode: 'shadow' });
  });

  it.each([
    { why: 'no peer', section: { urls: [] }, says: /at least one URL/ },
    { why: 'six peers', section: { urls: Array(6).fill('http://a') }, says: /at most five/ },
    { why: 'a password in a URL', section: { urls: ['http://u:p@a'] }, says: /without user/ },
    { why: 'a query', section: { urls: ['http://a/?x=1'] }, says: /query/ },
    { why: 'another protocol', section: { urls: ['ftp://a'] }, says: /base URL/ },
    {
      why: 'a third mode',
      section: { urls: ['http://a'], mode: 'direct' },
      says: /shadow .* primary/,
    },
    {
      why: 'a token for all to read',
      section: { urls: ['https://a', 'http://10.0.0.5'], token_file: '/t' },
      says: /https in every one/,
    },
    {
      why: 'an unknown key',
      section: { urls: ['http://a'], url: 'x' },
      says: /section|nrecognized/,
    },
  ])('are refused with $why', ({ section, says }) => {
    expect(refused(section).join(' ')).toMatch(says);
  });

  it('say which hosts are needed', () => {
    const urls = ['http://10.0.0.5:9093', 'https://am.example.org/x', 'http://[::1]:9093'];
    expect(notifier.reaches(settings.parse({ urls }))).toEqual([
      '10.0.0.5',
      'am.example.org',
      '::1',
    ]);
  });
});
