import { connect, type Socket } from 'node:net';
import { CheckFailure, toFailure } from '../core/failure.ts';
import type { Dialogue, StreamPort } from '../core/ports/exchange.ts';
import type { Endpoint } from '../core/ports/network.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

const MOST_UNUSED = 65_536;

/** Dialogues over TCP, each on a connection of its own. */
export const streamPort = (scope: Scope): StreamPort => ({
  talk: <Result>(
    to: Endpoint,
    dialogue: Dialogue<Result>,
    { timeout }: Parameters<StreamPort['talk']>[2],
  ) => {
    const { protocol, opening } = dialogue;
    const where = `${protocol} at ${to.host}:${to.port}`;
    return bounded<Result>(scope, timeout, where, ({ resolve, reject }) => {
      const socket = connect({ host: to.host, port: to.port, noDelay: true });
      const listener = listening(dialogue, where, socket, resolve);
      let stood = false;
      socket.once('connect', () => {
        stood = true;
        if (opening !== undefined) socket.write(opening);
      });
      socket.on('data', (chunk) => {
        try {
          listener(chunk);
        } catch (error) {
          reject(toFailure(error));
        }
      });
      // Stays for good: an error that follows the end must not end the process.
      socket.on('error', (error) => {
        reject(stood ? cut(error, where) : socketFailure(error, where));
      });
      socket.on('end', () => {
        reject(new CheckFailure('protocol', `${where}: closed without an answer`));
      });
      return (answered) => {
        socket.removeAllListeners('data');
        if (!answered) socket.destroy();
        else letGo(scope, socket);
      };
    });
  },
});

/** Takes what comes, and says what follows from it. */
function listening<Result>(
  { step, maxBytes = MOST_UNUSED }: Dialogue<Result>,
  where: string,
  socket: Socket,
  resolve: (result: Result) => void,
): (chunk: Uint8Array) => void {
  let heard: Uint8Array = new Uint8Array();
  return (chunk) => {
    heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
    while (heard.length > 0) {
      const next = step(heard);
      if (next === undefined) break;
      if (next.send !== undefined) socket.write(next.send);
      if (next.result !== undefined) {
        resolve(next.result);
        return;
      }
      if (next.rest.length >= heard.length)
        throw new CheckFailure('internal', `${where}: a step that uses nothing up has no end`);
      heard = next.rest;
    }
    if (heard.length > maxBytes)
      throw new CheckFailure('protocol', `${where}: more bytes than any honest answer has`);
  };
}

/** Closes it once the farewell has left, at the latest with the run: the peer need not take it. */
function letGo(scope: Scope, socket: Socket): void {
  const release = scope.hold(() => socket.destroy());
  socket.once('close', release);
  // Whatever the peer still says is thrown away.
  socket.resume();
  socket.destroySoon();
}

/** A connection that stood and was cut is not one that was refused. */
const cut = (error: Error, where: string): CheckFailure => {
  const failure = socketFailure(error, where);
  return failure.code === 'refused'
    ? new CheckFailure('protocol', `${where}: cut off without an answer`, { cause: error })
    : failure;
};
