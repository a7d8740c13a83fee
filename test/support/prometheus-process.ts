import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inside, tryRunIn } from '../lab/net.ts';
import type { Host } from '../lab/plan.ts';

/*
 * Debian's own Prometheus and Alertmanager as servers of a test: on this machine's loopback, or on the
 * loopback of one of the lab's hosts. Nothing of them outlives the process that started them.
 */

export interface Wanted {
  /** The configuration: YAML, or what is written as JSON, which is YAML too. */
  readonly config: string | object;
  /** Further files by their names, beside the configuration: rules that it names, targets. */
  readonly files?: Readonly<Record<string, string>>;
  /** The host of the lab to run on; without it, this machine. */
  readonly host?: Host;
  /** On the loopback of wherever it runs; without it, one that is free (on a host: the usual one). */
  readonly port?: number;
  /** For all that it keeps; it stays afterwards. Without it, one is made and removed again. */
  readonly folder?: string;
  /** Further arguments; one that is given here replaces the usual one of the same name. */
  readonly args?: readonly string[];
}

const PROGRAM = {
  prometheus: '/usr/bin/prometheus',
  alertmanager: '/usr/bin/prometheus-alertmanager',
} as const;
const PACKAGE = { prometheus: 'prometheus', alertmanager: 'prometheus-alertmanager' } as const;
const USUAL_PORT = { prometheus: 9090, alertmanager: 9093 } as const;

type Kind = keyof typeof PROGRAM;

/** Why the two cannot run here; undefined when they can. */
export function noPrometheus(kinds: readonly Kind[] = ['prometheus']): string | undefined {
  const missing = kinds.filter((kind) => !existsSync(PROGRAM[kind])).map((kind) => PACKAGE[kind]);
  if (missing.length === 0) return undefined;
  return `Debian's ${missing.join(' and ')} is not installed: apt-get install ${missing.join(' ')}`;
}

/** Milliseconds until a server answers, and that it has to stop in. */
const STARTS = 60_000;
const STOPS = 20_000;
const LOOK = 50;

/**
 * Ends the server and removes its folder (unless that is empty text) when the input ends: when the process
 * that started the server is gone, however it went.
 */
const CLEANER = `
cat > /dev/null
kill -KILL "$0" 2> /dev/null
while kill -0 "$0" 2> /dev/null; do sleep 0.1; done
[ -z "$1" ] || rm -rf "$1"`;

interface Said {
  readonly status: number;
  readonly body: string;
}

/** The longest that one answer takes, in seconds. */
const ANSWERS = 30;

async function askHere(url: string, form: URLSearchParams | undefined): Promise<Said> {
  const post = form === undefined ? {} : { method: 'POST', body: form };
  const answer = await fetch(url, { ...post, signal: AbortSignal.timeout(ANSWERS * 1000) });
  return { status: answer.status, body: await answer.text() };
}

/** This process cannot enter another network: a program does it for each request. */
async function askOn(host: Host, url: string, form: URLSearchParams | undefined): Promise<Said> {
  const body = form === undefined ? [] : ['--data-binary', '@-'];
  const command = ['curl', '-sS', '--max-time', String(ANSWERS), '-w', '\n%{http_code}', ...body];
  const input = form === undefined ? {} : { input: form.toString() };
  const { code, stdout, stderr } = await tryRunIn(host, [...command, url], input);
  if (code !== 0) throw new Error(stderr.trim());
  const split = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(split + 1)), body: stdout.slice(0, split) };
}

