import { z } from 'zod';
import { between, instant, type Instant, type Seconds } from '../../core/time.ts';

/** Since when one node is declared and another one is the primary; a moment of the steady clock. */
const driftSchema = z.object({
  declared: z.string().min(1).max(253),
  primary: z.string().min(1).max(253),
  since: z.number().min(0),
});
export type Drift = z.infer<typeof driftSchema>;

export const recall = (memory: unknown): Drift | undefined => driftSchema.safeParse(memory).data;

/** The drift that is seen now: the one that was seen before, or a new one. A moment to come is no moment. */
export function since(
  before: Drift | undefined,
  seen: Pick<Drift, 'declared' | 'primary'>,
  now: Instant,
): Drift {
  const isSame = before?.declared === seen.declared && before.primary === seen.primary;
  return isSame && before.since <= now ? before : { ...seen, since: now };
}

export const ageOf = (drift: Drift, now: Instant): Seconds => between(instant(drift.since), now);
