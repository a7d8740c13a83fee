import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { CheckFailure } from '../core/failure.ts';
import type { HttpPhase } from '../core/ports/network.ts';
import type { Tls } from '../core/region.ts';

/** What is known of a connection while it is made and used. */
export interface Line {
  phase: HttpPhase;
  /** To be destroyed with the request, also while it is still being made. */
  socket?: Socket;
  /** When the server's certificate expires, in epoch seconds. */
  expires?: number;
}

type Ready = (error: Error | null, socket: Socket) => void;

/**
 * How node:http is to connect: to the URL's own address. The request is handed over only when the channel
 * stands and, over TLS, has been proven: a certificate that is not accepted is still read, for its end.
 */
export const dial = (url: URL, tls: Tls, line: Line) => (_: unknown, ready: Ready) => {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const secure = url.protocol === 'https:';
  const socket = connectTcp({ host, port: portOf(url), noDelay: true });
  line.socket = socket;
  // An error after all is said is nobody's: without a listener it would end the process.
  socket.on('error', () => undefined);
  // `socket` is of no use to whoever gets an error, but the type wants one.
  const fail = (error: Error): void => {
    ready(error, socket);
  };
  const stands = (): void => {
    socket.off('error', fail);
    if (secure) {
      line.phase = 'tls';
      shakeHands(socket, host, tls, line, ready);
    } else {
      line.phase = 'first byte';
      ready(null, socket);
    }
  };
  socket.once('error', fail);
  socket.once('connect', stands);
  return undefined as never;
};

const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);

function shakeHands(socket: Socket, host: string, tls: Tls, line: Line, ready: Ready): void {
  const name = tls.serverName ?? host;
  const secured = connectTls({
    socket,
    // RFC 6066 section 3 allows no address as a server's name; `host` is what is verified all the same.
    ...(isIP(name) === 0 && { servername: name }),
    host: name,
    ...(tls.ca !== undefined && { ca: tls.ca.reveal() }),
    // Judged below, so that the certificate can be read whatever is wrong with it.
    rejectUnauthorized: false,
  });
  line.socket = secured;
  secured.on('error', () => undefined);
  const fail = (error: Error): void => {
    ready(error, secured);
  };
  secured.once('error', fail);
  secured.once('secureConnect', () => {
    secured.off('error', fail);
    const expires = endOf(secured);
    if (expires !== undefined) line.expires = expires;
    if (!secured.authorized) {
      secured.destroy();
      fail(untrusted(secured, expires));
      return;
    }
    line.phase = 'first byte';
    ready(null, secured);
  });
}

function endOf(secured: TLSSocket): number | undefined {
  const end = Date.parse(secured.getPeerCertificate().valid_to);
  return Number.isNaN(end) ? undefined : Math.round(end / 1000);
}

function untrusted({ authorizationError }: TLSSocket, expires: number | undefined): CheckFailure {
  // Its type says Error; it is the code of one, as text.
  const reason = String(authorizationError);
  return new CheckFailure('tls', `the certificate is not accepted: ${reason}`, {
    facts: { reason, ...(expires !== undefined && { certificateExpires: expires }) },
  });
}
