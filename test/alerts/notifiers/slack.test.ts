import { describe, expect, it } from 'vitest';
import slack from '../../../alerts/notifiers/slack.ts';
import { acknowledged, opened, resolved, updated } from '../../golden/slack/notices.ts';
import { bench, methodsOf, MINIMUM, NEVER, parcelOf, read } from '../../support/slack-channel.ts';
import type { SlackServer } from '../../support/slack-server.ts';

const shown = (server: SlackServer, index: number): string =>
  JSON.stringify(server.messages[index]?.blocks);

describe('the settings', () => {
  it('take a file and a channel, and fill in the rest', () => {
    expect(read(MINIMUM).data).toEqual({
      ...MINIMUM,
      api_url: 'https://slack.com/api/',
      acknowledge_by_reaction: true,
    });
  });

  it.each([
    [{ channel: '#ops' }, /channel id such as C0123456, not a name/],
    [{ channel: 'ops' }, /at the very bottom/],
    [{ mention: '@here' }, /here, channel, everyone/],
    [{ token_file: '' }, /bot token/],
    [{ api_url: 'http://slack.com/api/' }, /http only on this host/],
    [{ api_url: 'nonsense' }, /a URL/],
    [{ acknowledge_by_reaction: 'no' }, /true or false/],
  ])('refuse %j with what was expected', (wrong, message) => {
    expect(read({ ...MINIMUM, ...wrong }).error?.message).toMatch(message);
  });

  it('refuse a key that they do not know', () => {
    expect(read({ ...MINIMUM, chanel: 'C1' }).success).toBe(false);
  });

  it('name the host that must be reached', () => {
    const { data } = read(MINIMUM);
    expect(data === undefined ? [] : slack.reaches(data)).toEqual(['slack.com']);
  });
});

describe('an episode', () => {
  it('is one message that is edited, and a reply for each later notice', async () => {
    const { server, deliver } = await bench();
    const receipts = await deliver(opened, updated, acknowledged, resolved);
    const [root, ...replies] = server.messages;
    expect(root?.edits).toBe(3);
    expect(replies.map(({ thread_ts }) => thread_ts)).toEqual([root?.ts, root?.ts, root?.ts]);
    expect(receipts.map((receipt) => receipt['root'])).toEqual(Array(4).fill(root?.ts));
    expect(shown(server, 0)).toContain('✅ RESOLVED');
    expect(shown(server, 0)).toContain('ping 172.31.16.39: 0 of 3 replies');
  });

  it('is edited before it is replied to, so that a repetition repeats no reply', async () => {
    const { server, deliver } = await bench();
    await deliver(opened, updated);
    expect(methodsOf(server)).toEqual(['chat.postMessage', 'chat.update', 'chat.postMessage']);
  });

  it('shows the whole channel the end of a critical, and an escalation with its call', async () => {
    const { server, deliver } = await bench({ mention: 'here' });
    await deliver(opened, updated, { ...updated, kind: 'escalate' }, resolved);
    expect(server.messages.map(({ broadcast }) => broadcast)).toEqual([false, false, true, true]);
    const called = server.messages.map((_, index) => shown(server, index).includes('<!here>'));
    // The root's own call is gone with its first edit.
    expect(called).toEqual([false, false, true, false]);
  });

  it('calls in the open of a critical', async () => {
    const { server, deliver } = await bench({ mention: 'S0123456' });
    await deliver(opened);
    expect(shown(server, 0)).toContain('<!subteam^S0123456>');
  });

  it('begins with an escalation where nothing was said before', async () => {
    const { server, deliver } = await bench();
    const receipts = await deliver({ ...opened, kind: 'escalate' }, resolved);
    expect(receipts[0]).toMatchObject({ root: server.messages[0]?.ts });
    expect(server.messages[0]?.edits).toBe(1);
  });

  it('is one message when its begin comes after its end', async () => {
    const { server, deliver } = await bench();
    const receipts = await deliver({ ...resolved, collapsed: true });
    expect(server.messages).toHaveLength(1);
    expect(shown(server, 0)).toContain('this notice is late');
    expect(receipts[0]).toHaveProperty('root');
  });

  it.each(['expiring', 'remind', 'close'] as const)(
    'without a root, %s stands alone',
    async (kind) => {
      const { server, deliver } = await bench();
      const receipts = await deliver({ ...opened, kind });
      expect(server.messages[0]?.thread_ts).toBeUndefined();
      expect(receipts[0]).not.toHaveProperty('root');
    },
  );

  it('goes on in a new message when the old one is gone, which says so', async () => {
    const { server, deliver } = await bench();
    await deliver(opened);
    server.fail({ is: 'error', code: 'edit_window_closed', method: 'chat.update' });
    const receipts = await deliver(updated, resolved);
    expect(server.messages).toHaveLength(3);
    expect(receipts[1]?.['root']).toBe(server.messages[1]?.ts);
    expect(server.messages[2]?.thread_ts).toBe(server.messages[1]?.ts);
    // Seen at the time: the resolve has edited it since.
    expect(JSON.stringify(server.requests[2]?.given)).toContain(
      'cannot be edited (edit_window_closed)',
    );
  });

  it('is told in the thread when Slack refuses the edit for a reason of its own', async () => {
    const { server, deliver } = await bench();
    await deliver(opened);
    server.fail({ is: 'error', code: 'not_documented', method: 'chat.update' });
    await deliver(updated);
    expect(server.messages[1]?.thread_ts).toBe(server.messages[0]?.ts);
  });

  it('begins anew in a channel that was configured meanwhile', async () => {
    const { server, channel } = await bench();
    const elsewhere = { episode: 'E', receipts: [{ channel: 'C7654321', ts: '1.1', root: '1.1' }] };
    await channel.send(parcelOf(updated, 1), elsewhere, NEVER);
    expect(methodsOf(server)).toEqual(['chat.postMessage']);
  });
});

describe('every message', () => {
  it('carries which delivery it is, and makes no links of its own', async () => {
    const { server, deliver } = await bench();
    await deliver(opened);
    expect(server.messages[0]?.metadata).toEqual({
      event_type: 'maas_ha_alert',
      event_payload: {
        delivery: `${opened.episode.id}/slack/open/0`,
        episode: opened.episode.id,
      },
    });
    expect(server.requests[0]?.given).toMatchObject({ parse: 'none', unfurl_links: 'false' });
  });

  it('that tests the channel says so and begins nothing', async () => {
    const { server, deliver } = await bench();
    const [receipt] = await deliver({ ...opened, kind: 'test' });
    expect(shown(server, 0)).toContain('This is a test of the alert channel by mon1');
    expect(receipt).not.toHaveProperty('root');
  });

  it.each(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long'])(
    'goes as plain text when Slack says %s',
    async (code) => {
      const { server, deliver } = await bench();
      server.fail({ is: 'error', code });
      await deliver(opened);
      expect(server.messages[0]?.blocks).toEqual([]);
      expect(server.messages[0]?.text).toContain('CRITICAL firing: VIP unreachable');
      server.fail({ is: 'error', code, method: 'chat.update' });
      await deliver(updated);
      expect(server.messages[0]?.edits).toBe(1);
    },
  );
});
