import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';

/** Any port will do: nothing is sent. */
const DISCARD = 9;

/**
 * The address that the kernel would send from on the way to a host, by its routing table; undefined where
 * there is no way. A translator of addresses on the way may make another one of it.
 */
export async function sourceAddress(host: string): Promise<string | undefined> {
  if (isIP(host) === 0) return undefined;
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    // Connecting a datagram socket asks the routing table and sends nothing.
    socket.connect(DISCARD, host);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