/** A running program with an HTTP face. */
export class Server {
  readonly kind: Kind;
  readonly host: Host | undefined;
  readonly port: number;
  /** Holds `config.yml`, `log` and the data. */
  readonly folder: string;
  readonly pid: number;
  /** As whoever runs in the same place reaches it, without a slash at the end. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #cleaner: ChildProcess;
  readonly #temporary: boolean;

  constructor(kind: Kind, wanted: Wanted, port: number, child: ChildProcess, made: Made) {
    if (child.pid === undefined) throw new Error(`${PROGRAM[kind]} could not be started`);
    this.kind = kind;
    this.host = wanted.host;
    this.port = port;
    this.folder = made.folder;
    this.pid = child.pid;
    this.url = `http://127.0.0.1:${port}`;
    this.#child = child;
    this.#temporary = made.temporary;
    this.#cleaner = spawn(
      '/bin/sh',
      ['-c', CLEANER, String(child.pid), made.temporary ? made.folder : ''],
      { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
    );
    this.#cleaner.unref();
    child.once('exit', () => this.#cleaner.kill('SIGKILL'));
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it has said so far. */
  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** @throws Error with the end of its log when it ends, or is not ready in time. */
  async untilReady(): Promise<void> {
    const end = Date.now() + STARTS;
    while (!(await this.#answers('/-/ready'))) {
      if (this.isOver || Date.now() > end) {
        const words = this.log.trim().split('\n').slice(-5).join('\n');
        await this.stop();
        throw new Error(`${this.kind} does not get ready at ${this.url}:\n${words}`);
      }
      await pause(LOOK);
    }
  }

  async #answers(path: string): Promise<boolean> {
    return (await this.ask(path).catch(() => undefined))?.status === 200;
  }

  /** One request; a form makes it a POST. @throws Error when nobody answers. */
  async ask(path: string, form?: URLSearchParams): Promise<Said> {
    const url = this.url + path;
    try {
      return await (this.host === undefined ? askHere(url, form) : askOn(this.host, url, form));
    } catch (error) {
      throw new Error(`${this.kind} at ${url}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Takes in its configuration again, or another one. @throws Error with its reason to refuse it. */
  async reload(config?: string | object): Promise<void> {
    if (config !== undefined) writeConfig(this.folder, config);
    const { status, body } = await this.ask('/-/reload', new URLSearchParams());
    if (status !== 200) throw new Error(`${this.kind} refuses its configuration: ${body.trim()}`);
  }

  /** Ends it in order, or after a while by force; removes its folder when it was made for it. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isOver) {
      const exit = once(this.#child, 'exit');
      this.#child.kill(signal);
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOPS);
      await exit;
      clearTimeout(timer);
    }
    if (this.#temporary) rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Made {
  readonly folder: string;
  readonly temporary: boolean;
}

const writeConfig = (folder: string, config: string | object): void => {
  writeFileSync(
    join(folder, 'config.yml'),
    typeof config === 'string' ? config : JSON.stringify(config),
  );
};

function makeFolder(kind: Kind, { folder, config, files = {} }: Wanted): Made {
  const made = folder ?? mkdtempSync(join(tmpdir(), `maasha-${kind}-`));
  mkdirSync(made, { recursive: true });
  writeConfig(made, config);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  return { folder: made, temporary: folder === undefined };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const nameOf = (arg: string): string => arg.split('=')[0] ?? arg;

/** Starts the program; the server made of it is ended again unless it gets ready. */
export async function start<Made extends Server>(
  kind: Kind,
  wanted: Wanted,
  usual: (folder: string) => readonly string[],
  make: (...made: ConstructorParameters<typeof Server>) => Made,
): Promise<Made> {
  const missing = noPrometheus([kind]);
  if (missing !== undefined) throw new Error(missing);
  const port = wanted.port ?? (wanted.host === undefined ? await freePort() : USUAL_PORT[kind]);
  const made = makeFolder(kind, wanted);
  const own = wanted.args ?? [];
  const args = [
    `--config.file=${join(made.folder, 'config.yml')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...usual(made.folder),
  ].filter((arg) => !own.some((each) => nameOf(each) === nameOf(arg)));
  const argv = [PROGRAM[kind], ...args, ...own];
  const [file = '', ...rest] = wanted.host === undefined ? argv : inside(wanted.host, argv);
  const log = openSync(join(made.folder, 'log'), 'a');
  const child = spawn(file, rest, {
    cwd: made.folder,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.on('error', () => undefined);
  const server = make(kind, wanted, port, child, made);
  await server.untilReady();
  return server;
}
