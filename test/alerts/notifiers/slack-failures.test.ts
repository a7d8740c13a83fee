import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DeliveryFailure, type Thread, type Trouble } from '../../../alerts/notifier.ts';
import { instant } from '../../../src/core/time.ts';
import { opened, updated } from '../../golden/slack/notices.ts';
import { bench, channelAt, NEVER, TOKEN } from '../../support/slack-channel.ts';
import type { Fault } from '../../support/slack-server.ts';

const NOTHING: Thread = { episode: opened.episode.id, receipts: [] };
const parcel = { id: 'E/slack/open/0', notice: opened };

/** The failure that it comes to, which never holds the token. */
async function failureOf(attempt: Promise<unknown> | undefined): Promise<DeliveryFailure> {
  const failure = await Promise.resolve(attempt).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DeliveryFailure);
  const all = inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure);
  expect(all).not.toContain(TOKEN);
  return failure as DeliveryFailure;
}

const CODES: readonly (readonly [string, Trouble, RegExp])[] = [
  ['invalid_auth', 'closed', /put a valid bot token/],
  ['not_authed', 'closed', /put a valid bot token/],
  ['token_revoked', 'closed', /reinstall the app/],
  ['token_expired', 'closed', /token rotation/],
  ['account_inactive', 'closed', /reinstall it/],
  ['no_permission', 'closed', /ask an administrator/],
  ['missing_scope', 'closed', /OAuth & Permissions/],
  ['channel_not_found', 'closed', /invite the app/],
  ['not_in_channel', 'closed', /invite the app/],
  ['is_archived', 'closed', /unarchive it/],
  ['restricted_action', 'closed', /ask an administrator/],
  ['ratelimited', 'limited', /too many messages/],
  ['fatal_error', 'unknown', /may have done part of it/],
  ['internal_error', 'unknown', /may have done part of it/],
  ['service_unavailable', 'again', /service_unavailable/],
  ['request_timeout', 'again', /request_timeout/],
  ['something_new', 'again', /something_new/],
  ['constructor', 'again', /constructor/],
];

const FAULTS: readonly (readonly [Fault, Trouble, RegExp])[] = [
  [{ is: 'failed' }, 'unknown', /HTTP 500/],
  [{ is: 'failed', accepts: true }, 'unknown', /HTTP 500/],
  [{ is: 'failed', status: 503, body: '<p>TOKEN</p>' }, 'unknown', /HTTP 503, "<p>\*\*\*<\/p>"/],
  [{ is: 'failed', status: 403 }, 'again', /is a proxy in the way/],
  [{ is: 'failed', status: 302 }, 'again', /HTTP 302|redirected elsewhere/],
  [{ is: 'resets' }, 'unknown', /may have been accepted/],
  [{ is: 'resets', accepts: true }, 'unknown', /may have been accepted/],
  [{ is: 'html' }, 'again', /captive proxy/],
  [{ is: 'html', body: 'TOKEN' }, 'again', /"\*\*\*"/],
  [{ is: 'torn' }, 'unknown', /an answer that broke off/],
];

describe('what Slack answers', () => {
  it.each(CODES)('%s is %s', async (code, trouble, message) => {
    const { server, channel } = await bench();
    server.fail({ is: 'error', code });
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.trouble).toBe(trouble);
    expect(failure.message).toMatch(message);
  });

  it('names the scope that is missing', async () => {
    const { server, channel } = await bench();
    server.workspace.now.scopes.delete('chat:write');
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.message).toContain('missing_scope (chat:write)');
  });

  it.each(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long'])(
    '%s is refused when the plain text is, too',
    async (code) => {
      const { server, channel } = await bench();
      server.fail({ is: 'error', code, times: 2 });
      const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
      expect(failure.trouble).toBe('refused');
      expect(server.requests).toHaveLength(2);
    },
  );

  it('a code that holds anything else is not repeated', async () => {
    const { server, channel } = await bench();
    server.fail({ is: 'error', code: `bad ${TOKEN}` });
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.message).toContain('an error without a code');
  });
});

