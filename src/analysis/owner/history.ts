import { z } from 'zod';
import { between, instant, seconds, type Instant } from '../../core/time.ts';
import { WITNESSES } from './statements.ts';

/*
 * What is remembered from run to run: what each witness said last, who held the address and who was
 * the primary, and when these moved. Moments are those of the steady clock, in epoch milliseconds.
 */

const node = z.string().min(1).max(253);
const moment = z.number().min(0);

const held = z.object({
  node,
  since: moment,
  /** How often it moved since the monitor first saw it. */
  changes: z.int().min(0),
  /** When, within the last hour; the newest last. */
  moves: z.array(moment).max(1000),
});
export type Held = z.infer<typeof held>;

const historySchema = z.object({
  sayings: z
    .partialRecord(
      z.enum(WITNESSES),
      z.object({ nodes: z.array(node).max(64).readonly(), changedAt: moment.optional() }),
    )
    .default({}),
  vip: held.optional(),
  primary: held.optional(),
  /** When witnesses last contradicted each other. */
  disagreedAt: moment.optional(),
});
export type History = z.infer<typeof historySchema>;

/** What an earlier run remembered of nodes that are still configured. */
export function recall(memory: unknown, nodes: readonly string[]): History {
  const { vip, primary, ...others } = historySchema.safeParse(memory).data ?? { sayings: {} };
  return {
    ...others,
    ...(vip !== undefined && nodes.includes(vip.node) && { vip }),
    ...(primary !== undefined && nodes.includes(primary.node) && { primary }),
  };
}

const HOUR = seconds(3600);
/** What needs longer than this after a failover does not heal by itself. */
const GRACE = seconds(120);
/** Witnesses that are asked in turn show two owners in turn, too: what they contradicted is not over at once. */
const LINGERS = seconds(60);

/** A moment to come was taken from another clock: it is no moment. */
const within = (moment: number | undefined, most: number, now: Instant): boolean => {
  if (moment === undefined) return false;
  const age = between(instant(moment), now);
  return age >= 0 && age < most;
};

/**
 * What is known of a holder now that `node` is seen as it; undefined: nobody is seen, what was known
 * stays. At first sight nothing has moved, and after a time of silence only another node is a move.
 */
export function follow(before: Held | undefined, node: string | undefined, now: Instant) {
  const moves = (before?.moves ?? []).filter((each) => within(each, HOUR, now));
  if (before === undefined)
    return node === undefined ? undefined : { node, since: now, changes: 0, moves };
  if (node === undefined || node === before.node)
    return { ...before, since: Math.min(before.since, now), moves };
  return { node, since: now, changes: before.changes + 1, moves: [...moves, now].slice(-1000) };
}

export const movedRecently = ({ moves }: Held, now: Instant): boolean =>
  within(moves.at(-1), GRACE, now);

export const disagreesStill = (disagreedAt: number | undefined, now: Instant): boolean =>
  within(disagreedAt, LINGERS, now);
