import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { z } from 'zod';
import { seconds, type Seconds } from '../../src/core/time.ts';
import {
  DeliveryFailure,
  type Channel,
  type Notifier,
  type Parcel,
  type Receipt,
  type Surroundings,
  type Thread,
} from '../notifier.ts';
import { messageOf, receiptOf } from '../render/email-message.ts';
import { trialOf, tryOut, type Reply } from '../render/email-trial.ts';
import { isLoopback, mailServerOf, type MailServer } from '../render/email-server.ts';
import {
  failureOf,
  hiding,
  stopped,
  unfit,
  type Hide,
  type Progress,
  type SmtpError,
} from '../render/email-trouble.ts';

const SMTP =
  'a mail server such as smtps://mail.example.org or smtp://mail.example.org:587; user and password stand in user and password_file';
const ADDRESS = 'an e-mail address such as ops@example.org';
const LOCAL = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}";
const HOST = '[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?';
const NAME = 'the host name by which the monitor greets';
const USER = 'the name of the account at the mail server';
const FILE = 'the path of a readable, non-empty file';
const PAIR = 'user and password_file together, or neither';
const PLAIN =
  'no require_tls: false beside smtps://, user or ca_file: no password is sent without TLS';

const address = z.string(ADDRESS).regex(new RegExp(`^${LOCAL}@${HOST}$`), ADDRESS);

const file = z.string(FILE).min(1, FILE).optional();

const settings = z
  .strictObject(
    {
      smtp: z.string(SMTP).refine((text) => mailServerOf(text) !== undefined, SMTP),
      user: z.string(USER).min(1, USER).optional(),
      password_file: file,
      from: address,
      to: z
        .array(address, 'a list of e-mail addresses')
        .min(1, 'at least one address')
        .max(20, 'at most 20 addresses'),
      /**
       * With TLS and a certificate that is checked, or not at all. Default: true, but for a server on
       * this host without user and ca_file. If false, TLS is used where offered, and not checked.
       */
      require_tls: z.boolean('true or false').optional(),
      /** PEM of a private authority, or of the server's own certificate. */
      ca_file: file,
      name: z
        .string(NAME)
        .regex(new RegExp(`^${HOST}$`), NAME)
        .optional(),
    },
    'a section: { smtp: smtps://mail.example.org, from: maasha@example.org, to: [ops@example.org] }',
  )
  .refine(({ user, password_file: file }) => (user === undefined) === (file === undefined), {
    message: PAIR,
    path: ['user'],
  })
  .refine(
    ({ smtp, user, ca_file: authority, require_tls: asked }) =>
      asked !== false ||
      (user === undefined && authority === undefined && !smtp.startsWith('smtps:')),
    { message: PLAIN, path: ['require_tls'] },
  );

export type EmailSettings = z.infer<typeof settings>;

/** How long each part of a conversation may take. */
export interface Limits {
  readonly dns: Seconds;
  /** All until the session stands, greeting and STARTTLS included. */
  readonly connect: Seconds;
  readonly greeting: Seconds;
  /** Silence at any later moment. */
  readonly socket: Seconds;
}

// A server may greet late on purpose: 10 s to connect and 10 s to greet, which nodemailer counts as one.
const LIMITS: Limits = {
  dns: seconds(5),
  connect: seconds(20),
  greeting: seconds(10),
  socket: seconds(30),
};

/** No honest reply of a mail server comes near it. */
const LONGEST_REPLY = 64 * 1024;

type Link = SMTPConnection;

/** nodemailer says commands of ours only as a way to log in: so the trial of a channel is one. */
const TRIAL = 'MAASHA-TRIAL';

/** Hands each mail in over a connection of its own, so that nothing is left between two alerts. */
export class Email implements Channel {
  readonly is = 'channel';
  readonly #settings: EmailSettings;
  readonly #around: Surroundings;
  readonly #limits: Limits;
  readonly #server: MailServer;
  /** TLS with a certificate that is checked, or nothing is said. */
  readonly #strict: boolean;
  readonly #name: string;
  readonly #open = new Set<Link>();

  constructor(given: EmailSettings, around: Surroundings, limits: Limits = LIMITS) {
    const { smtp, user, ca_file: authority, require_tls: asked } = given;
    this.#settings = given;
    this.#around = around;
    this.#limits = limits;
    this.#server = mailServerOf(smtp, user) ?? { secure: true, host: '', port: 465 };
    const { secure, host, port } = this.#server;
    this.#name = `${host}:${port}`;
    this.#strict =
      asked ?? (secure || user !== undefined || authority !== undefined || !isLoopback(host));
  }

