import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { CheckFailure } from '../core/failure.ts';
import { seconds } from '../core/time.ts';
import type { DhcpLeg, DhcpPort } from '../core/ports/dhcp.ts';
import type { Datagram } from '../core/ports/exchange.ts';
import { CLIENT_PORT, isReplyTo, SERVER_PORT, setTransaction } from '../protocol/dhcp.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

const EVERYBODY = '255.255.255.255';
const ANY = '0.0.0.0';

/** Seconds until the question must have left. */
const TO_SEND = 1;

/** More answers than any segment has servers. */
const MOST = 64;

/**
 * DHCP by two plain sockets at port 68, for Node cannot bind one to an interface. On Linux, what the socket bound to the
 * leg's own address broadcasts leaves by that leg, whatever the routes say; it also hears what is sent to that address
 * alone. Broadcast answers are only given to a socket that is bound to no address. Both share the port with
 * a DHCP client of this machine, where that one shares it, too.
 */
export const dhcpPort = (scope: Scope): DhcpPort => ({
  broadcast: (message, { interface: name, timeout }) => {
    const what = `DHCP on ${name}`;
    return bounded(scope, seconds(timeout + TO_SEND), what, ({ resolve, reject }) => {
      const own = legOf(name, what);
      const question = message(own);
      setTransaction(question, randomInt(2 ** 32));
      const heard: Datagram[] = [];
      let cancel = (): void => undefined;
      const done = (): void => {
        resolve(heard);
      };
      const sockets = [ANY, own.address].map((address) => ({
        address,
        socket: createSocket({ type: 'udp4', reuseAddr: true }),
      }));
      const fail = (error: Error): void => {
        reject(failureOf(error, what));
      };
      for (const { socket } of sockets) {
        // Stays for good: an error that follows the end must not end the process.
        socket.on('error', fail);
        socket.on('message', (octets, { address: host, port }) => {
          if (heard.length < MOST && isReplyTo(question, octets))
            heard.push({ from: { host, port }, bytes: new Uint8Array(octets) });
        });
      }
      const [hearing, asking] = sockets.map(({ socket }) => socket) as [Socket, Socket];
      // Listen first: a server on this very machine answers at once.
      hearing.bind(CLIENT_PORT, ANY, () => {
        asking.bind(CLIENT_PORT, own.address, () => {
          asking.setBroadcast(true);
          asking.send(question, SERVER_PORT, EVERYBODY, (error) => {
            if (error !== null) fail(error);
            // Only what was asked may count as unanswered.
            else cancel = scope.clock.after(timeout, done);
          });
        });
      });
      return () => {
        cancel();
        for (const { socket } of sockets) socket.close();
      };
    });
  },
});

/**
 * The leg as Node tells it: interfaces that are up, with a carrier and an address, are listed.
 *
 * @throws CheckFailure `config` or `unreachable`
 */
function legOf(name: string, what: string): DhcpLeg {
  const addresses = networkInterfaces()[name];
  const own = addresses?.find(({ family }) => family === 'IPv4');
  if (own !== undefined)
    return {
      address: own.address,
      mac: Uint8Array.from(Buffer.from(own.mac.replaceAll(':', ''), 'hex')),
    };
  if (addresses !== undefined)
    throw new CheckFailure('config', `${what}: the interface has no IPv4 address to ask from`);
  if (!exists(name))
    throw new CheckFailure('config', `${what}: this machine has no such interface`);
  throw new CheckFailure('unreachable', `${what}: the interface is down, or has no address`);
}

/** In this process's own network namespace, which /sys need not show. */
function exists(name: string): boolean {
  try {
    const lines = readFileSync('/proc/net/dev', 'utf8').split('\n');
    return lines.some((line) => line.trimStart().startsWith(`${name}:`));
  } catch {
    return false;
  }
}

function failureOf(error: Error, what: string): CheckFailure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new CheckFailure(
      'config',
      `${what}: port ${CLIENT_PORT} is taken by a DHCP client of this machine that does not share it`,
      { cause: error },
    );
  if (code === 'EACCES')
    return new CheckFailure(
      'no_privilege',
      `${what}: port ${CLIENT_PORT} may not be opened (CAP_NET_BIND_SERVICE)`,
      { cause: error },
    );
  return socketFailure(error, what);
}
