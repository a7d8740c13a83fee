import { isIPv4, SocketAddress } from 'node:net';

/**
 * An address in the one way of writing it that everybody gives back: the kernel, PostgreSQL's `host()`
 * and pgpool are compared with it as text. RFC 5952; an IPv4 address in IPv6 clothes is that IPv4 address.
 *
 * @param address one for which `isIP` is not 0
 */
export function canonical(address: string): string {
  if (isIPv4(address)) return address;
  const [plain = '', scope] = address.split('%');
  const text = new SocketAddress({ address: plain, family: 'ipv6' }).address;
  const inner = text.replace(/^::ffff:/, '');
  if (isIPv4(inner)) return inner;
  return scope === undefined ? text : `${text}%${scope}`;
}