  async send(parcel: Parcel, thread: Thread, signal: AbortSignal): Promise<Receipt> {
    const { from } = this.#settings;
    const to = [...new Set(this.#settings.to)];
    const { monitor, clock } = this.#around;
    const message = messageOf(parcel, thread, { from, to, monitor, now: clock.now() });
    const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
    // Else a random one: a repetition must be the same mail.
    const baseBoundary = createHash('sha256').update(parcel.id).digest('hex').slice(0, 32);
    const mail = await new MailComposer({ ...message, baseBoundary }).compile().build();
    return await this.#converse(signal, async (link) => {
      const info = await answer<SMTPConnection.SentMessageInfo>((done) => {
        link.send({ from, to, size: mail.length }, mail, done);
      });
      return receiptOf(message.messageId, info, this.#hide);
    });
  }

  /** Goes as far as one can without a mail: TLS, account, sender, each recipient. */
  async test(signal: AbortSignal): Promise<string> {
    const { user, from, to } = this.#settings;
    return await this.#converse(signal, async (link, replies) => {
      await answer((done) => {
        link.login({ method: TRIAL }, done);
      });
      const { problem, but } = trialOf(replies, this.#name, this.#hide);
      if (problem !== undefined) throw problem;
      const socket = link._socket;
      const tls = socket instanceof TLSSocket ? (socket.getProtocol() ?? 'TLS') : 'no TLS';
      const who = user === undefined ? 'without an account' : `as ${user}`;
      return `mail server ${this.#name} (${tls}, ${who}) takes mail from ${from} for ${to.join(', ')}${but}`;
    });
  }

  close(): Promise<void> {
    for (const link of this.#open) link.close();
    return Promise.resolve();
  }

  get #password(): string {
    return this.#around.secret('password_file')?.reveal() ?? '';
  }

  /** Keeps the password, in every form in which it is sent, out of what the other end said. */
  get #hide(): Hide {
    const password = this.#password;
    if (password === '') return hiding([]);
    const forms = [`\0${this.#settings.user ?? ''}\0${password}`, password];
    return hiding(forms.flatMap((form) => [Buffer.from(form).toString('base64'), form]));
  }

  /** One conversation, from the connection to the last word; ended at once by `signal`. */
  async #converse<T>(
    signal: AbortSignal,
    talk: (link: Link, replies: Reply[]) => Promise<T>,
  ): Promise<T> {
    const progress = { server: this.#name, handedOver: false };
    const replies: Reply[] = [];
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    const link = new Connection({
      ...this.#options(),
      customAuth: {
        [TRIAL]: async (dialogue: SMTPConnection.CustomAuthenticationContext) => {
          const say = (command: string) => dialogue.sendCommand(command);
          replies.push(...(await tryOut(say, this.#settings.from, this.#settings.to)));
        },
      },
      // Its errors do not tell whether the mail had left; its log does: the stream of the mail has ended.
      logger: {
        info: (entry: { readonly tnx?: string }) => {
          if (entry.tnx === 'message') progress.handedOver = true;
        },
      },
    });
    const hangUp = link.close.bind(link);
    this.#open.add(link);
    link.once('end', () => this.#open.delete(link));
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      signal.throwIfAborted();
      const lost = lossOf(link);
      const result = await Promise.race([this.#begin(link).then(() => talk(link, replies)), lost]);
      link.quit();
      return result;
    } catch (error) {
      hangUp();
      throw this.#failure(error, signal, progress);
    } finally {
      signal.removeEventListener('abort', hangUp);
    }
  }

  #options(): SMTPConnection.Options {
    const { name, ca_file: authority } = this.#settings;
    const { dns, connect, greeting, socket } = this.#limits;
    return {
      ...this.#server,
      requireTLS: this.#strict && !this.#server.secure,
      opportunisticTLS: !this.#strict,
      tls: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: this.#strict,
        ...(authority !== undefined && { ca: this.#around.secret('ca_file')?.reveal() }),
      },
      ...(name !== undefined && { name }),
      dnsTimeout: dns * 1000,
      connectionTimeout: connect * 1000,
      greetingTimeout: greeting * 1000,
      socketTimeout: socket * 1000,
      socketCloseTimeout: 0,
      maxResponseSize: LONGEST_REPLY,
    };
  }

  /** Until the session stands, with TLS and the account where they are wanted: never without. */
  async #begin(link: Link): Promise<void> {
    const { user } = this.#settings;
    await answer((done) => {
      link.connect(done);
    });
    if (user === undefined) return;
    const pass = this.#password;
    const wrong = unfit(link, this.#name, user, pass);
    if (wrong !== undefined) throw wrong;
    await answer((done) => {
      link.login({ user, pass }, done);
    });
  }

  #failure(error: unknown, signal: AbortSignal, progress: Progress): DeliveryFailure {
    if (error instanceof DeliveryFailure) return error;
    return signal.aborted
      ? stopped(progress)
      : failureOf(this.#hide.error(error as SmtpError), progress);
  }
}

/** Rejects when the connection ends, whoever ended it. */
const lossOf = (link: Link): Promise<never> =>
  new Promise((_, reject) => {
    link.on('error', reject);
    link.once('end', () => {
      // After a 421 the end is told first, and then to whoever waits why: let that be heard.
      setImmediate(() => {
        reject(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' }));
      });
    });
  });

/** What nodemailer tells a callback. */
const answer = <T>(ask: (done: (error?: Error | null, result?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    ask((error, result) => {
      if (error) reject(error);
      else resolve(result as T);
    });
  });

const email: Notifier<EmailSettings> = {
  name: 'email',
  about: 'Mails each episode as one conversation, with its runbook attached.',
  settings,
  reaches: ({ smtp }) => [mailServerOf(smtp)?.host ?? smtp],
  open: (given, surroundings) => new Email(given, surroundings),
};

export default email;
