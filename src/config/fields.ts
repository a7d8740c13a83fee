import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../core/time.ts';
import { canonical } from './address.ts';

/*
 * The smallest parts of the configuration. Each carries, as its only error text, the form that was
 * expected: whoever reports a problem adds where it stands and what was found there.
 */

const PORT = 'a port from 1 to 65535';
export const port = z.int(PORT).min(1, PORT).max(65_535, PORT);

const ADDRESS = 'an IP address such as 172.31.16.39 or 2001:db8::39 (names do not fit here)';
/** In its canonical form, however it was written. */
export const address = z.string(ADDRESS).transform((text, context) => {
  if (isIP(text) !== 0) return canonical(text);
  context.addIssue({ code: 'custom', message: ADDRESS });
  return z.NEVER;
});

const MAC = 'a MAC address such as 02:00:ac:1f:10:20';
export const mac = z
  .string(MAC)
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, MAC)
  .transform((text) => text.toLowerCase());

const NAME = 'a name of letters, digits, dots, dashes and underscores, at most 63 long';
export const name = z.string(NAME).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, NAME);

const DURATION = 'a duration such as 500ms, 10s, 5m or 1h';
export const duration = z.string(DURATION).transform((text, context) => {
  const parsed = parseDuration(text);
  if (parsed !== undefined && parsed > 0) return parsed;
  context.addIssue({ code: 'custom', message: DURATION });
  return z.NEVER;
});

const FILE = 'the path of a readable, non-empty file';
export const file = z.string(FILE).min(1, FILE);

const ZONE = 'a DNS zone name such as maas3 or 16.31.172.in-addr.arpa';
const label = /^[A-Za-z0-9_]([A-Za-z0-9_/-]{0,61}[A-Za-z0-9_])?$/;
export const zone = z
  .string(ZONE)
  .transform((text) => text.replace(/\.$/, ''))
  .refine(
    (text) =>
      text.length <= 253 && isIP(text) === 0 && text.split('.').every((part) => label.test(part)),
    ZONE,
  );

const URL_FORM = 'a URL such as http://172.31.16.39/MAAS';
export const httpUrl = z.string(URL_FORM).refine((text) => {
  const url = tryUrl(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '';
}, URL_FORM);

const UUID = 'a UUID such as 5d9a7b0e-1c2d-4e5f-8a9b-0c1d2e3f4a5b';
export const uuid = z.string(UUID).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, UUID);

export const text = (expected: string) => z.string(expected).min(1, expected);

function tryUrl(candidate: string): URL | null {
  try {
    return new URL(candidate);
  } catch {
    return null;
  }
}
