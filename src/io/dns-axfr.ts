import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { CheckFailure, toFailure } from '../core/failure.ts';
import type { DnsPort, ZoneTransfer } from '../core/ports/dns.ts';
import type { Endpoint } from '../core/ports/network.ts';
import { between } from '../core/time.ts';
import { openTransfer } from '../protocol/dns-axfr.ts';
import { encodeQuestion, setId } from '../protocol/dns.ts';
import { frame, framesReader } from '../protocol/dns-frame.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

/** More than any zone of a region has: 8 MiB are a hundred thousand names and more. */
const MAX_OCTETS = 8 * 1024 * 1024;

/** Reads a whole zone over a TCP connection of its own; see `DnsPort.transfer`. */
export const transfer = (
  scope: Scope,
  server: Endpoint,
  zone: string,
  { timeout, octets: most = MAX_OCTETS }: Parameters<DnsPort['transfer']>[2],
): Promise<ZoneTransfer> => {
  const what = `DNS AXFR ${zone} at ${server.host} port ${server.port}`;
  return bounded(scope, timeout, what, ({ resolve, reject }) => {
    const start = scope.clock.steady();
    const query = encodeQuestion({ name: zone, type: 'AXFR' });
    setId(query, randomInt(0x1_0000));
    const [frames, take] = [framesReader(), openTransfer(query, zone)];
    let octets = 0;
    const receive = (piece: Uint8Array): void => {
      octets += piece.length;
      if (octets > most)
        throw new CheckFailure('protocol', `the zone is longer than ${most} octets`);
      for (const message of frames(piece)) {
        const whole = take(message);
        if (whole === undefined) continue;
        resolve({ ...whole, octets, took: between(start, scope.clock.steady()) });
        return;
      }
    };
    const socket = connect({ host: server.host, port: server.port });
    socket.once('connect', () => socket.write(frame(query)));
    socket.on('data', (piece) => {
      try {
        receive(piece);
      } catch (error) {
        const { code, message, facts } = toFailure(error);
        reject(new CheckFailure(code, `${what}: ${message}`, { cause: error, facts }));
      }
    });
    // Stays for good: an error that follows the end must not end the process.
    socket.on('error', (error) => {
      reject(socketFailure(error, what));
    });
    socket.once('end', () => {
      reject(new CheckFailure('protocol', `${what}: closed before the zone was whole`));
    });
    return () => socket.destroy();
  });
};
