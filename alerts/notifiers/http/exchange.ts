import * as http from 'node:http';
import * as https from 'node:https';
import { TLSSocket } from 'node:tls';
import { printable } from '../../../src/core/printable.ts';
import { formatDuration, seconds, type Clock, type Seconds } from '../../../src/core/time.ts';
import { DeliveryFailure } from '../../notifier.ts';

/*
 * One HTTP request on a connection of its own: no redirects followed, no proxy taken from the
 * environment, nothing kept or tried again. What went wrong is told by how far it had come: before
 * the connection stood, nothing can have been delivered; after that, nobody can know.
 */

/** The hard end of one exchange, besides the signal. */
export const LIMIT: Seconds = seconds(10);

/** An answer is read up to here, in octets: an Alertmanager's status holds its whole configuration. */
const MOST = 1_048_576;

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The certificates to trust instead of the system's; PEM. */
  readonly ca?: string | undefined;
  /** From the first step to the end of the answer. */
  readonly limit: Seconds;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** As much as came, at most 1 MiB. */
  readonly body: string;
}

/** What an exchange lives in. */
export interface Bounds {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Sends a request and gives the answer, whatever its status: the status is the answer, and a body that
 * breaks off or never ends does not take it back.
 *
 * Messages name the host and not the path, which may be as secret as a password.
 *
 * @throws DeliveryFailure `again` when nothing was sent, `unknown` when there was no answer to what
 *   was sent, `closed` when the other end's certificate or our own request cannot be right.
 */
export const exchange = (outgoing: Outgoing, bounds: Bounds): Promise<Answer> =>
  attempt<Answer>(outgoing, bounds, (request, attempted) => {
    request.once('response', (response) => {
      const pieces: Buffer[] = [];
      let octets = 0;
      attempted.soFar = () => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(pieces).subarray(0, MOST).toString('utf8'),
      });
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        octets += piece.length;
        if (octets > MOST) attempted.end();
      });
      for (const over of ['end', 'error', 'close']) response.once(over, attempted.end);
    });
    request.end(outgoing.body);
  });

/**
 * Connects, secures the connection where it has to be, and leaves again without a word.
 *
 * @returns what was proven: `TLSv1.3` or `TCP`.
 * @throws DeliveryFailure
 */
export const handshake = (outgoing: Outgoing, bounds: Bounds): Promise<string> =>
  // The request is not ended, so nothing of it is ever written.
  attempt<string>(outgoing, bounds, (_, attempted) => {
    attempted.reached = (protocol) => {
      attempted.soFar = () => protocol;
      attempted.end();
    };
  });

/** What is known of an attempt while it goes on. */
interface Attempt<T> {
  /** What it has come to, if it ended now. */
  soFar?: () => T;
  /** Called when the connection stands. */
  reached?: (protocol: string) => void;
  /** Ends it with what it has come to, else as a failure. */
  readonly end: (error?: Error) => void;
}

function attempt<T>(
  outgoing: Outgoing,
  { clock, signal }: Bounds,
  pursue: (request: http.ClientRequest, attempted: Attempt<T>) => void,
): Promise<T> {
  const where = `${outgoing.method} ${outgoing.url.host}`;
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(new DeliveryFailure('again', `${where}: stopped before anything was sent`));
      return;
    }
    const request = prepare(outgoing, where);
    let sent = false;
    let ended = false;
    const attempted: Attempt<T> = {
      end: (error = new Error('the connection was closed without an answer')) => {
        if (ended) return;
        ended = true;
        cancelTimer();
        signal.removeEventListener('abort', stop);
        request.destroy();
        if (attempted.soFar === undefined) reject(failureOf(error, where, sent));
        else resolve(attempted.soFar());
      },
    };
    const stop = (): void => {
      attempted.end(new Error('stopped while it waited for the answer'));
    };
    const cancelTimer = clock.after(outgoing.limit, () => {
      attempted.end(new Error(`no answer within ${formatDuration(outgoing.limit)}`));
    });
    signal.addEventListener('abort', stop, { once: true });
    request.on('error', attempted.end);
    onceConnected(request, outgoing.url, (protocol) => {
      sent = true;
      attempted.reached?.(protocol);
    });
    pursue(request, attempted);
  });
}

function prepare({ method, url, headers, ca }: Outgoing, where: string): http.ClientRequest {
  const common = { 'accept-encoding': 'identity', 'user-agent': 'maasha' };
  const options = { method, headers: { ...common, ...headers }, agent: false as const };
  try {
    return url.protocol === 'https:'
      ? https.request(url, { ...options, ...(ca !== undefined && { ca }) })
      : http.request(url, options);
  } catch (error) {
    // Only its code: what Node found wrong may be a part of the token.
    const { code = 'invalid' } = error as NodeJS.ErrnoException;
    const about = code.startsWith('ERR_OSSL')
      ? 'ca_file holds no certificate that can be read'
      : 'the token, or what else goes into a header, holds a character that may not be there';
    throw new DeliveryFailure('closed', `${where}: cannot be asked: ${about} (${code})`);
  }
}

/** Calls back when the request can go out: the connection stands, and is secured if it has to be. */
function onceConnected(
  request: http.ClientRequest,
  url: URL,
  then: (protocol: string) => void,
): void {
  const secure = url.protocol === 'https:';
  request.once('socket', (socket) => {
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      then(socket instanceof TLSSocket ? (socket.getProtocol() ?? 'TLS') : 'TCP');
    });
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'the name is unknown to DNS',
  EAI_AGAIN: 'DNS does not answer',
  EHOSTUNREACH: 'no way there',
  ENETUNREACH: 'no way there',
  ETIMEDOUT: 'the connection timed out',
};

/** What OpenSSL calls a certificate that is not to be trusted. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function failureOf(error: Error, where: string, sent: boolean): DeliveryFailure {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const said = WORDS[code] ?? printable(message === '' ? code : message);
  if (CERTIFICATE.test(code)) {
    const text = `${where}: its certificate is not trusted (${said}); mend it, or name its issuer in ca_file`;
    return new DeliveryFailure('closed', text, { cause: error });
  }
  return new DeliveryFailure(sent ? 'unknown' : 'again', `${where}: ${said}`, { cause: error });
}
