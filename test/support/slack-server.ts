import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { Refusal, Workspace, type Fields, type Stored } from './slack-workspace.ts';

/*
 * As much of Slack's Web API as an alerter uses, with its documented limits and answers, on loopback,
 * and with every way to misbehave. In a test: `await slackServer()`. As a process of its own:
 * `tsx test/support/slack-server.ts PORT [LOG]`, steered by JSON to `POST /_/fail`, `/_/heal`,
 * `/_/react` and `/_/set`; each, and `GET /_/state`, answers with all messages and requests; LOG gets a line of JSON for each request.
 */

/** How a call goes wrong. `accepts`: what was asked for happens nevertheless. */
export type Fault = {
  /** `limited` is 429; `html` and `torn` are 200 with a page, and with half of an answer. */
  readonly is: 'limited' | 'failed' | 'hangs' | 'resets' | 'html' | 'torn' | 'error' | 'slow';
  readonly accepts?: boolean;
  /** Of `limited`: the header, if any. */
  readonly retryAfter?: number | string;
  /** Of `failed`. */
  readonly status?: number;
  /** Of `error`. */
  readonly code?: string;
  /** Of `html`, instead of a page; `TOKEN` becomes the request's own. */
  readonly body?: string;
  /** Of `slow`: milliseconds. */
  readonly delay?: number;
  /** Only this method; else all. */
  readonly method?: string;
  /** So many calls; else one. */
  readonly times?: number;
};

export interface Logged {
  readonly at: number;
  readonly method: string;
  readonly given: Fields;
  /** `ok`, Slack's code, or the fault. */
  readonly answer: string;
}

/** A running server. */
export class SlackServer {
  readonly workspace = new Workspace();
  readonly requests: Logged[] = [];
  readonly #log: ((line: Logged) => void) | undefined;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });
  #faults: { fault: Fault; left: number }[] = [];
  #watchers: (() => void)[] = [];

  constructor(log?: (line: Logged) => void) {
    this.#log = log;
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/`;
  }

  get messages(): readonly Stored[] {
    return this.workspace.messages;
  }

  /** The next call, or those that are meant, go wrong like this; faults queue up. */
  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  heal(): void {
    this.#faults = [];
  }

  /** Until so many requests of a method have come. */
  async arrival(method: string, count = 1): Promise<void> {
    while (this.requests.filter((each) => each.method === method).length < count) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = (request.url ?? '').replace(/^\/api\//, '');
    const given = await bodyOf(request);
    if (method.startsWith('/_/')) {
      send(response, this.#steer(method.slice(3), given));
      return;
    }
    this.#answer(method, given, tokenOf(request), response);
  }

  #answer(method: string, given: Fields, token: string, response: ServerResponse): void {
    const fault = this.#nextFault(method);
    const happens = fault === undefined || fault.is === 'slow' || fault.accepts === true;
    const done = happens ? this.#call(method, given, token) : { ok: true };
    const answer = fault?.is ?? (done['ok'] === true ? 'ok' : (done['error'] as string));
    this.#note({ at: Date.now(), method, given, answer });
    if (fault === undefined) send(response, done, scopesOf(this.workspace));
    else MISBEHAVIOUR[fault.is](fault, response, done, token);
  }

  #nextFault(method: string): Fault | undefined {
    const next = this.#faults.find(
      ({ fault, left }) => left > 0 && (fault.method === undefined || fault.method === method),
    );
    if (next !== undefined) next.left -= 1;
    return next?.fault;
  }

  #call(method: string, given: Fields, token: string): Fields {
    try {
      return this.workspace.call(method, given, token);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ok: false, error: error.message, ...error.more };
    }
  }

  #note(line: Logged): void {
    this.requests.push(line);
    this.#log?.(line);
    for (const wake of this.#watchers.splice(0)) wake();
  }

  /** The way in for another process. */
  #steer(what: string, given: Fields): Fields {
    if (what === 'fail') this.fail(given as unknown as Fault);
    if (what === 'heal') this.heal();
    if (what === 'set') {
      const { scopes, ...rest } = given;
      Object.assign(this.workspace.now, rest);
      if (Array.isArray(scopes)) this.workspace.now.scopes = new Set(scopes as string[]);
    }
    if (what === 'react') {
      this.workspace.react(String(given['ts']), String(given['name']), String(given['user']));
    }
    return { messages: this.messages, requests: this.requests };
  }
}

const tokenOf = ({ headers }: IncomingMessage): string =>
  (headers.authorization ?? '').replace(/^Bearer /, '');

async function bodyOf(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  if (request.headers['content-type']?.includes('json') === true) return JSON.parse(body) as Fields;
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => [
      key,
      ['blocks', 'attachments', 'metadata'].includes(key) ? (JSON.parse(value) as unknown) : value,
    ]),
  );
}

const scopesOf = ({ now }: Workspace): Record<string, string> => ({
  'x-oauth-scopes': [...now.scopes].join(','),
});

function send(response: ServerResponse, body: Fields, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

const PAGE = '<html><head><title>Sign in</title></head><body>Please sign in. TOKEN</body></html>';

type Misbehaviour = (fault: Fault, response: ServerResponse, done: Fields, token: string) => void;

/** Answers, or not, as the fault says; `done` is what would have been said. */
const MISBEHAVIOUR: Readonly<Record<Fault['is'], Misbehaviour>> = {
  limited: ({ retryAfter }, response) => {
    response.writeHead(429, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
    response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
  },
  failed: ({ status = 500, body = '' }, response, _, token) => {
    response.writeHead(status);
    response.end(body.replaceAll('TOKEN', token));
  },
  hangs: () => {},
  resets: (_, response) => {
    response.socket?.resetAndDestroy();
  },
  html: ({ body = PAGE }, response, _, token) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(body.replaceAll('TOKEN', token));
  },
  torn: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"ok":true,"ts":"17');
  },
  error: ({ code = 'fatal_error' }, response) => {
    send(response, { ok: false, error: code });
  },
  slow: ({ delay = 1000 }, response, done) => {
    setTimeout(() => {
      send(response, done);
    }, delay);
  },
};

/** On a port that the system gives, unless told otherwise. */
export const slackServer = (port = 0, log?: (line: Logged) => void): Promise<SlackServer> =>
  new SlackServer(log).listen(port);

const [, script = '', port = '0', file] = process.argv;
if (import.meta.url === pathToFileURL(script).href) {
  const server = await slackServer(Number(port), (line) => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
  });
  process.stdout.write(`${server.url}\n`);
}
