import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/*
 * Certificates made here, in DER by hand, because Node has no maker of certificates and a clean machine
 * no openssl: X.509 v3 (RFC 5280), ECDSA on P-256 with SHA-256.
 */

/** A certificate with its key, as PEM; what `issue` needs besides. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly signs: KeyObject;
}

export interface Wanted {
  /** The common name; also an alternative name when it is a host. */
  readonly name: string;
  /** Names and addresses that it is good for. */
  readonly hosts?: readonly string[];
  /** Its issuer; itself when absent. */
  readonly by?: Certificate;
  /** How many days from now it begins and ends. */
  readonly days?: readonly [from: number, to: number];
}

const SEQUENCE = 0x30;
const SET = 0x31;

function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  const size = value.length;
  if (size < 0x80) return Buffer.concat([Buffer.from([tag, size]), value]);
  const long = size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...long]), value]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return tlv(0x06, Buffer.from(octets));
}

const bits = (value: Buffer): Buffer => tlv(0x03, Buffer.from([0]), value);
const nameOf = (text: string): Buffer =>
  tlv(SEQUENCE, tlv(SET, tlv(SEQUENCE, oid('2.5.4.3'), tlv(0x0c, Buffer.from(text)))));
const ECDSA_SHA256 = tlv(SEQUENCE, oid('1.2.840.10045.4.3.2'));

/** GeneralizedTime, so that no century has to be guessed. */
const time = (days: number): Buffer =>
  tlv(
    0x18,
    Buffer.from(
      `${new Date(Date.now() + days * 86_400_000)
        .toISOString()
        .replace(/[-:T]/g, '')
        .slice(0, 14)}Z`,
    ),
  );

const extension = (id: string, value: Buffer): Buffer => tlv(SEQUENCE, oid(id), tlv(0x04, value));

/** dNSName is [2], iPAddress is [7]. */
function alternative(host: string): Buffer {
  if (isIP(host) === 4) return tlv(0x87, Buffer.from(host.split('.').map(Number)));
  return isIP(host) === 6 ? tlv(0x87, octetsOf(host)) : tlv(0x82, Buffer.from(host));
}

/** The 16 octets of an IPv6 address that is written in groups of hexadecimal digits only. */
function octetsOf(host: string): Buffer {
  const [before = '', after] = host.split('::');
  const groups = (part: string): string[] => part.split(':').filter((each) => each !== '');
  const [head, tail] = [groups(before), groups(after ?? '')];
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const all = [...head, ...gap, ...tail].map((each) => each.padStart(4, '0')).join('');
  return Buffer.from(all, 'hex');
}

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;

/** A fresh key with a certificate for it: of its own, or of an issuer. */
export function issue({ name, hosts = [], by, days = [-1, 30] }: Wanted): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const issuer = by ?? { name, signs: privateKey };
  const isAuthority = hosts.length === 0;
  const extensions = [
    extension('2.5.29.19', tlv(SEQUENCE, ...(isAuthority ? [tlv(0x01, Buffer.from([0xff]))] : []))),
    extension('2.5.29.14', tlv(0x04, createHash('sha1').update(spki).digest())),
    ...(isAuthority ? [] : [extension('2.5.29.17', tlv(SEQUENCE, ...hosts.map(alternative)))]),
  ];
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = tlv(
    SEQUENCE,
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer.name),
    tlv(SEQUENCE, time(days[0]), time(days[1])),
    nameOf(name),
    spki,
    tlv(0xa3, tlv(SEQUENCE, ...extensions)),
  );
  const der = tlv(SEQUENCE, body, ECDSA_SHA256, bits(sign('sha256', body, issuer.signs)));
  return {
    cert: pem(der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    signs: privateKey,
  };
}
