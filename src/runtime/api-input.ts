import { z } from 'zod';
import { duration, text } from '../config/fields.ts';
import { printable } from '../core/printable.ts';
import { seconds } from '../core/time.ts';
import { Refused } from './server.ts';

/* What the operator's verbs are given. */

const NAME = 'text of at most 200 characters';
const name = text(NAME).max(200, NAME);
const BY = 'who does it, in at most 100 characters';
const by = z.string(BY).trim().min(1, BY).max(100, BY);
const VIA = 'by which way, in at most 40 characters';
const via = z.string(VIA).trim().min(1, VIA).max(40, VIA).default('HTTP');
const REASON = 'the reason, in at most 500 characters';
const DURATION = 'a duration such as 30m or 2h';
const WEEK = seconds(7 * 86_400);
const WHAT = 'an alert’s name, its fingerprint, or an episode’s id';
const what = z.string(WHAT).min(1, WHAT).max(500, WHAT);
const BODY = 'a JSON object';

export const ACK = z.strictObject(
  {
    what,
    by,
    via,
    region: name.optional(),
    for: duration
      .refine((length) => length <= WEEK, 'a duration such as 2h, a week at most')
      .optional(),
  },
  BODY,
);

export const UNACK = z.strictObject({ what, by, via, region: name.optional() }, BODY);

export const SILENCE = z.strictObject(
  {
    by,
    reason: z.string(REASON).trim().min(1, REASON).max(500, REASON),
    for: z.string(DURATION).pipe(duration),
    region: name.optional(),
    rule: name.optional(),
    labels: z.record(name, name, 'labels, such as { "node": "rc2" }').optional(),
    /** One episode only. */
    what: what.optional(),
  },
  BODY,
);

export const UNSILENCE = z.strictObject({ id: name, by, via }, BODY);

/** Looks at what was given. @throws Refused with all that is wrong in it. */
export function parse<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Refused(400, parsed.error.issues.map(wordsOf).join('; '));
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => printable(key, 60)).join(', ')}: nothing here is called so`;
  const path = issue.path.map((key) => printable(String(key), 60)).join('.');
  return `${path === '' ? 'the body' : path}: expected ${issue.message}`;
}

const MOST = 'a number from 1 to 1000';
const most = z.coerce.number(MOST).int(MOST).min(1, MOST).max(1000, MOST).default(50);

export const EXPLAIN = z.strictObject({ what, region: name.optional(), most });
export const ALERTS = z.strictObject({
  all: z.enum(['0', '1'], '0 or 1').default('0'),
});
