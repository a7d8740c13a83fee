import { connect, createServer, type Socket } from 'node:net';

/** Where people and Prometheus reach the monitor on this machine. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Forwarder {
  close(): Promise<void>;
}

/**
 * Hands every connection at `place` on to a Unix socket, which unlike a port can be reached from one
 * network namespace in another.
 *
 * @throws Error in words when the place is taken.
 */
export async function forward(place: Place, socketPath: string): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(socketPath);
    for (const [socket, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(socket);
      // Whichever goes first, and however, takes the other along.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(inWords(error, place));
    });
    server.listen(place, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Finds out early whether a place is free. @throws Error in words when it is not. */
export async function mustBeFree(place: Place): Promise<void> {
  const trial = await forward(place, '');
  await trial.close();
}

const inWords = (error: NodeJS.ErrnoException, { host, port }: Place): Error =>
  error.code === 'EADDRINUSE'
    ? new Error(
        `${host}:${port} is taken (is a monitor running already?): npm start -- --port N chooses another port`,
        { cause: error },
      )
    : error;
