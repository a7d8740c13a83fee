import { describe, expect, it } from 'vitest';
import { issue, type Certificate } from '../../support/smtp-certificate.ts';
import {
  CANARY,
  account,
  authority,
  channelTo,
  failureOf,
  good,
  host,
  never,
  send,
  withScript,
  withServer,
} from '../../support/smtp-channel.ts';
import { type Script } from '../../support/smtp-script.ts';

describe('a password', () => {
  const everyForm = [
    CANARY,
    Buffer.from(CANARY).toString('base64'),
    Buffer.from(`\0maasha\0${CANARY}`).toString('base64'),
  ];

  it('is not sent, nor a mail, where no AUTH is offered', () =>
    withScript(
      {},
      async (server) => {
        const channel = channelTo(server, { ...account, scheme: 'smtps', authority });
        const failure = await failureOf(send(channel));
        expect(failure).toMatchObject({ trouble: 'closed' });
        expect(failure.message).toMatch(/offers no AUTH to log in as maasha/);
        expect(server.heard.filter((line) => !/^(EHLO|QUIT)/.test(line))).toEqual([]);
      },
      good,
    ));

  it('is not sent where STARTTLS is refused', () =>
    withScript({ EHLO: '250-test\r\n250 AUTH PLAIN' }, async (server) => {
      const failure = await failureOf(send(channelTo(server, account)));
      expect(failure).toMatchObject({ trouble: 'closed' });
      expect(failure.message).toMatch(/refuses STARTTLS/);
      expect(server.heard.map((line) => line.slice(0, 8))).toEqual(['EHLO [12', 'STARTTLS']);
    }));

  it('that is not accepted closes the channel', () =>
    withServer({ certificate: good, accounts: { maasha: 'another' } }, async (server) => {
      const channel = channelTo(server, { ...account, authority });
      const failure = await failureOf(send(channel));
      expect(failure).toMatchObject({ trouble: 'closed' });
      expect(failure.message).toMatch(/did not accept user and password: 535/);
    }));

  it('that cannot be checked at present is tried again', () =>
    withScript(
      { EHLO: '250-test\r\n250 AUTH PLAIN', AUTH: '454 4.7.0 directory down' },
      async (server) => {
        const channel = channelTo(server, { ...account, scheme: 'smtps', authority });
        expect(await failureOf(send(channel))).toMatchObject({ trouble: 'again' });
      },
      good,
    ));

  it('whose file is gone closes the channel', () =>
    withServer({ certificate: good, accounts: { maasha: CANARY } }, async (server) => {
      const channel = channelTo(server, { ...account, authority, password: '' });
      const failure = await failureOf(send(channel));
      expect(failure.message).toMatch(/password_file holds none/);
    }));

  it.each<[string, Script]>([
    ['refusing it', { AUTH: (line) => `535 5.7.8 no: ${line} ${everyForm.join(' ')}` }],
    ['taking the mail', { dot: `250 taken ${everyForm.join(' ')}` }],
    [
      'refusing a recipient',
      { RCPT: (line) => (line.includes('ops') ? undefined : `550 ${everyForm.join(' ')}`) },
    ],
    ['refusing the sender', { MAIL: `550 ${'x'.repeat(190)}${everyForm.join(' ')}` }],
  ])('is never shown, though the server repeats it when %s', (_, script) =>
    withScript(
      { EHLO: '250-test\r\n250 AUTH PLAIN', ...script },
      async (server) => {
        const channel = channelTo(server, { ...account, scheme: 'smtps', authority });
        const shown: unknown[] = [];
        for (const attempt of [() => send(channel), () => channel.test(never)])
          shown.push(
            await attempt().catch((error: unknown) => [
              String(error),
              Object.entries(error as Error),
              (error as Error).cause,
            ]),
          );
        for (const form of everyForm) {
          expect(JSON.stringify(shown)).not.toContain(form);
          expect(JSON.stringify(shown)).not.toContain(form.slice(0, 9));
        }
      },
      good,
    ),
  );
});

describe('a certificate', () => {
  const other = issue({ ...host, name: 'mail', hosts: ['mail.example.org'], by: authority });
  it.each<[string, Certificate, Certificate | undefined, RegExp]>([
    ['signed by itself', issue(host), undefined, /self-signed certificate/],
    ['of an authority that is not known', good, undefined, /unknown issuer|self-signed/],
    ['that has expired', issue({ ...host, by: authority, days: [-9, -1] }), authority, /expired/],
    [
      'that is not valid yet',
      issue({ ...host, by: authority, days: [2, 9] }),
      authority,
      /not valid yet/,
    ],
    ['for another name', other, authority, /for another name/],
  ])('%s closes the channel, with STARTTLS and without', async (_, certificate, trusted, words) => {
    for (const scheme of ['smtp', 'smtps'] as const)
      await withServer({ certificate, smtps: scheme === 'smtps' }, async (server) => {
        const more = trusted === undefined ? {} : { authority: trusted };
        const channel = channelTo(server, { scheme, settings: { require_tls: true }, ...more });
        const failure = await failureOf(send(channel));
        expect(failure).toMatchObject({ trouble: 'closed' });
        expect(failure.message).toMatch(words);
        expect(server.taken).toEqual([]);
      });
  });

  it('that signs itself is good when it is given as ca_file', () => {
    const own = issue(host);
    return withServer({ certificate: own }, async (server) => {
      await send(channelTo(server, { authority: own }));
      expect(server.taken).toMatchObject([{ secure: true }]);
    });
  });

  it('is not asked for on this host, but TLS is used where offered', () =>
    withServer({ certificate: issue(host) }, async (server) => {
      await send(channelTo(server));
      expect(server.taken).toMatchObject([{ secure: true }]);
    }));

  it('cannot come from a server that speaks no TLS', () =>
    withServer({}, async (server) => {
      const failure = await failureOf(send(channelTo(server, { scheme: 'smtps' })));
      expect(failure).toMatchObject({ trouble: 'closed' });
      expect(failure.message).toMatch(/does not speak TLS there/);
    }));
});

describe('a ca_file that holds something else', () => {
  it.each(['smtp', 'smtps'] as const)('closes the channel over %s', (scheme) =>
    withServer({ certificate: good, smtps: scheme === 'smtps' }, async (server) => {
      for (const cert of [
        'garbage',
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      ]) {
        const channel = channelTo(server, { scheme, authority: { ...authority, cert } });
        expect(await failureOf(send(channel))).toMatchObject({ trouble: 'closed' });
      }
    }),
  );
});
