import { z } from 'zod';
import { PARTS, type Part } from './parts.ts';
import { instant, type Instant } from '../../core/time.ts';

/*
 * What is remembered from run to run: who holds the address, and of its last move what followed already.
 * Moments are those of the steady clock, in epoch milliseconds.
 */

const node = z.string().min(1).max(253);
const moment = z.number().min(0).transform(instant);

const move = z.object({
  from: node,
  to: node,
  /** When it was first seen at `to`, and when it was last seen at `from`. */
  at: moment,
  before: moment,
  /** Parts that followed; what becomes of them later is nothing of this move. */
  followed: z.array(z.enum(PARTS)).max(PARTS.length),
  /** Seconds until all had followed. */
  completed: z.number().min(0).optional(),
});
export type Move = z.infer<typeof move>;

const schema = z.object({
  holder: node,
  seenAt: moment,
  /** Clusters and racks that were connected when no move was under way. */
  attached: z.array(z.string().min(1).max(253)).max(10_000).default([]),
  move: move.optional(),
});
export type Remembered = z.infer<typeof schema>;

/** What an earlier run remembered of nodes that are still configured; what lies in the future is not so. */
export function recall(
  memory: unknown,
  nodes: readonly string[],
  now: Instant,
): Remembered | undefined {
  const known = schema.safeParse(memory).data;
  if (known === undefined || !nodes.includes(known.holder) || known.seenAt > now) return undefined;
  const { move: last, ...others } = known;
  if (last === undefined) return others;
  const isSound = last.to === known.holder && nodes.includes(last.from);
  return isSound && last.before <= last.at && last.at <= now ? known : others;
}

/** What is known now that `holder` is proven to hold it, since `at`. */
export function follow(
  before: Remembered | undefined,
  holder: string,
  { at, now }: { readonly at: Instant; readonly now: Instant },
): Remembered {
  if (before === undefined) return { holder, seenAt: now, attached: [] };
  if (before.holder === holder) return { ...before, seenAt: now };
  return {
    ...before,
    holder,
    seenAt: now,
    move: {
      from: before.holder,
      to: holder,
      // It cannot have come before it was last seen elsewhere.
      at: instant(Math.max(at, before.seenAt)),
      before: before.seenAt,
      followed: [],
    },
  };
}

export const hasFollowed = ({ followed }: Move, part: Part): boolean => followed.includes(part);
