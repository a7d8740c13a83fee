import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../alerts/notice.ts';
import { instant } from '../../../src/core/time.ts';
import { opened, updated } from '../../golden/slack/notices.ts';
import { bench, methodsOf, NEVER, parcelOf } from '../../support/slack-channel.ts';

describe('after an unclear attempt', () => {
  const since = () => instant(Date.now());

  it.each([
    ['the root', [] as Notice[], opened],
    ['a reply', [opened], updated],
  ])('finds %s, with the receipt that was lost', async (_, before, notice) => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(...before);
    server.fail({ is: 'failed', accepts: true, method: 'chat.postMessage' });
    const began = since();
    await expect(channel.send(parcelOf(notice, 1), thread(), NEVER)).rejects.toMatchObject({
      trouble: 'unknown',
    });
    const found = await channel.find?.(parcelOf(notice, 1), thread(), began, NEVER);
    expect(found).toMatchObject({
      channel: 'C0123456',
      ts: server.messages.at(-1)?.ts,
      root: server.messages[0]?.ts,
    });
    expect(found).toEqual(
      await channel.find?.(parcelOf(notice, 1), thread(), instant(began + 3_600_000), NEVER),
    );
  });

  it('finds a root that took the place of another', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.fail({ is: 'error', code: 'message_not_found', method: 'chat.update' });
    server.fail({ is: 'failed', accepts: true, method: 'chat.postMessage' });
    await expect(channel.send(parcelOf(updated, 1), thread(), NEVER)).rejects.toThrow();
    const found = await channel.find?.(parcelOf(updated, 1), thread(), since(), NEVER);
    expect(found?.['root']).toBe(server.messages[1]?.ts);
  });

  it('finds nothing when it was not accepted', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.fail({ is: 'failed', method: 'chat.postMessage' });
    await expect(channel.send(parcelOf(updated, 1), thread(), NEVER)).rejects.toThrow();
    expect(await channel.find?.(parcelOf(updated, 1), thread(), since(), NEVER)).toBeUndefined();
  });

  it('looks behind a page of other messages', async () => {
    const { server, channel, deliver } = await bench();
    const began = since();
    await deliver(opened, { ...opened, kind: 'test' });
    const other = server.messages[1]!;
    for (let count = 0; count < 230; count += 1) server.workspace.messages.push(other);
    const nothing = { episode: opened.episode.id, receipts: [] };
    expect(await channel.find?.(parcelOf(opened), nothing, began, NEVER)).toHaveProperty('root');
  });

  it('cannot tell when the app may not read the channel', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.workspace.now.scopes.delete('channels:history');
    expect(await channel.find?.(parcelOf(updated, 1), thread(), since(), NEVER)).toBeUndefined();
  });
});

describe('reactions', () => {
  it('acknowledge and silence, by name', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    const ts = server.messages[0]?.ts ?? '';
    for (const name of ['eyes', 'white_check_mark', 'no_bell', 'tada']) {
      server.workspace.react(ts, name, 'U0000001');
    }
    const gesture = { episode: opened.episode.id, by: 'ann' };
    expect(await channel.gestures?.([thread()], NEVER)).toEqual([
      { ...gesture, does: 'acknowledge' },
      { ...gesture, does: 'acknowledge' },
      { ...gesture, does: 'silence' },
    ]);
    await channel.gestures?.([thread()], NEVER);
    expect(methodsOf(server).filter((method) => method === 'users.info')).toHaveLength(1);
  });

  it('of the app itself mean nothing', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.workspace.react(server.messages[0]?.ts ?? '', 'eyes', 'UBOT');
    expect(await channel.gestures?.([thread()], NEVER)).toEqual([]);
  });

  it('are told by id when names may not be read', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.workspace.now.scopes.delete('users:read');
    server.workspace.react(server.messages[0]?.ts ?? '', 'eyes', 'U0000001');
    expect(await channel.gestures?.([thread()], NEVER)).toMatchObject([{ by: 'U0000001' }]);
  });

  it('that cannot be read are no reason to close the channel', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.workspace.now.scopes.delete('reactions:read');
    await expect(channel.gestures?.([thread()], NEVER)).rejects.toMatchObject({
      trouble: 'refused',
      message: expect.stringContaining('add reactions:read') as string,
    });
  });

  it('on a message that is gone, or on none, are none', async () => {
    const { server, channel, deliver, thread } = await bench();
    await deliver(opened);
    server.fail({ is: 'error', code: 'message_not_found' });
    expect(await channel.gestures?.([thread()], NEVER)).toEqual([]);
    expect(await channel.gestures?.([{ episode: 'E', receipts: [] }], NEVER)).toEqual([]);
  });

  it('are not looked at when they are switched off', async () => {
    const { channel } = await bench({ acknowledge_by_reaction: false });
    expect(channel).not.toHaveProperty('gestures');
  });
});

describe('the proof', () => {
  it('says workspace, app and channel, and tells nobody', async () => {
    const { server, channel } = await bench();
    expect(await channel.test(NEVER)).toBe('Slack: Lab as maasha, in #ops (C0123456)');
    expect(server.messages).toEqual([]);
  });

  it('says what does not work for want of a scope', async () => {
    const { server, channel } = await bench();
    server.workspace.now.scopes = new Set(['chat:write']);
    expect(await channel.test(NEVER)).toBe(
      'Slack: Lab as maasha; channel C0123456 cannot be looked at; without the scope reactions:read, a reaction acknowledges nothing; without the scope channels:history, an unclear attempt may be told twice',
    );
  });

  it.each([
    [{ archived: true }, /#ops is archived: unarchive it/],
    [{ member: false }, /maasha is not in #ops: type \/invite @maasha/],
    [{ revoked: 'token_revoked' }, /reinstall the app/],
  ])('fails where %j, and says what to do', async (change, message) => {
    const { server, channel } = await bench();
    Object.assign(server.workspace.now, change);
    await expect(channel.test(NEVER)).rejects.toMatchObject({
      trouble: 'closed',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the Slack of the tests', () => {
  it('is steered and read by another process', async () => {
    const { server, channel } = await bench();
    const say = async (what: string, body: unknown): Promise<unknown> => {
      const url = new URL(`/_/${what}`, server.url);
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    await say('fail', { is: 'limited', retryAfter: 3 });
    const failure = channel.send(parcelOf(opened), { episode: 'E', receipts: [] }, NEVER);
    await expect(failure).rejects.toMatchObject({ retryAfter: 3 });
    await say('set', { scopes: ['chat:write'], archived: true });
    await expect(channel.test(NEVER)).resolves.toContain('cannot be looked at');
    expect(await say('state', {})).toMatchObject({
      messages: [],
      requests: [{ answer: 'limited' }, { answer: 'ok' }, { answer: 'missing_scope' }],
    });
  });
});
