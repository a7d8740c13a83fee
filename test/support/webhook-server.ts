import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { z } from 'zod';
import type { Notice } from '../../alerts/notice.ts';
import type { Channel, DeliveryFailure, Receipt } from '../../alerts/notifier.ts';
import notifier from '../../alerts/notifiers/webhook.ts';
import { Secret } from '../../src/core/secret.ts';
import { instant, type Clock } from '../../src/core/time.ts';
import { FakeClock } from './clock.ts';

/** An answer as the other end meant it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the server does wrong. Plain data, so that it can be told to another process. */
export interface Behaviour extends Partial<Reply> {
  /** Whether it takes in what it was sent all the same; then only the answer is wrong. */
  readonly accepts?: boolean;
  /**
   * Instead of a proper answer: `hang` says nothing, `reset` breaks the connection off, `stall` sends
   * the head and never ends the body, `cut` ends the connection instead, `flood` sends a body without
   * an end, `garble` sends no HTTP.
   */
  readonly instead?: 'hang' | 'reset' | 'stall' | 'cut' | 'flood' | 'garble';
}

/** One request as it came. */
export interface Heard {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A line of the server's log: a request, and whether it was taken in. */
export interface Logged extends Heard {
  readonly accepted: boolean;
  /** Absent when there was none. */
  readonly status?: number;
}

export interface MockServer {
  readonly url: string;
  readonly log: readonly Logged[];
  /** From now on, or for the next so many requests; `undefined`: well again. */
  behave(behaviour: Behaviour | undefined, times?: number): void;
  /** Resolves when so many requests have come. */
  heard(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface MockOptions {
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly onLog?: (logged: Logged) => void;
}

/** A server on 127.0.0.1 that takes in what it is sent with `serve`, and misbehaves as it is told. */
export async function startMock(
  serve: (heard: Heard) => Reply,
  { port = 0, tls, onLog }: MockOptions = {},
): Promise<MockServer> {
  const log: Logged[] = [];
  const waiting = new Set<() => void>();
  const plan: { behaviour: Behaviour | undefined; left: number } = {
    behaviour: undefined,
    left: 0,
  };

  const next = (): Behaviour | undefined => (plan.left-- > 0 ? plan.behaviour : undefined);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const heard = await hear(request);
    const wrong = next();
    const accepts = wrong?.accepts ?? wrong === undefined;
    const served = accepts ? serve(heard) : undefined;
    const reply = { status: 200, ...served, ...wrong };
    const logged = {
      ...heard,
      accepted: served !== undefined && served.status < 300,
      ...(wrong?.instead === undefined && { status: reply.status }),
    };
    log.push(logged);
    onLog?.(logged);
    for (const look of waiting) look();
    answer(response, reply, wrong?.instead);
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await once(server.listen(port, '127.0.0.1'), 'listening');

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    behave: (behaviour, times = Number.POSITIVE_INFINITY) => {
      plan.behaviour = behaviour;
      plan.left = behaviour === undefined ? 0 : times;
    },
    heard: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (log.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function hear(request: IncomingMessage): Promise<Heard> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return {
    at: Date.now(),
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(pieces).toString('utf8'),
  };
}

const WRONG: Readonly<
  Record<NonNullable<Behaviour['instead']>, (response: ServerResponse, reply: Reply) => void>
> = {
  hang: () => {},
  reset: (response) => response.socket?.resetAndDestroy(),
  garble: (response) => response.socket?.end('I am no web server\r\n\r\n'),
  stall: (response, { status, headers, body = 'x' }) => {
    response.writeHead(status, headers).write(body);
  },
  cut: (response, { status, headers }) => {
    response.writeHead(status, { ...headers, 'content-length': '99' });
    response.write('x', () => response.socket?.destroySoon());
  },
  flood: (response, { status, headers }) => {
    flood(response.writeHead(status, headers));
  },
};

function answer(response: ServerResponse, reply: Reply, instead: Behaviour['instead']): void {
  response.on('error', () => {});
  if (instead === undefined) response.writeHead(reply.status, reply.headers).end(reply.body);
  else WRONG[instead](response, reply);
}

function flood(response: ServerResponse): void {
  const piece = Buffer.alloc(65_536, 'x');
  const pour = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', pour);
  };
  pour();
}

/** A notice that opens an episode; a test changes what it is about. */
export const opening = (changes: Partial<Notice> = {}): Notice => ({
  kind: 'open',
  reason: 'nothing explains it',
  at: instant(Date.UTC(2026, 10, 23, 10, 2, 7)),
  region: 'maas3',
  rule: 'MaasHaNodeDown',
  severity: 'critical',
  labels: { node: 'rc2' },
  summary: 'rc2 does not answer',
  standing: 'firing',
  episode: {
    id: '01KAR000000000000000ABCDEF',
    startsAt: instant(Date.UTC(2026, 10, 23, 10, 1, 37)),
  },
  explains: [],
  evidence: ['rc2: no answer to 5 pings', 'rc2: port 5240 times out'],
  holders: ['VIP: rc1 (2 witnesses)'],
  runbook: {
    url: 'http://127.0.0.1:9877/runbooks/MaasHaNodeDown',
    steps: ['On the console of rc2: is it powered?'],
    text: '# MaasHaNodeDown',
  },
  ...changes,
});

/** A signal that never aborts. */
export const never = new AbortController().signal;

/** What an attempt fails with; an error of the test when it does not. */
export const failureOf = (work: Promise<unknown>): Promise<DeliveryFailure> =>
  work.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as DeliveryFailure,
  );

/** Everything that a log could show of an error. */
export const inspectAll = (error: Error): string =>
  [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: 9 })].join(' ');

