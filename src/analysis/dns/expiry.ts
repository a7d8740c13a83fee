import { z } from 'zod';
import { CheckFailure } from '../../core/failure.ts';
import type { Soa } from '../../core/ports/dns.ts';
import { between, instant, seconds, type Instant, type Seconds } from '../../core/time.ts';
import { patienceOf } from './history.ts';
import type { Said } from './servers.ts';

/*
 * When a slave drops its copy of a zone. A slave that knows EDNS EXPIRE (RFC 7314; BIND since 9.10) says
 * so itself. Of any other, the worst case is reckoned: SOA expire after the last moment at which it was
 * seen in step with a master that answers. An answer of a master that went back renews nothing.
 */

/** What is known of one copy; moments in epoch milliseconds on the steady clock. */
export const copySchema = z.object({
  /** When it expires, at the worst. */
  until: z.number(),
  /** When it was last looked at, and the serial and the SOA expire that it had then. */
  at: z.number(),
  serial: z.int().min(0).max(0xffff_ffff),
  expire: z.number().nonnegative(),
});
export type Copy = z.infer<typeof copySchema>;

/** What one look tells of a copy. */
export interface Horizon {
  /** Undefined where nothing tells it. */
  readonly copy: Copy | undefined;
  /** Time left; not positive once it has passed. */
  readonly left?: Seconds;
  /** Share of SOA expire that is left, 0 to 1; 1 as long as the slave need not have asked its master. */
  readonly share?: number;
}

/**
 * @param master the serial that the master serves now; undefined where it does not answer.
 * @returns undefined where the slave has no copy, or does not answer: what was known is to be kept then.
 */
export function horizonOf(
  known: Copy | undefined,
  said: Said | undefined,
  master: number | undefined,
  now: Instant,
): Horizon | undefined {
  // A moment to come is one of another clock.
  const before = known !== undefined && known.at <= now ? known : undefined;
  if (said === undefined || said instanceof CheckFailure) return undefined;
  if (!('soa' in said)) return said.state === 'broken' ? expiredOf(before, now) : undefined;
  const { soa, expiresIn } = said;
  const until = untilOf(before, soa, expiresIn, master, now);
  if (until === undefined) return { copy: undefined };
  const copy = { until, at: now, serial: soa.serial, expire: soa.expire };
  return { copy, ...reckon(copy, now, patienceOf(soa)) };
}

/** The only way in which an expired copy shows is SERVFAIL; so does a broken one. */
const expiredOf = (known: Copy | undefined, now: Instant): Horizon | undefined =>
  known === undefined || known.until > now
    ? undefined
    : { copy: known, ...reckon(known, now, seconds(0)) };

function untilOf(
  known: Copy | undefined,
  soa: Soa,
  expiresIn: Seconds | undefined,
  master: number | undefined,
  now: Instant,
): number | undefined {
  if (expiresIn !== undefined) return now + expiresIn * 1000;
  if (master === soa.serial) return now + soa.expire * 1000;
  if (known === undefined) return undefined;
  // It took a new version since the last look, and not before.
  return known.serial === soa.serial
    ? known.until
    : Math.max(known.until, known.at + soa.expire * 1000);
}

function reckon({ until, expire }: Copy, now: Instant, patience: Seconds) {
  const left = between(now, instant(until));
  if (expire - left <= patience) return { left, share: 1 };
  return { left, share: left <= 0 ? 0 : Math.min(1, left / expire) };
}
