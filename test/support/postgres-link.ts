import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** The network between two servers, for one direction of asking: it can be cut, or fall silent. */
export interface NetworkLink extends Place {
  /** Resets what is open and refuses what is new. */
  cut(): void;
  /** Keeps what is open and lets nothing more through, as a firewall that drops does. */
  silence(): void;
  restore(): void;
  close(): Promise<void>;
}

/**
 * A forwarder in front of `to`, on the host of `to` and a port of its own. What it opens comes from
 * `from`, so that the server behind it sees the true address of the asking node.
 */
export async function networkLink(to: Place, from: string): Promise<NetworkLink> {
  const open = new Set<Socket>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...to, localAddress: from });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk: Buffer) => {
        if (!other.write(chunk)) socket.pause();
      });
      socket.on('drain', () => {
        if (state === 'open') other.resume();
      });
      if (state === 'silent') socket.pause();
      else socket.resume();
    }
  });
  server.listen(0, to.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  server.unref();
  return {
    host: to.host,
    port: address.port,
    cut: () => {
      state = 'cut';
      for (const socket of open) socket.resetAndDestroy();
    },
    silence: () => {
      state = 'silent';
      for (const socket of open) socket.pause();
    },
    restore: () => {
      state = 'open';
      for (const socket of open) socket.resume();
    },
    close: async () => {
      state = 'cut';
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
