import { onTestFinished } from 'vitest';
import { z } from 'zod';
import slack from '../../alerts/notifiers/slack.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { Channel, Parcel, Receipt, Thread } from '../../alerts/notifier.ts';
import { Secret } from '../../src/core/secret.ts';
import { opened } from '../golden/slack/notices.ts';
import { FakeClock } from './clock.ts';
import { slackServer, type SlackServer } from './slack-server.ts';

/** A token that must show up nowhere. */
export const TOKEN = 'xoxb-canary-5e0c1d';
export const NEVER = new AbortController().signal;

type Given = Parameters<typeof slack.open>[0];

/** The section of the configuration, as its schema reads it. */
export const read = (given: Record<string, unknown>) =>
  z.safeParse(slack.settings as z.ZodType<Given>, given);

export const MINIMUM = { token_file: '/etc/maasha/slack', channel: 'C0123456' };

/** A channel that talks to this address. */
export const channelAt = (
  api_url: string,
  given: Record<string, unknown> = {},
  clock = new FakeClock(),
  token: Secret | null = new Secret(TOKEN),
): Channel =>
  slack.open(z.parse(slack.settings as z.ZodType<Given>, { ...MINIMUM, api_url, ...given }), {
    channel: 'slack',
    clock,
    monitor: 'mon1',
    secret: () => token ?? undefined,
    print: () => {},
  }) as Channel;

export const parcelOf = (notice: Notice, seq = 0): Parcel => ({
  id: `${notice.episode.id}/slack/${notice.kind}/${seq}`,
  notice,
});

/** A Slack and a channel of it, for one test. */
export async function bench(given: Record<string, unknown> = {}): Promise<{
  readonly server: SlackServer;
  readonly channel: Channel;
  readonly clock: FakeClock;
  /** Delivers as the outbox would: with the receipts of what was accepted before. */
  readonly deliver: (...notices: readonly Notice[]) => Promise<readonly Receipt[]>;
  readonly thread: () => Thread;
}> {
  const server = await slackServer();
  onTestFinished(() => server.close());
  server.workspace.now.token = TOKEN;
  const clock = new FakeClock();
  const channel = channelAt(server.url, given, clock);
  const receipts: Receipt[] = [];
  const thread = (): Thread => ({ episode: opened.episode.id, receipts: [...receipts] });
  const deliver = async (...notices: readonly Notice[]): Promise<readonly Receipt[]> => {
    for (const notice of notices) {
      receipts.push(await channel.send(parcelOf(notice, receipts.length), thread(), NEVER));
    }
    return receipts;
  };
  return { server, channel, clock, deliver, thread };
}

export const methodsOf = ({ requests }: SlackServer): readonly string[] =>
  requests.map(({ method }) => method);