describe('a limit', () => {
  it.each([
    [2, 2],
    [3600, 3600],
    [undefined, undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('with Retry-After %s is told at once, exactly', async (header, retryAfter) => {
    const { server, channel } = await bench();
    server.fail({ is: 'limited', ...(header !== undefined && { retryAfter: header }) });
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure).toMatchObject({ trouble: 'limited', retryAfter });
    expect(server.requests).toHaveLength(1);
  });

  it('holds for reactions as well', async () => {
    const { server, channel } = await bench();
    const thread = { ...NOTHING, receipts: [{ channel: 'C0123456', ts: '1.1', root: '1.1' }] };
    server.fail({ is: 'limited', retryAfter: 30 });
    const failure = await failureOf(channel.gestures?.([thread], NEVER));
    expect(failure).toMatchObject({ trouble: 'limited', retryAfter: 30 });
  });

  it('of the edit holds back the reply, which then comes once', async () => {
    const { server, channel } = await bench();
    const receipts = [await channel.send(parcel, NOTHING, NEVER)];
    server.fail({ is: 'limited', retryAfter: 5, method: 'chat.update' });
    const next = { id: 'E/slack/update/1', notice: updated };
    const failure = await failureOf(channel.send(next, { ...NOTHING, receipts }, NEVER));
    expect(failure).toMatchObject({ trouble: 'limited', retryAfter: 5 });
    await channel.send(next, { ...NOTHING, receipts }, NEVER);
    expect(server.messages).toHaveLength(2);
  });
});

describe('the way to Slack', () => {
  it.each(FAULTS)('%j is %s', async (fault, trouble, message) => {
    const { server, channel } = await bench();
    server.fail(fault);
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.trouble).toBe(trouble);
    expect(failure.message).toMatch(message);
    expect(failure.message.length).toBeLessThan(300);
    expect(server.requests).toHaveLength(1);
  });

  it('an edit that went wrong on the way is done again: nothing can stand there twice', async () => {
    const { server, channel } = await bench();
    const receipts = [await channel.send(parcel, NOTHING, NEVER)];
    server.fail({ is: 'failed', accepts: true, method: 'chat.update' });
    const next = { id: 'E/slack/update/1', notice: updated };
    const failure = await failureOf(channel.send(next, { ...NOTHING, receipts }, NEVER));
    expect(failure.trouble).toBe('again');
  });

  it('that nobody listens on is tried again', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const channel = channelAt(`http://127.0.0.1:${port}/api/`);
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.trouble).toBe('again');
    expect(failure.message).toContain('ECONNREFUSED: nobody listens there');
  });

  it('of a name that does not resolve is tried again', async () => {
    const channel = channelAt('https://slack.invalid/api/');
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure.trouble).toBe('again');
    expect(failure.message).toContain('the name does not resolve');
  });

  it.each([true, false])(
    'without an answer is unclear after 10 s (accepted: %s)',
    async (accepts) => {
      const { server, channel, clock } = await bench();
      server.fail({ is: 'hangs', accepts });
      const attempt = failureOf(channel.send(parcel, NOTHING, NEVER));
      await server.arrival('chat.postMessage');
      clock.advance(10);
      const failure = await attempt;
      expect(failure.trouble).toBe('unknown');
      expect(failure.message).toContain('no answer within the deadline');
      expect(server.messages).toHaveLength(accepts ? 1 : 0);
    },
  );

  it('is given up when the caller gives up, and leaves no timer', async () => {
    const { server, channel, clock } = await bench();
    const ending = new AbortController();
    server.fail({ is: 'hangs' });
    const attempt = failureOf(channel.send(parcel, NOTHING, ending.signal));
    await server.arrival('chat.postMessage');
    ending.abort();
    expect((await attempt).trouble).toBe('unknown');
    expect(clock.pending).toBe(0);
  });

  it('is not tried when the caller has given up already', async () => {
    const { server, channel } = await bench();
    const failure = await failureOf(channel.send(parcel, NOTHING, AbortSignal.abort()));
    expect(failure.trouble).toBe('again');
    expect(server.requests).toEqual([]);
  });

  it('that is slow is waited for', async () => {
    const { server, channel } = await bench();
    server.fail({ is: 'slow', delay: 30 });
    expect(await channel.send(parcel, NOTHING, NEVER)).toHaveProperty('ts');
  });
});

describe('the token', () => {
  it('that is not there closes the channel', async () => {
    const { server } = await bench();
    const channel = channelAt(server.url, {}, undefined, null);
    const failure = await failureOf(channel.send(parcel, NOTHING, NEVER));
    expect(failure).toMatchObject({ trouble: 'closed' });
    expect(failure.message).toContain('token_file');
  });

  it('that is revoked midway closes it, in the open and in the thread', async () => {
    const { server, channel } = await bench();
    const receipts = [await channel.send(parcel, NOTHING, NEVER)];
    server.workspace.now.revoked = 'token_revoked';
    const next = { id: 'E/slack/update/1', notice: updated };
    const thread = { ...NOTHING, receipts };
    expect((await failureOf(channel.send(next, thread, NEVER))).trouble).toBe('closed');
    expect((await failureOf(channel.find?.(next, thread, instant(0), NEVER))).trouble).toBe(
      'closed',
    );
    expect((await failureOf(channel.gestures?.([thread], NEVER))).trouble).toBe('closed');
    expect((await failureOf(channel.test(NEVER))).trouble).toBe('closed');
  });

  it('stands in no receipt, message or proof', async () => {
    const { server, channel } = await bench();
    const receipt = await channel.send(parcel, NOTHING, NEVER);
    const proof = await channel.test(NEVER);
    expect(JSON.stringify([receipt, proof, server.messages, server.requests])).not.toContain(TOKEN);
  });
});