export const webhookSettings = notifier.settings as z.ZodType<Parameters<typeof notifier.open>[0]>;

export interface WebhookWanted {
  readonly clock?: Clock;
  /** What the files hold that the settings name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly section?: Readonly<Record<string, unknown>>;
}

/** The channel of a monitor named `watcher one`. */
export function openWebhook(url: string, wanted: WebhookWanted = {}): Channel {
  const { clock = new FakeClock(), files = {}, section } = wanted;
  const opened = notifier.open(webhookSettings.parse({ url, ...section }), {
    channel: 'hook',
    clock,
    monitor: 'watcher one',
    secret: (key) => (files[key] === undefined ? undefined : new Secret(files[key])),
    print: () => {},
  });
  if (opened.is !== 'channel') throw new Error('expected a channel');
  return opened;
}

export const DELIVERY = '01KAR000000000000000ABCDEF/hook/open/1';
export const THREAD = { episode: '01KAR000000000000000ABCDEF', receipts: [] };

/** One attempt to deliver `opening()`. */
export const send = (url: string, wanted: WebhookWanted = {}): Promise<Receipt> =>
  openWebhook(url, wanted).send({ id: DELIVERY, notice: opening() }, THREAD, never);

/** A port that nothing listens on. */
export async function deadUrl(): Promise<string> {
  const server = await startWebhookServer();
  await server.stop();
  return server.url;
}

/** Takes every event. */
export const startWebhookServer = (options: MockOptions = {}): Promise<MockServer> =>
  startMock(() => ({ status: 204 }), options);

/**
 * A mock as a process of its own, which ends when its standard input does. It prints its URL and then
 * every request, a JSON line each; a line `{"behave": …, "times": 1}` on its input tells it how.
 */
export async function runAlone(
  start: (options: MockOptions) => Promise<MockServer>,
): Promise<void> {
  const print = (said: unknown): void => {
    process.stdout.write(`${JSON.stringify(said)}\n`);
  };
  const server = await start({ port: Number(process.argv[2] ?? 0), onLog: print });
  print({ url: server.url });
  for await (const line of createInterface({ input: process.stdin })) {
    const { behave, times } = JSON.parse(line) as { behave?: Behaviour; times?: number };
    server.behave(behave, times);
  }
  await server.stop();
}

/** Whether a module was started as a program. */
export const isProgram = (module: string): boolean => process.argv[1] === fileURLToPath(module);

if (isProgram(import.meta.url)) await runAlone(startWebhookServer);
