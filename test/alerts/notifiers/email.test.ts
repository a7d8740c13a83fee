import { describe, expect, it } from 'vitest';
import email from '../../../alerts/notifiers/email.ts';
import type { Receipt } from '../../../alerts/notifier.ts';
import {
  CANARY,
  EPISODE,
  account,
  authority,
  channelTo,
  good,
  never,
  send,
  withScript,
  withServer,
} from '../../support/smtp-channel.ts';
import { opened, acknowledged, resolved } from '../../support/smtp-notices.ts';
import { headerOf, read } from '../../support/smtp-server.ts';

describe('a mail server that does what it should', () => {
  it('gets one mail for all recipients, text first, with the runbook and the facts', () =>
    withServer({}, async (server) => {
      const receipt = await send(channelTo(server));
      const [taken] = await server.arrival(1);
      const mail = await read(taken!);
      expect(taken).toMatchObject({
        from: 'maasha@example.org',
        to: ['ops@example.org', 'night@example.org'],
      });
      expect(mail.subject).toBe('[maas3] MaasHaVipUnreachable (F2ABCD)');
      expect(mail.from?.value).toEqual([
        { name: 'CRITICAL · maasha', address: 'maasha@example.org' },
      ]);
      expect(mail.text).toMatch(/^CRITICAL firing: VIP unreachable/);
      expect(mail.html).toContain('CRITICAL FIRING');
      expect(mail.attachments.map(({ filename }) => filename)).toEqual([
        'MaasHaVipUnreachable.txt',
        'facts.json',
      ]);
      expect(taken!.raw.indexOf('text/plain')).toBeLessThan(taken!.raw.indexOf('text/html'));
      expect(receipt).toMatchObject({
        messageId: `<${EPISODE}.email.open.1@example.org>`,
        accepted: ['ops@example.org', 'night@example.org'],
      });
      expect(receipt).not.toHaveProperty('rejected');
    }));

  it('gets an episode as one conversation', () =>
    withServer({}, async (server) => {
      const channel = channelTo(server);
      const receipts: Receipt[] = [];
      for (const notice of [opened, acknowledged, resolved])
        receipts.push(await send(channel, notice, receipts));
      const taken = await server.arrival(3);
      const id = (kind: string) => `<${EPISODE}.email.${kind}.1@example.org>`;
      expect(taken.map((mail) => headerOf(mail, 'subject'))).toEqual([
        '[maas3] MaasHaVipUnreachable (F2ABCD)',
        'Re: [maas3] MaasHaVipUnreachable (F2ABCD)',
        'Re: [maas3] MaasHaVipUnreachable (F2ABCD)',
      ]);
      expect(taken.map((mail) => headerOf(mail, 'message-id'))).toEqual(
        ['open', 'acknowledge', 'close'].map(id),
      );
      expect(taken.map((mail) => headerOf(mail, 'in-reply-to'))).toEqual([
        undefined,
        id('open'),
        id('open'),
      ]);
      expect(taken.map((mail) => headerOf(mail, 'references'))).toEqual([
        undefined,
        id('open'),
        `${id('open')} ${id('acknowledge')}`,
      ]);
    }));

  it('gets a mail whose opening was never accepted below a root that nobody has', () =>
    withServer({}, async (server) => {
      await send(channelTo(server), resolved);
      const [taken] = await server.arrival(1);
      expect(headerOf(taken!, 'in-reply-to')).toBe(`<${EPISODE}@example.org>`);
      expect(headerOf(taken!, 'references')).toBe(`<${EPISODE}@example.org>`);
    }));

  it('gets headers that keep robots from answering', () =>
    withServer({}, async (server) => {
      await send(channelTo(server));
      const [taken] = await server.arrival(1);
      const headers = [
        'auto-submitted',
        'x-auto-response-suppress',
        'list-id',
        'thread-topic',
        'reply-to',
        'date',
      ].map((name) => headerOf(taken!, name));
      expect(headers).toEqual([
        'auto-generated',
        'All',
        '<maas3.maasha.example.org>',
        '[maas3] MaasHaVipUnreachable (F2ABCD)',
        undefined,
        'Mon, 23 Nov 2026 10:33:20 +0000',
      ]);
    }));

  it('gets the same octets when a parcel is repeated', () =>
    withServer({}, async (server) => {
      const channel = channelTo(server);
      await send(channel);
      await send(channel);
      const [first, second] = await server.arrival(2);
      expect(second!.raw).toBe(first!.raw);
    }));

  it('gets no header that a label, a region or a rule brought along', () =>
    withServer({}, async (server) => {
      const evil = 'rc1\r\nBcc: all@example.org\r\nX-Evil: yes\r\n\r\nevil';
      await send(channelTo(server), {
        ...opened,
        region: evil,
        rule: evil,
        labels: { node: evil },
        summary: evil,
        reason: evil,
      });
      const [taken] = await server.arrival(1);
      const { headers } = await read(taken!);
      expect([...headers.keys()].sort()).toEqual([
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'list',
        'message-id',
        'mime-version',
        'subject',
        'thread-topic',
        'to',
        'x-auto-response-suppress',
      ]);
      expect(taken!.to).toEqual(['ops@example.org', 'night@example.org']);
    }));

  it.each(['smtp', 'smtps'] as const)('gets user and password over %s, with TLS', (scheme) =>
    withServer(
      { certificate: good, smtps: scheme === 'smtps', accounts: { maasha: CANARY } },
      async (server) => {
        await send(channelTo(server, { ...account, scheme, authority }));
        expect(await server.arrival(1)).toMatchObject([{ secure: true, user: 'maasha' }]);
      },
    ),
  );

  it('is proven without a mail', () =>
    withServer({ certificate: good, accounts: { maasha: CANARY } }, async (server) => {
      const said = await channelTo(server, { ...account, authority }).test(never);
      expect(said).toBe(
        `mail server 127.0.0.1:${server.port} (TLSv1.3, as maasha) takes mail from maasha@example.org for ops@example.org, night@example.org`,
      );
      expect(server.taken).toEqual([]);
    }));

  it('on this host may do without TLS, as long as there is no password', () =>
    withServer({}, async (server) => {
      expect(await channelTo(server).test(never)).toContain('(no TLS, without an account)');
    }));
});

