/*
 * The names of the reverse zones that MAAS makes for a network. Generation 1 cuts at the octet (or nibble)
 * below the prefix; generation 2 splits a network that does not end at one, and names an IPv4 network
 * smaller than an octet as RFC 2317 does.
 */

interface Network {
  /** 4 octets, or 32 nibbles. */
  readonly digits: readonly number[];
  readonly prefix: number;
}

/** Zones in which reverse lookups of IPv4 and of IPv6 addresses end (RFC 1035 section 3.5, RFC 3596). */
const ROOT = { 4: 'in-addr.arpa', 6: 'ip6.arpa' } as const;

/**
 * @param cidr as PostgreSQL writes a network: `10.1.16.0/20`, `2001:db8::/62`
 * @returns no names for what is no network, and for one without a zone of its own (`0.0.0.0/0`)
 */
export function reverseZones(cidr: string, generation: 1 | 2): readonly string[] {
  const network = parse(cidr);
  if (network === undefined) return [];
  return (generation === 1 ? cut(network) : split(network)).map((labels) =>
    [...labels].reverse().concat(ROOT[versionOf(network)]).join('.'),
  );
}

type Labels = readonly string[];

const versionOf = ({ digits }: Network): 4 | 6 => (digits.length === 4 ? 4 : 6);
const widthOf = (network: Network): number => (versionOf(network) === 4 ? 8 : 4);
const label = (network: Network, digit: number): string =>
  digit.toString(versionOf(network) === 4 ? 10 : 16);

/** Generation 1: all whole digits of the prefix, and never all of an address. */
function cut(network: Network): readonly Labels[] {
  const { digits, prefix } = network;
  const kept = Math.min(Math.floor(prefix / widthOf(network)), digits.length - 1);
  return kept === 0 ? [] : [digits.slice(0, kept).map((digit) => label(network, digit))];
}

/** Generation 2: one zone for each value that the digit at the prefix's end can have. */
function split(network: Network): readonly Labels[] {
  const { digits, prefix } = network;
  const text = digits.map((digit) => label(network, digit));
  if (versionOf(network) === 4 && prefix > 24)
    return [[...text.slice(0, 3), `${text[3] ?? ''}-${prefix}`]];
  const kept = Math.ceil(prefix / widthOf(network));
  if (kept === 0 || kept === digits.length) return [];
  const first = digits[kept - 1] ?? 0;
  return Array.from({ length: 2 ** (kept * widthOf(network) - prefix) }, (_, each) => [
    ...text.slice(0, kept - 1),
    label(network, first + each),
  ]);
}

/** The network that an address lies in, as `reverseZones` takes it; a mask such as `255.255.240.0`. */
export function cidrOf(address: string, mask: string): string | undefined {
  const digits = digitsOf(mask);
  if (digits === undefined || digitsOf(address)?.length !== digits.length) return undefined;
  const width = digits.length === 4 ? 8 : 4;
  const bits = digits.map((digit) => digit.toString(2).padStart(width, '0')).join('');
  if (!/^1*0*$/.test(bits)) return undefined;
  return `${address}/${bits.lastIndexOf('1') + 1}`;
}

function parse(cidr: string): Network | undefined {
  const [, address = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
  const digits = digitsOf(address);
  const prefix = Number(length);
  if (digits === undefined) return undefined;
  const width = digits.length === 4 ? 8 : 4;
  if (prefix > digits.length * width) return undefined;
  // What lies behind the prefix is no part of the network.
  const masked = digits.map((digit, index) => {
    const kept = Math.min(width, Math.max(0, prefix - index * width));
    return digit & ~((1 << (width - kept)) - 1);
  });
  return { digits: masked, prefix };
}

/** The octets of an IPv4 address, or the nibbles of an IPv6 one. */
function digitsOf(address: string): readonly number[] | undefined {
  if (!address.includes(':')) {
    const octets = address.split('.').map(Number);
    const isOctet = (each: number): boolean => Number.isInteger(each) && each >= 0 && each <= 255;
    return octets.length === 4 && octets.every(isOctet) ? octets : undefined;
  }
  const [head = '', tail, more] = address.split('::');
  const groups = (text: string | undefined): readonly string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const [before, after] = [groups(head), groups(tail)];
  const missing = 8 - before.length - after.length;
  if (more !== undefined || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Array.from(all.map((group) => group.padStart(4, '0')).join(''), (each) =>
    parseInt(each, 16),
  );
}
