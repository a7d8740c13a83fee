import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './smtp-certificate.ts';
import { Box, type MailServer } from './smtp-server.ts';

/** The moments at which the server has something to say. `body`: the first octets of a mail came; `dot`: all of it. */
export type Moment =
  | 'greeting'
  | 'EHLO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'body'
  | 'dot'
  | 'RSET'
  | 'QUIT';

/** What it does then: says this (lines), or does something that no good server does. */
export type Answer =
  | string
  | { readonly does: 'drop' | 'nothing' | 'endless' }
  /** Says it when the promise is kept. */
  | { readonly says: string; readonly when: Promise<unknown> };

/** By moment; a function when it depends on what the client said. */
export type Script = Readonly<
  Partial<Record<Moment, Answer | ((line: string) => Answer | undefined)>>
>;

export interface ScriptedServer extends MailServer {
  /** Every line that clients said, the mails themselves left out. */
  readonly heard: readonly string[];
  /** How many connections there were, and how many are open. */
  readonly connections: { readonly all: number; readonly open: number };
  /** Kept when no connection is open any more. */
  idle(): Promise<void>;
}

const GOOD: Readonly<Record<Moment, Answer>> = {
  greeting: '220 test ESMTP',
  EHLO: '250-test\r\n250 8BITMIME',
  STARTTLS: '502 5.5.1 not here',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  DATA: '354 go on',
  // Nothing is said in the middle of a mail.
  body: '',
  dot: '250 2.0.0 taken',
  RSET: '250 2.0.0 forgotten',
  QUIT: '221 2.0.0 bye',
};

/** An endless reply in pieces of this size, each once the one before is taken, and no more than this in all. */
const ENDLESS = '250-and so on, and so on, and so on, and so on, and so on\r\n'.repeat(64);
const AT_MOST = 64 * 1024 * 1024;

function endless(socket: Socket): void {
  let said = 0;
  const more = (): void => {
    while (!socket.destroyed && said < AT_MOST) {
      said += ENDLESS.length;
      if (!socket.write(ENDLESS)) return;
    }
  };
  socket.on('drain', more);
  more();
}

function perform(socket: Socket, answer: Answer): void {
  if (typeof answer === 'string') {
    if (answer !== '' && socket.writable) socket.write(`${answer}\r\n`);
  } else if ('when' in answer) {
    void answer.when.then(() => {
      perform(socket, answer.says);
    });
  } else if (answer.does === 'drop') socket.destroy();
  else if (answer.does === 'endless') endless(socket);
}

/** One conversation. Commands come in lines; after 354 octets are taken until the final dot. */
class Conversation {
  #rest = '';
  #inMail = false;
  #from = '';
  #to: string[] = [];
  readonly #socket: Socket;
  readonly #script: Script;
  readonly #box: Box;
  readonly #heard: string[];

  constructor(socket: Socket, script: Script, box: Box, heard: string[]) {
    this.#socket = socket;
    this.#script = script;
    this.#box = box;
    this.#heard = heard;
    socket.on('data', (chunk: Buffer) => {
      this.#rest += chunk.toString('latin1');
      this.#read();
    });
    this.#answer('greeting', '');
  }

  #answer(moment: Moment, line: string): Answer {
    const own = this.#script[moment];
    const answer = (typeof own === 'function' ? own(line) : own) ?? GOOD[moment];
    perform(this.#socket, answer);
    return answer;
  }

  #read(): void {
    while (!this.#socket.destroyed) {
      const end = this.#rest.indexOf(this.#inMail ? '\r\n.\r\n' : '\r\n');
      if (this.#inMail && this.#rest !== '') this.#answer('body', '');
      if (end < 0) return;
      const text = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + (this.#inMail ? 5 : 2));
      if (this.#inMail) this.#take(text);
      else this.#obey(text);
    }
  }

  #take(raw: string): void {
    this.#inMail = false;
    this.#box.put({
      at: Date.now(),
      from: this.#from,
      to: this.#to,
      raw: Buffer.from(`${raw.replace(/^\.\./gm, '.')}\r\n`, 'latin1').toString(),
      secure: 'encrypted' in this.#socket,
    });
    this.#to = [];
    this.#answer('dot', '');
  }

  #obey(line: string): void {
    this.#heard.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    const moment = Object.keys(GOOD).find((each) => each.slice(0, 4) === verb) as
      Moment | undefined;
    if (moment === undefined) {
      perform(this.#socket, '500 5.5.2 not known');
      return;
    }
    const answer = this.#answer(moment, line);
    const yes = typeof answer === 'string' && /^[23]/.test(answer);
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (verb === 'MAIL') [this.#from, this.#to] = [address, []];
    if (verb === 'RCPT' && yes) this.#to.push(address);
    if (verb === 'DATA') this.#inMail = yes;
    if (verb === 'QUIT') this.#socket.end();
  }
}

/** A mail server on loopback that keeps to a script where there is one, and is good elsewhere. */
export async function scriptedMailServer(
  script: Script,
  certificate?: Certificate,
): Promise<ScriptedServer> {
  const box = new Box();
  const heard: string[] = [];
  const open = new Set<Socket>();
  let all = 0;
  let onIdle: () => void = () => undefined;
  const serve = (socket: Socket): void => {
    all += 1;
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) onIdle();
    });
    new Conversation(socket, script, box, heard);
  };
  const server =
    certificate === undefined
      ? createServer(serve)
      : createTlsServer({ key: certificate.key, cert: certificate.cert }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return {
    port: address.port,
    taken: box.taken,
    heard,
    arrival: (count) => box.arrival(count),
    connections: {
      get all() {
        return all;
      },
      get open() {
        return open.size;
      },
    },
    idle: () =>
      new Promise<void>((resolve) => {
        onIdle = resolve;
        if (open.size === 0) resolve();
      }),
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
