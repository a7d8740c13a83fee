import { startAlertmanager } from '../support/alertmanager-server.ts';
import { SlackServer, type Fault as SlackFault, type Logged } from '../support/slack-server.ts';
import type { Stored } from '../support/slack-workspace.ts';
import { scriptedMailServer, type Answer, type ScriptedServer } from '../support/smtp-script.ts';
import { headerOf, type Taken } from '../support/smtp-server.ts';
import { Book } from './book.ts';
import type { Ends } from './ends.ts';
import type { ChannelName, Fault } from './script.ts';

/*
 * The other ends as servers on loopback: Slack's Web API, SMTP and Alertmanager, spoken to by the real
 * channels of a monitor in another process.
 */

export async function wiredEnds(): Promise<Ends> {
  const book = new Book();
  const slack = await slackEnd(book);
  const mail = await mailEnd(book);
  const mirror = await mirrorEnd(book);
  const outages = (channels: readonly ChannelName[]): void => {
    book.outages(channels);
    slack.server.workspace.now.revoked = channels.includes('slack') ? 'token_revoked' : undefined;
    if (channels.includes('alertmanager')) mirror.behave({ status: 503 });
    else mirror.behave(undefined);
  };
  return {
    book,
    addresses: {
      slack: {
        token_file: 'slack',
        channel: 'C0123456',
        api_url: slack.server.url,
        acknowledge_by_reaction: true,
      },
      email: {
        smtp: `smtp://127.0.0.1:${mail.port}`,
        from: 'maasha@example.org',
        to: ['ann@example.org', 'bob@example.org'],
      },
      alertmanager: { urls: [mirror.url], mode: 'shadow' },
    },
    fault: (fault) => {
      book.fault(fault);
      if (fault.channel === 'slack') slack.fault(fault);
      if (fault.channel === 'alertmanager' && !book.isOut('alertmanager'))
        mirror.behave(
          fault.is === 'drops' ? { instead: 'reset', accepts: true } : { status: 503 },
          1,
        );
    },
    outages,
    heal: () => {
      book.heal();
      slack.server.heal();
      outages([]);
    },
    close: async () => {
      await Promise.all([slack.server.close(), mail.close(), mirror.stop()]);
    },
  };
}

const POST = 'chat.postMessage';

/** In Slack's own words. Blocks that are refused are tried again as plain text. */
const SLACK_FAULTS: Readonly<Record<Fault['is'], SlackFault>> = {
  limited: { is: 'limited' },
  later: { is: 'failed', status: 503 },
  failed: { is: 'failed' },
  drops: { is: 'resets' },
  hangs: { is: 'hangs' },
  refused: { is: 'error', code: 'invalid_blocks', times: 2 },
  partial: { is: 'failed' },
  denied: { is: 'error', code: 'restricted_action' },
};
const WRONG: ReadonlySet<string> = new Set(['limited', 'failed', 'resets', 'hangs', 'error']);

const carriedBy = ({ metadata }: Stored): string =>
  (metadata?.['event_payload'] as { readonly delivery: string } | undefined)?.delivery ?? '';

async function slackEnd(book: Book) {
  let known = 0;
  let refusing = false;
  const onRequest = ({ method, answer }: Logged): void => {
    if (!method.startsWith('chat.')) return;
    book.arrive('slack');
    if (method !== POST) return;
    const goesOn = refusing && answer === 'error';
    const fault = WRONG.has(answer) && !goesOn ? book.next('slack') : undefined;
    refusing = fault?.is === 'refused';
    if (fault?.is === 'hangs') book.onHang('slack');
    const message = server.messages[known];
    if (message === undefined) return;
    known += 1;
    book.take('slack', carriedBy(message), message.thread_ts === undefined, fault !== undefined);
  };
  const server: SlackServer = await new SlackServer(onRequest).listen();
  const fault = ({ is, accepts, retryAfter }: Fault): void => {
    server.fail({
      ...SLACK_FAULTS[is],
      method: POST,
      ...(accepts !== undefined && { accepts }),
      ...(retryAfter !== undefined && { retryAfter }),
    });
  };
  return { server, fault };
}

/** `<EPISODE.email.KIND.SEQ@example.org>` back to the delivery's id. */
const deliveryOf = (mail: Taken): string =>
  (/<([^@>]+)@/.exec(headerOf(mail, 'message-id') ?? '')?.[1] ?? '').replaceAll('.', '/');

async function mailEnd(book: Book): Promise<ScriptedServer> {
  let partial = false;
  const taken = (mail: Taken, fault: Fault | undefined): Answer => {
    if (fault?.is === 'hangs') book.onHang('email');
    const alone = headerOf(mail, 'in-reply-to') === undefined;
    book.take('email', deliveryOf(mail), alone, fault !== undefined);
    if (fault === undefined) return '250 2.0.0 taken';
    return { does: fault.is === 'hangs' ? 'nothing' : 'drop' };
  };
  const dot = (): Answer => {
    const mail = server.taken.at(-1);
    book.arrive('email');
    const fault = partial ? undefined : book.next('email');
    partial = false;
    if (mail === undefined || fault?.is === 'later') return '451 4.3.0 come again';
    if (fault?.is === 'refused') return '554 5.6.0 not this one';
    return taken(mail, fault);
  };
  const server: ScriptedServer = await scriptedMailServer({
    greeting: () => (book.isOut('email') ? '421 4.3.2 closed' : '220 test ESMTP'),
    RCPT: (line) => {
      if (book.peek('email')?.is === 'denied') {
        if (line.includes('bob@')) book.next('email');
        return '550 5.7.1 we do not know you';
      }
      if (!line.includes('bob@') || book.peek('email')?.is !== 'partial') return undefined;
      if (!partial) book.next('email');
      partial = true;
      return '550 5.1.1 no such user';
    },
    dot,
  });
  return server;
}

interface Posted {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

function mirrorEnd(book: Book) {
  return startAlertmanager({
    onLog: ({ path, method, body, accepted }) => {
      if (method !== 'POST' || !path.startsWith('/api/v2/alerts') || !accepted) return;
      const at = book.now();
      for (const { labels, annotations, startsAt, endsAt } of JSON.parse(body) as readonly Posted[])
        book.pushed.push({
          at,
          episode: annotations['episode_id'] ?? '',
          severity: labels['severity'] ?? '',
          startsAt,
          endsAt,
        });
    },
  });
}
