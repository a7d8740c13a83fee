import * as http from 'node:http';
import * as https from 'node:https';
import { CheckFailure } from '../core/failure.ts';
import type { PingPort, PingReply } from '../core/ports/ping.ts';
import type { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import { bounded, Scope, socketFailure } from './scope.ts';

/** No honest answer to a ping is longer. */
const MOST = 4096;

/** Agents of our own: the global ones keep connections and may take a proxy from the environment. */
const CLIENTS = {
  'http:': { request: http.request, agent: new http.Agent({ keepAlive: false }) },
  'https:': { request: https.request, agent: new https.Agent({ keepAlive: false }) },
} as const;

const HEADERS = { 'accept-encoding': 'identity', 'content-length': '0', 'user-agent': 'maasha' };

/** Pings by node:http and node:https. */
export const openPing = (clock: Clock): PingPort => ({
  ping: async (secret, { method, timeout, signal }) => {
    const url = parse(secret);
    const client = CLIENTS[url.protocol as keyof typeof CLIENTS];
    const what = `${method} to ${url.host}`;
    const scope = new Scope(clock, signal);
    try {
      return await bounded<PingReply>(scope, timeout, what, ({ resolve, reject }) => {
        const request = client.request(url, { method, agent: client.agent, headers: HEADERS });
        // Stays for good: an error that follows the end must not end the process.
        request.on('error', (error) => {
          reject(failureOf(error, what));
        });
        request.once('response', (response) => {
          take(response)
            .then((body) => {
              resolve({ status: response.statusCode ?? 0, body });
            })
            .catch((error: unknown) => {
              reject(socketFailure(error as Error, what));
            });
        });
        request.end();
        return () => request.destroy();
      });
    } finally {
      scope.leave();
    }
  },
});

function parse(secret: Secret): URL {
  const text = secret.reveal();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !(url.protocol in CLIENTS))
    throw new CheckFailure('config', 'what is to be pinged is no http or https URL');
  return url;
}

/** Errors of TLS have a code of OpenSSL's or of Node's certificate check; those of sockets an errno. */
function failureOf(error: Error, what: string): CheckFailure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const tls = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code);
  return tls
    ? new CheckFailure('tls', `${what}: ${error.message}`, { cause: error })
    : socketFailure(error, what);
}

async function take(response: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    octets += piece.length;
    if (octets > MOST)
      throw new CheckFailure('protocol', `the answer is larger than ${MOST} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
