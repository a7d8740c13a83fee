import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import type { HttpPort, HttpReply } from '../core/ports/network.ts';
import { between } from '../core/time.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

const MEBIBYTE = 1_048_576;

/** Agents of our own: the global ones keep connections and may take a proxy from the environment. */
const CLIENTS = {
  'http:': { request: http.request, agent: new http.Agent({ keepAlive: false }) },
  'https:': { request: https.request, agent: new https.Agent({ keepAlive: false }) },
} as const;

const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'maasha' };

/** HTTP/1.1 by node:http, one connection per request. */
export const httpPort = (scope: Scope): HttpPort => ({
  get: async (text, { timeout, maxBytes = MEBIBYTE }) => {
    const url = parse(text);
    const client = CLIENTS[url.protocol as keyof typeof CLIENTS];
    // Neither user information nor the query: either may hold a secret.
    const what = `GET ${url.origin}${url.pathname}`;
    const start = scope.clock.steady();
    return bounded<HttpReply>(scope, timeout, what, ({ resolve, reject }) => {
      const request = client.request(url, { agent: client.agent, headers: HEADERS });
      const phase = { handshaking: false };
      request.once('socket', (socket) => {
        followHandshake(socket, phase, url.protocol === 'https:');
      });
      request.on('error', (error) => {
        reject(phase.handshaking ? tlsFailure(error, what) : socketFailure(error, what));
      });
      request.once('response', (response) => {
        readBody(response, maxBytes)
          .then((body) => {
            const took = between(start, scope.clock.steady());
            resolve({
              status: response.statusCode ?? 0,
              headers: flat(response.headers),
              body,
              took,
            });
          })
          .catch((error: unknown) => {
            reject(socketFailure(error as Error, what));
          });
      });
      request.end();
      return () => request.destroy();
    });
  },
});

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !(url.protocol in CLIENTS)) {
    throw new CheckFailure('config', 'not an http or https URL');
  }
  return url;
}

/** Between the TCP connection and the secured one, every error is one of TLS. */
function followHandshake(socket: Socket, phase: { handshaking: boolean }, secure: boolean): void {
  if (!secure) return;
  socket.once('connect', () => {
    phase.handshaking = true;
  });
  socket.once('secureConnect', () => {
    phase.handshaking = false;
  });
}

const tlsFailure = (error: Error, what: string): CheckFailure =>
  new CheckFailure('tls', `${what}: ${error.message}`, { cause: error });

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
