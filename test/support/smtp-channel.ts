import { Email, type EmailSettings, type Limits } from '../../alerts/notifiers/email.ts';
import { DeliveryFailure, type Parcel, type Receipt } from '../../alerts/notifier.ts';
import type { Notice } from '../../alerts/notice.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from './clock.ts';
import { issue, type Certificate } from './smtp-certificate.ts';
import { opened } from './smtp-notices.ts';
import { scriptedMailServer, type Script, type ScriptedServer } from './smtp-script.ts';
import { mailServer, type MailServer, type Options } from './smtp-server.ts';

/** What the password of every channel in the tests is: nothing that is shown may hold it. */
export const CANARY = 'p4ss-Canary/ü';
const PATIENT: Limits = {
  dns: seconds(5),
  connect: seconds(20),
  greeting: seconds(10),
  socket: seconds(30),
};
/** Only for servers that never answer: the wait is the test. */
export const HASTY: Limits = { ...PATIENT, greeting: seconds(0.5), socket: seconds(1.5) };

export const authority = issue({ name: 'Test Authority' });
export const host = { name: 'mail', hosts: ['127.0.0.1', 'localhost'] };
export const good = issue({ ...host, by: authority });

interface More {
  readonly settings?: Partial<EmailSettings>;
  readonly limits?: Limits;
  readonly password?: string;
  readonly scheme?: 'smtp' | 'smtps';
  readonly authority?: Certificate;
}

/** A channel to a server on loopback; its password is the canary. */
export function channelTo({ port }: { readonly port: number }, more: More = {}): Email {
  const { settings = {}, limits = PATIENT, password = CANARY, scheme = 'smtp' } = more;
  const secrets: Readonly<Record<string, string | undefined>> = {
    password_file: settings.user === undefined ? undefined : password,
    ca_file: more.authority?.cert,
  };
  return new Email(
    {
      smtp: `${scheme}://127.0.0.1:${port}`,
      from: 'maasha@example.org',
      to: ['ops@example.org', 'night@example.org'],
      ...(more.authority !== undefined && { ca_file: '/ca.pem' }),
      ...settings,
    },
    {
      channel: 'email',
      clock: new FakeClock(),
      monitor: 'maasha',
      secret: (key) => {
        const text = secrets[key];
        return text === undefined ? undefined : new Secret(text);
      },
      print: () => {},
    },
    limits,
  );
}

export const account = { settings: { user: 'maasha', password_file: '/pw' } };
export const never = new AbortController().signal;
export const EPISODE = opened.episode.id;
export const parcel = (notice: Notice, seq = 1): Parcel => ({
  id: `${EPISODE}/email/${notice.kind}/${seq}`,
  notice,
});
export const send = (channel: Email, notice: Notice = opened, receipts: readonly Receipt[] = []) =>
  channel.send(parcel(notice), { episode: EPISODE, receipts }, never);

/** How an attempt failed; a receipt is a failure of the test. */
export async function failureOf(attempt: Promise<unknown>): Promise<DeliveryFailure> {
  try {
    const receipt = await attempt;
    throw new Error(`it succeeded: ${JSON.stringify(receipt)}`);
  } catch (error) {
    if (error instanceof DeliveryFailure) return error;
    throw error;
  }
}

export async function withServer<T>(
  options: Options,
  use: (server: MailServer) => Promise<T>,
): Promise<T> {
  const server = await mailServer(options);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

export async function withScript<T>(
  script: Script,
  use: (server: ScriptedServer) => Promise<T>,
  certificate?: Certificate,
): Promise<T> {
  const server = await scriptedMailServer(script, certificate);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}
