import * as http from 'node:http';
import * as https from 'node:https';
import { CheckFailure } from '../core/failure.ts';
import type { Endpoint, HttpPhase, HttpPort, HttpReply } from '../core/ports/network.ts';
import { between } from '../core/time.ts';
import { dial } from './http-dial.ts';
import { TimedLine } from './http-phases.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

const MEBIBYTE = 1_048_576;

const CLIENTS = { 'http:': http.request, 'https:': https.request } as const;

const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'maasha' };

/** HTTP/1.1 by node:http, one connection per request. */
export const httpPort = (scope: Scope): HttpPort => ({
  get: async (text, { timeout, maxBytes = MEBIBYTE, tls = {}, via, fresh = false }) => {
    const url = parse(text);
    const proxied = via === undefined ? undefined : throughProxy(url, via);
    const request = CLIENTS[url.protocol as keyof typeof CLIENTS];
    // Neither user information nor the query: either may hold a secret.
    const what = `GET ${url.origin}${url.pathname}${proxied?.words ?? ''}`;
    const start = scope.clock.steady();
    const line = new TimedLine(scope.clock);
    try {
      return await bounded<HttpReply>(scope, timeout, what, ({ resolve, reject }) => {
        const asked = request(url, {
          // No agent: those keep connections, and the global ones may take a proxy from the environment.
          createConnection: dial(proxied?.at ?? url, tls, line),
          ...(proxied !== undefined && { path: proxied.path }),
          headers: {
            ...HEADERS,
            host: hostOf(url, tls.serverName),
            ...(fresh && { 'cache-control': 'no-cache' }),
          },
        });
        asked.on('error', (error) => {
          reject(line.phase === 'tls' ? tlsFailure(error, what) : socketFailure(error, what));
        });
        asked.once('response', (response) => {
          line.phase = 'body';
          readBody(response, maxBytes)
            .then((body) => {
              resolve({
                status: response.statusCode ?? 0,
                headers: flat(response.headers),
                body,
                took: between(start, scope.clock.steady()),
                phases: line.spent(),
                ...(line.expires !== undefined && { certificateExpires: line.expires }),
              });
            })
            .catch((error: unknown) => {
              reject(socketFailure(error as Error, what));
            });
        });
        asked.end();
        return () => {
          asked.destroy();
          line.socket?.destroy();
        };
      });
    } catch (error) {
      throw stoppedIn(line.phase, error);
    }
  },
});

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !(url.protocol in CLIENTS)) {
    throw new CheckFailure('config', 'not an http or https URL');
  }
  return url;
}

/** Where to connect instead, and what to ask for there; the user information of the URL stays a header. */
function throughProxy(url: URL, { host, port }: Endpoint) {
  if (url.protocol !== 'http:')
    throw new CheckFailure(
      'config',
      'only an http URL can be asked for through a proxy, not https',
    );
  return {
    at: new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`),
    path: `${url.origin}${url.pathname}${url.search}`,
    words: ` through ${host} port ${port}`,
  };
}

/** A server that has several sites answers by the name that it is asked for. */
const hostOf = ({ host, port }: URL, name: string | undefined): string =>
  name === undefined ? host : port === '' ? name : `${name}:${port}`;

const tlsFailure = (error: Error, what: string): CheckFailure =>
  error instanceof CheckFailure
    ? new CheckFailure(error.code, `${what}: ${error.message}`, { facts: error.facts })
    : new CheckFailure('tls', `${what}: ${error.message}`, { cause: error });

const WAITING: Readonly<Record<HttpPhase, string>> = {
  connect: 'the connection does not stand',
  tls: 'it is connected, and TLS is not agreed on',
  'first byte': 'it took the request, and no answer begins',
  body: 'the answer began, and does not end',
};

/** The same failure, with how far the request had come. */
function stoppedIn(phase: HttpPhase, error: unknown): unknown {
  if (!(error instanceof CheckFailure)) return error;
  const where = error.code === 'timeout' ? ` (${WAITING[phase]})` : '';
  const facts = { ...error.facts, phase };
  return new CheckFailure(error.code, error.message + where, { cause: error.cause, facts });
}

async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    octets += piece.length;
    if (octets > maxBytes) {
      throw new CheckFailure('protocol', `the body is larger than ${maxBytes} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

const flat = (headers: http.IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
