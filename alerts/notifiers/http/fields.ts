import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../../../src/core/time.ts';

/*
 * The settings that channels over HTTP share. As everywhere in the configuration, the only error text
 * of a field is the form that was expected.
 */

const FILE = 'the path of a readable, non-empty file';
export const file = z.string(FILE).min(1, FILE);

export const text = (expected: string) => z.string(expected).min(1, expected);

/** A URL that `fits`, without user and password: those belong into a file. */
export const url = (expected: string, fits: (url: URL) => boolean = () => true) =>
  z.string(expected).refine((candidate) => {
    const parsed = URL.canParse(candidate) ? new URL(candidate) : undefined;
    return parsed !== undefined && isPlain(parsed) && fits(parsed);
  }, expected);

const isPlain = ({ protocol, username, password, hash }: URL): boolean =>
  ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '';

/** A duration between two others, in seconds. */
export const durationWithin = (least: number, most: number, expected: string) =>
  z.string(expected).transform((candidate, context) => {
    const parsed = parseDuration(candidate);
    if (parsed !== undefined && parsed >= least && parsed <= most) return parsed;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

const networks = (
  ...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]
): BlockList => {
  const list = new BlockList();
  for (const [network, prefix, family] of subnets) list.addSubnet(network, prefix, family);
  return list;
};

const LOOPBACK = networks(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']);
const PRIVATE = networks(
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
);

/** A URL's host without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

const isWithin = (url: URL, list: BlockList): boolean => {
  const host = hostOf(url);
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
};

const isLoopback = (url: URL): boolean => hostOf(url) === 'localhost' || isWithin(url, LOOPBACK);

/** By its address only: where a name leads can change. */
export const isNear = (url: URL): boolean => isLoopback(url) || isWithin(url, PRIVATE);

/** Whether a token may be sent there: nobody on the way can read it. */
export const isConfidential = (url: URL): boolean => url.protocol === 'https:' || isLoopback(url);
