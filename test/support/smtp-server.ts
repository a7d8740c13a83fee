import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Certificate } from './smtp-certificate.ts';

/*
 * A mail server that does what it should (npm's smtp-server), and keeps what it took. Also a program of
 * its own, for tests that kill the monitor or run it elsewhere:
 *
 *   node --import tsx test/support/smtp-server.ts --port 2525 --log mails.jsonl
 */

/** One mail that a server has taken. */
export interface Taken {
  /** When its final dot arrived: milliseconds since the Unix epoch. */
  readonly at: number;
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire, without the doubled dots. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user?: string;
}

/** What all mail servers of the tests have in common. */
export interface MailServer {
  readonly port: number;
  readonly taken: readonly Taken[];
  /** The first so many mails, as soon as they are there. */
  arrival(count: number): Promise<readonly Taken[]>;
  close(): Promise<void>;
}

/** What was taken, and whoever waits for it. */
export class Box {
  readonly taken: Taken[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  put(mail: Taken): void {
    this.taken.push(mail);
    for (const { resolve } of this.#waiting.filter(({ count }) => count <= this.taken.length))
      resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.taken.length);
  }

  async arrival(count: number): Promise<readonly Taken[]> {
    if (this.taken.length < count)
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    return this.taken.slice(0, count);
  }
}

export interface Options {
  readonly port?: number;
  /** Without one there is no TLS at all. */
  readonly certificate?: Certificate;
  /** TLS from the first octet on instead of after STARTTLS. */
  readonly smtps?: boolean;
  /** Who may send, with which password; everybody when absent. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly onMail?: (mail: Taken) => void;
}

const tlsOf = ({ certificate, smtps = false }: Options) =>
  certificate === undefined
    ? {}
    : {
        secure: smtps,
        key: certificate.key,
        cert: certificate.cert,
        minVersion: 'TLSv1.2' as const,
      };

const takenBy = (session: SMTPServerSession, raw: string): Taken => ({
  at: Date.now(),
  from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
  to: session.envelope.rcptTo.map(({ address }) => address),
  raw,
  secure: session.secure,
  ...(typeof session.user === 'string' && { user: session.user }),
});

/** A well-behaved server on loopback. */
export async function mailServer(options: Options = {}): Promise<MailServer> {
  const { accounts, certificate, onMail, port = 0 } = options;
  const box = new Box();
  const server = new SMTPServer({
    ...tlsOf(options),
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    authOptional: accounts === undefined,
    disabledCommands: [
      ...(certificate === undefined ? ['STARTTLS'] : []),
      ...(accounts === undefined ? ['AUTH'] : []),
    ],
    onAuth: ({ username = '', password }, _session, done) => {
      if (password !== undefined && accounts?.[username] === password)
        done(null, { user: username });
      else done(new Error('Invalid username or password'));
    },
    onData: (stream, session, done) => {
      void buffer(stream).then((raw) => {
        const mail = takenBy(session, raw.toString());
        onMail?.(mail);
        box.put(mail);
        done();
      }, done);
    },
  });
  // A client that goes away in the middle is no defect of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return {
    port: address.port,
    taken: box.taken,
    arrival: (count) => box.arrival(count),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  };
}

/** A mail as its reader sees it. */
export const read = ({ raw }: Taken): Promise<ParsedMail> => simpleParser(raw);

/** One header as it stands in the mail, folds undone; undefined when it is absent. */
export function headerOf({ raw }: Taken, name: string): string | undefined {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]/g, ' ');
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, log: { type: 'string' } },
  });
  const { log } = values;
  const server = await mailServer({
    port: Number(values.port),
    onMail: (mail) => {
      const line = `${JSON.stringify({ ...mail, id: headerOf(mail, 'message-id') })}\n`;
      if (log === undefined) process.stdout.write(line);
      else appendFileSync(log, line);
    },
  });
  process.stdout.write(`smtp://127.0.0.1:${server.port}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
