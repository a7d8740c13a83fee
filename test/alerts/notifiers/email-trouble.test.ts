import { describe, expect, it } from 'vitest';
import type { DeliveryFailure } from '../../../alerts/notifier.ts';
import { deferred } from '../../support/deferred.ts';
import {
  HASTY,
  channelTo,
  failureOf,
  never,
  send,
  withScript,
} from '../../support/smtp-channel.ts';
import { scriptedMailServer, type Script } from '../../support/smtp-script.ts';

const says = (text: string): string => text;
const closes = { does: 'drop' } as const;
const mute = { does: 'nothing' } as const;

describe('a mail server that does not', () => {
  it.each<[string, Script, DeliveryFailure['trouble'], RegExp]>([
    ['greets with 421', { greeting: says('421 too busy') }, 'again', /421 too busy/],
    ['greets with 554', { greeting: says('554 go away') }, 'closed', /554 go away/],
    ['closes instead of greeting', { greeting: closes }, 'again', /broke the connection off/],
    ['is no mail server', { greeting: says('HTTP/1.1 400 Bad Request') }, 'again', /HTTP/],
    ['closes at EHLO', { EHLO: closes }, 'again', /broke the connection off/],
    ['never ends its reply', { EHLO: { does: 'endless' } }, 'again', /no mail server/],
    ['refuses the sender', { MAIL: says('550 5.7.1 relaying denied') }, 'closed', /sender/],
    ['finds the mail too large', { MAIL: says('552 5.3.4 too large') }, 'refused', /too large/],
    ['wants a login first', { MAIL: says('530 5.7.0 authenticate') }, 'closed', /530/],
    ['asks all recipients to wait', { RCPT: says('450 4.2.0 greylisted') }, 'again', /450/],
    ['refuses all recipients', { RCPT: says('550 5.1.1 unknown') }, 'closed', /night@.*550/],
    [
      'refuses one recipient and delays the other',
      { RCPT: (line) => (line.includes('ops') ? '550 5.1.1 unknown' : '451 4.3.0 later') },
      'again',
      /451/,
    ],
    ['closes at DATA', { DATA: closes }, 'again', /broke the connection off/],
    ['refuses at DATA', { DATA: says('554 5.5.1 no') }, 'refused', /554/],
    ['refuses the mail', { dot: says('554 5.6.0 spam') }, 'refused', /554 5.6.0 spam/],
    ['delays the mail', { dot: says('451 4.3.0 queue full') }, 'again', /451 4.3.0/],
    ['says 421 to the mail', { dot: says('421 4.3.2 stopping') }, 'again', /421/],
    ['closes after the final dot', { dot: closes }, 'unknown', /had the whole mail/],
    ['answers nonsense to the mail', { dot: says('what?') }, 'unknown', /had the whole mail/],
  ])('that %s: the attempt fails as it should', (_, script, trouble, words) =>
    withScript(script, async (server) => {
      const failure = await failureOf(send(channelTo(server)));
      expect(failure).toMatchObject({ trouble });
      expect(failure.message).toMatch(words);
      await server.idle();
    }),
  );

  it('and closes in the middle of a mail leaves no receipt', () =>
    withScript({ body: closes }, async (server) => {
      const { trouble } = await failureOf(send(channelTo(server)));
      // Whether the final dot had already left cannot be decided from here.
      expect(['again', 'unknown']).toContain(trouble);
    }));

  it('and is silent instead of greeting is not waited for', () =>
    withScript({ greeting: mute }, async (server) => {
      const failure = await failureOf(send(channelTo(server, { limits: HASTY })));
      expect(failure).toMatchObject({ trouble: 'again' });
      expect(failure.message).toMatch(/did not answer in time/);
    }));

  it('and greets too late has no mail', async () => {
    const late = deferred();
    await withScript({ greeting: { says: '220 late', when: late.promise } }, async (server) => {
      const { trouble } = await failureOf(send(channelTo(server, { limits: HASTY })));
      late.resolve();
      await server.idle();
      expect([trouble, server.heard, server.taken]).toEqual(['again', [], []]);
    });
  });

  it('and stalls after the final dot leaves a doubt', () =>
    withScript({ dot: mute }, async (server) => {
      const failure = await failureOf(send(channelTo(server, { limits: HASTY })));
      expect(failure).toMatchObject({ trouble: 'unknown' });
      expect(server.taken).toHaveLength(1);
    }));

  it('and does not exist is tried again', async () => {
    const server = await scriptedMailServer({});
    await server.close();
    const failure = await failureOf(send(channelTo(server)));
    expect(failure).toMatchObject({ trouble: 'again' });
    expect(failure.message).toContain('ECONNREFUSED');
  });

  it('and says much is quoted with 200 printable characters', () =>
    withScript({ MAIL: `550-\u001B[31m${'x'.repeat(900)}\r\n550 end` }, async (server) => {
      const { message } = await failureOf(send(channelTo(server)));
      expect(message).not.toMatch(/\p{Cc}/u);
      expect(message.length).toBeLessThan(320);
    }));

  it('and does not answer QUIT keeps nobody waiting', () =>
    withScript({ QUIT: mute }, async (server) => {
      const channel = channelTo(server);
      await send(channel);
      await channel.close();
      await server.idle();
    }));
});

describe('a trial', () => {
  it.each<[string, Script, DeliveryFailure['trouble']]>([
    ['of a sender that may not send', { MAIL: '550 5.7.1 relaying denied' }, 'closed'],
    ['of recipients that are all refused', { RCPT: '550 5.1.1 unknown' }, 'closed'],
    ['of recipients that must all wait', { RCPT: '450 4.2.0 greylisted' }, 'again'],
    ['of a server that is busy', { greeting: '421 busy' }, 'again'],
  ])('%s fails', (_, script, trouble) =>
    withScript(script, async (server) => {
      expect(await failureOf(channelTo(server).test(never))).toMatchObject({ trouble });
      expect(server.taken).toEqual([]);
    }),
  );
});