describe('a recipient that is refused', () => {
  const RCPT = (line: string) => (line.includes('ops@') ? undefined : '550 5.1.1 no such user');

  it('is named in the receipt, and the others get their mail', () =>
    withScript({ RCPT }, async (server) => {
      const receipt = await send(channelTo(server));
      expect(receipt).toMatchObject({
        accepted: ['ops@example.org'],
        rejected: ['night@example.org'],
        because: ['night@example.org: 550 5.1.1 no such user'],
      });
      expect(await server.arrival(1)).toMatchObject([{ to: ['ops@example.org'] }]);
    }));

  it('is named by the trial', () =>
    withScript({ RCPT }, async (server) => {
      expect(await channelTo(server).test(never)).toMatch(
        /, but refuses night@example.org: 550 5.1.1 no such user$/,
      );
    }));

  it('is named with PIPELINING as well', () =>
    withScript({ RCPT, EHLO: '250-test\r\n250 PIPELINING' }, async (server) => {
      expect(await send(channelTo(server))).toMatchObject({ rejected: ['night@example.org'] });
    }));
});

describe('the settings', () => {
  const schema = email.settings as {
    safeParse(value: unknown): {
      readonly success: boolean;
      readonly error?: { readonly issues: readonly { readonly message: string }[] };
    };
  };
  const least = { smtp: 'smtps://mail.example.org', from: 'm@example.org', to: ['o@example.org'] };
  const problems = (change: object) =>
    schema.safeParse({ ...least, ...change }).error?.issues.map(({ message }) => message) ?? [];

  it.each([
    ['the least', {}],
    ['a port', { smtp: 'smtp://mail.example.org:587' }],
    ['an address', { smtp: 'smtp://[::1]:25', require_tls: false }],
    ['an account', { user: 'm', password_file: '/pw' }],
    ['everything', { require_tls: true, ca_file: '/ca', name: 'monitor.example.org' }],
  ])('take %s', (_, change) => {
    expect(problems(change)).toEqual([]);
  });

  it.each([
    ['a password in the URL', { smtp: 'smtps://m:pw@mail.example.org' }, /password_file/],
    ['another scheme', { smtp: 'https://mail.example.org' }, /smtps:\/\//],
    ['a user alone', { user: 'm' }, /together, or neither/],
    ['a password alone', { password_file: '/pw' }, /together, or neither/],
    ['a password without TLS', { user: 'm', password_file: '/pw', require_tls: false }, /TLS/],
    ['nobody', { to: [] }, /at least one address/],
    ['too many', { to: Array.from({ length: 21 }, (_, i) => `o${i}@example.org`) }, /at most 20/],
    ['no address', { to: ['ops'] }, /e-mail address/],
    ['a second header', { from: 'm@example.org\r\nBcc: all@example.org' }, /e-mail address/],
    ['a command', { from: 'm@example.org> SIZE=1' }, /e-mail address/],
  ])('refuse %s', (_, change, words) => {
    expect(problems(change).join()).toMatch(words);
  });

  it('tell which host must be reached', () => {
    expect(email.reaches({ ...least, smtp: 'smtp://[::1]:25' })).toEqual(['::1']);
    expect(email.reaches(least)).toEqual(['mail.example.org']);
  });
});
