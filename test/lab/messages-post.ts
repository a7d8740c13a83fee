import { z } from 'zod';
import { startAlertmanager } from '../support/alertmanager-server.ts';
import { headerOf, mailServer, read, type Taken } from '../support/smtp-server.ts';
import { slackServer, type Logged } from '../support/slack-server.ts';

/*
 * Where the messages of the lab's monitor arrive: a Slack, a mail server and an Alertmanager on the
 * loopback of the host that this program runs on. It writes a line of JSON where they are, and then
 * one for each message; the end of its input ends it.
 */

/** Where the three are. */
export interface Addresses {
  readonly slack: string;
  readonly smtp: string;
  readonly alertmanager: string;
}

/** One message as it was taken in at the other end. */
export interface Heard {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly channel: 'slack' | 'email' | 'alertmanager';
  /** Of Alertmanager: `open`, `explained` or `close`, when that is new. */
  readonly kind: string;
  readonly episode: string;
  /** What was attached: the runbook. */
  readonly attached?: readonly string[];
  readonly says: string;
}

const write = (line: Addresses | Heard): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** `EPISODE/CHANNEL/KIND/SEQ`, with slashes or, in a mail's id, with dots. */
const PARCEL = /^<?(?<episode>[^/.]+)[/.][^/.]+[/.](?<kind>[a-z]+)[/.]\d+/;

function named(parcel: string): Pick<Heard, 'episode' | 'kind'> {
  const { episode = '?', kind = '?' } = PARCEL.exec(parcel)?.groups ?? {};
  return { episode, kind };
}

const posted = z.object({
  text: z.string(),
  metadata: z.object({ event_payload: z.object({ delivery: z.string() }) }),
});

function onSlack({ at, method, given, answer }: Logged): void {
  const message = posted.safeParse(given).data;
  if (method !== 'chat.postMessage' || answer !== 'ok' || message === undefined) return;
  const { delivery } = message.metadata.event_payload;
  write({ at, channel: 'slack', ...named(delivery), says: message.text });
}

async function onMail(mail: Taken): Promise<void> {
  const { attachments } = await read(mail);
  write({
    at: mail.at,
    channel: 'email',
    ...named(headerOf(mail, 'message-id') ?? ''),
    attached: attachments.flatMap(({ filename }) => filename ?? []),
    says: headerOf(mail, 'subject') ?? '',
  });
}

const pushed = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    endsAt: z.string(),
  }),
);

/** How each episode stood in the push before. */
const mirrored = new Map<string, string>();

function onPush(at: number, body: string): void {
  for (const { labels, annotations, endsAt } of pushed.safeParse(JSON.parse(body)).data ?? []) {
    const { episode_id: episode = '?', root_cause: root } = annotations;
    const key = `${episode} ${labels['severity'] ?? ''}`;
    const going = root === undefined ? 'open' : 'explained';
    const kind = Date.parse(endsAt) <= at ? 'close' : going;
    if (mirrored.get(key) === kind) continue;
    mirrored.set(key, kind);
    write({ at, channel: 'alertmanager', kind, episode, says: labels['alertname'] ?? '' });
  }
}

const [slack, smtp, alertmanager] = await Promise.all([
  slackServer(0, onSlack),
  mailServer({ onMail: (mail) => void onMail(mail) }),
  startAlertmanager({
    onLog: ({ at, method, path, body, accepted }) => {
      if (accepted && method === 'POST' && path.startsWith('/api/v2/alerts')) onPush(at, body);
    },
  }),
]);
write({ slack: slack.url, smtp: `smtp://127.0.0.1:${smtp.port}`, alertmanager: alertmanager.url });
process.stdin.on('end', () => process.exit()).resume();
