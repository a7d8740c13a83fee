import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { CheckFailure, toFailure } from '../core/failure.ts';
import type { Endpoint } from '../core/ports/network.ts';
import type { Seconds } from '../core/time.ts';
import { isReplyTo, setId } from '../protocol/dns.ts';
import { frame, frameReader } from '../protocol/dns-frame.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

/** Asks over a TCP connection of its own (RFC 7766) and gives the message that answers. */
export const askOverTcp = (
  scope: Scope,
  server: Endpoint,
  query: Uint8Array,
  timeout: Seconds,
  what: string,
): Promise<Uint8Array> =>
  bounded(scope, timeout, what, ({ resolve, reject }) => {
    const read = frameReader();
    const socket = connect({ host: server.host, port: server.port });
    const broken = (why: string): void => {
      reject(new CheckFailure('protocol', `${what}: ${why}`));
    };
    setId(query, randomInt(0x1_0000));
    socket.once('connect', () => socket.write(frame(query)));
    socket.on('data', (piece) => {
      try {
        const message = read(piece);
        if (message === undefined) return;
        if (isReplyTo(query, message)) resolve(message);
        else broken('the answer is to another question');
      } catch (error) {
        reject(toFailure(error));
      }
    });
    socket.once('error', (error) => {
      reject(socketFailure(error, what));
    });
    socket.once('end', () => {
      broken('the server closed the connection before it answered');
    });
    return () => socket.destroy();
  });
