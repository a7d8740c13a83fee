import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rmSync } from 'node:fs';

/** What a request comes to. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Request {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Aborted when the client has gone away. */
  readonly signal: AbortSignal;
  /** Reads the body, which must be JSON. Until it is called, nothing of it is kept. @throws Refused */
  readonly json: () => Promise<unknown>;
  /** Reads the body, which may also be plain text, as it is: a JSON one is JSON. @throws Refused */
  readonly text: () => Promise<string>;
}

/** Thrown by a route that does not do what it is asked for: a status of 400 and above, and the words. */
export class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, says: string, headers: Readonly<Record<string, string>> = {}) {
    super(says);
    this.status = status;
    this.headers = headers;
  }
}

/** Thrown by a route that cannot answer yet: a 503 with these words. */
export class Unavailable extends Refused {
  constructor(says: string) {
    super(503, says);
  }
}

/** Whoever is told something again and again. */
export interface Listener {
  /** Sends it, or drops the connection when what was sent before has not been read. */
  send(text: string): void;
  /** Ends the reply in order. */
  end(): void;
}

/** A reply that goes on until either side ends it; the request's `signal` tells that it has ended. */
export interface Streamed extends Pick<Reply, 'type' | 'headers'> {
  readonly listen: (listener: Listener) => void;
}

export type Route = (request: Request) => Reply | Streamed | Promise<Reply | Streamed>;

/** What is done at a path by method; HEAD is a GET whose body is left out. */
export interface Place {
  readonly GET?: Route;
  readonly POST?: Route;
  /** How it tells what is wrong; in plain text, if this is absent. */
  readonly error?: (status: number, says: string) => Reply;
}

/** What is served, by path. A function answers GET. One that ends in a star takes all right below it, with two stars all two below. */
export type Places = Readonly<Record<string, Route | Place>>;

export const text = (status: number, body: string): Reply => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: body.endsWith('\n') ? body : `${body}\n`,
});
export const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value, null, 2)}\n`,
});

export type Listen = { readonly host: string; readonly port: number } | { readonly socket: string };

/** Serves fixed paths. A route that throws is a 500 with a line in the log, never a crash. */
export class HttpServer {
  readonly #server: Server;
  readonly #places: Places;
  readonly #onError: (error: unknown, path: string) => void;

  constructor(places: Places, onError: (error: unknown, path: string) => void) {
    this.#places = places;
    this.#onError = onError;
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000 },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
  }

  /** Returns where it listens, for people. @throws the system's error when the place is taken. */
  async listen(where: Listen): Promise<string> {
    if ('socket' in where) rmSync(where.socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      const target = 'socket' in where ? { path: where.socket } : where;
      this.#server.listen(target, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return `unix:${address ?? ''}`;
    return `http://${address.address}:${address.port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(request, response);
    const headers = {
      'content-type': reply.type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      ...reply.headers,
    };
    if ('listen' in reply) {
      // Nothing on the way may wait for more.
      response.writeHead(200, { 'x-accel-buffering': 'no', ...headers }).flushHeaders();
      if (request.method === 'HEAD') response.end();
      else reply.listen(listenerOf(response));
      return;
    }
    response.writeHead(reply.status, {
      'content-length': Buffer.byteLength(reply.body),
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<Reply | Streamed> {
    const { path, query } = locate(request.url);
    const place = this.#placeAt(path);
    const error = place?.error ?? text;
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    try {
      if (place === undefined) throw this.#nothingThere();
      const route = routeOf(place, request.method ?? '');
      const { headers } = request;
      const json = async (): Promise<unknown> => parseJson(await readText(request, [JSON_TYPE]));
      const text = (): Promise<string> => readAny(request);
      return await route({ path, query, headers, signal: gone.signal, json, text });
    } catch (problem) {
      if (problem instanceof Refused)
        return { ...error(problem.status, problem.message), headers: problem.headers };
      this.#onError(problem, path);
      return error(500, 'this is a defect of the monitor; its log has the details');
    }
  }

  #placeAt(path: string): Place | undefined {
    const patterns = [path, path.replace(/\/[^/]+$/, '/*'), path.replace(/(\/[^/]+){2}$/, '/*/*')];
    const key = patterns.find((each) => Object.hasOwn(this.#places, each));
    const found = key === undefined ? undefined : this.#places[key];
    return typeof found === 'function' ? { GET: found } : found;
  }

  #nothingThere(): Refused {
    return new Refused(
      404,
      `nothing is at this path; there is ${Object.keys(this.#places).join(', ')}`,
    );
  }
}

/** Bytes that may wait for a listener who does not read. */
const MOST_UNREAD = 16_384;

const listenerOf = (response: ServerResponse): Listener => ({
  send: (text) => {
    if (response.writableLength + Buffer.byteLength(text) > MOST_UNREAD) response.destroy();
    else response.write(text);
  },
  end: () => {
    response.end();
  },
});

/** @throws Refused when nothing is done there by this method. */
function routeOf(place: Place, method: string): Route {
  const route =
    method === 'GET' || method === 'HEAD' ? place.GET : method === 'POST' ? place.POST : undefined;
  if (route !== undefined) return route;
  const allowed = [...(place.GET ? ['GET', 'HEAD'] : []), ...(place.POST ? ['POST'] : [])];
  throw new Refused(405, `only ${allowed.join(' and ')} is answered here`, {
    allow: allowed.join(', '),
  });
}

/** Octets of a body; no honest one comes near it. */
const LONGEST_BODY = 64 * 1024;

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';

async function readText(request: IncomingMessage, types: readonly string[]): Promise<string> {
  const { headers } = request;
  if (!types.includes(typeOf(request)) || headers['content-encoding'] !== undefined)
    throw new Refused(
      415,
      `expected a body with Content-Type: ${types.join(' or ')}, not compressed`,
    );
  const body = await readBody(request);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refused(
      400,
      `the body is not ${types.includes(TEXT_TYPE) ? 'text' : 'JSON'} in UTF-8`,
    );
  }
}

async function readAny(request: IncomingMessage): Promise<string> {
  const text = await readText(request, [TEXT_TYPE, JSON_TYPE]);
  if (typeOf(request) === JSON_TYPE) parseJson(text);
  return text;
}

const typeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refused(400, 'the body is not JSON in UTF-8');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLong = new Refused(413, `the body is longer than ${LONGEST_BODY} octets`);
  if (Number(request.headers['content-length'] ?? 0) > LONGEST_BODY) throw tooLong;
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      // The rest is read and dropped, so that the client hears why.
      if (length <= LONGEST_BODY) parts.push(part);
    }
  } catch {
    throw new Refused(400, 'the request ended before its body did');
  }
  if (length > LONGEST_BODY) throw tooLong;
  return Buffer.concat(parts);
}

function locate(url = '/'): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', ...query] = url.split('?');
  return { path, query: new URLSearchParams(query.join('?')) };
}
