import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rmSync } from 'node:fs';

/** What a request comes to. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Request {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Aborted when the client has gone away. */
  readonly signal: AbortSignal;
}

/** Thrown by a route that cannot answer yet: a 503 with these words. */
export class Unavailable extends Error {}

export type Route = (request: Request) => Reply | Promise<Reply>;

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

/** Serves GET and HEAD on fixed paths; one that ends in `/*` takes all below it. A route that throws is a 500 with a line in the log, never a crash. */
export class HttpServer {
  readonly #server: Server;
  readonly #routes: Readonly<Record<string, Route>>;
  readonly #onError: (error: unknown, path: string) => void;

  constructor(
    routes: Readonly<Record<string, Route>>,
    onError: (error: unknown, path: string) => void,
  ) {
    this.#routes = routes;
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
    const { path, query } = locate(request.url);
    const reply = await this.#reply(request, response, path, query);
    response.writeHead(reply.status, {
      'content-type': reply.type,
      'content-length': Buffer.byteLength(reply.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  async #reply(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<Reply> {
    const below = path.replace(/\/[^/]+$/, '/*');
    const place = Object.hasOwn(this.#routes, path) ? path : below;
    const route = Object.hasOwn(this.#routes, place) ? this.#routes[place] : undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, 'only GET and HEAD are answered here');
    if (route === undefined)
      return text(404, `nothing is at this path; there is ${Object.keys(this.#routes).join(', ')}`);
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    try {
      return await route({ path, query, headers: request.headers, signal: gone.signal });
    } catch (error) {
      if (error instanceof Unavailable) return text(503, error.message);
      this.#onError(error, path);
      return text(500, 'this is a defect of the monitor; its log has the details');
    }
  }
}

function locate(url = '/'): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', ...query] = url.split('?');
  return { path, query: new URLSearchParams(query.join('?')) };
}
