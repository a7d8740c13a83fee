import { connect } from 'node:net';
import type { Endpoint, TcpPort } from '../core/ports/network.ts';
import { between } from '../core/time.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

/** TCP connections that are closed as soon as they stand. */
export const tcpPort = (scope: Scope): TcpPort => ({
  connect: (to: Endpoint, { timeout }) => {
    const what = `TCP connect to ${to.host} port ${to.port}`;
    return bounded(scope, timeout, what, ({ resolve, reject }) => {
      const start = scope.clock.steady();
      const socket = connect({ host: to.host, port: to.port });
      socket.once('connect', () => {
        resolve({ took: between(start, scope.clock.steady()) });
      });
      // Stays for good: an error that follows the end must not end the process.
      socket.on('error', (error) => {
        reject(socketFailure(error, what));
      });
      return () => socket.destroy();
    });
  },
});
