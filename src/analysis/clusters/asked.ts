import { z } from 'zod';
import { ARCHITECTURES, isProvable, proveConnection, type Proof } from './probe.ts';
import type { Nodegroup } from './nodegroups.ts';
import type { CheckContext } from '../../core/check.ts';
import { FAILURE_CODES, type CheckFailure } from '../../core/failure.ts';
import type { Cluster, Region } from '../../core/region.ts';
import { between, instant, type Instant } from '../../core/time.ts';

/* What is asked of the region about each cluster, how often, and what is remembered of it. */

const text = z.string();
const moment = z.number().transform(instant);
const proof = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('proven'), arch: text, label: text }),
  z.object({ kind: z.literal('no_image'), arch: text }),
  z.object({ kind: z.literal('hangs'), says: text }),
  z.object({ kind: z.literal('unknown'), code: z.enum(FAILURE_CODES), says: text }),
]);
const asked = z.object({
  at: moment,
  proof,
  /** The architecture that it was proven with, now or before. */
  known: text.optional(),
  /** Questions in a row that brought no image. */
  misses: z.int().min(0),
});
const memory = z.object({
  provable: z.object({ is: z.boolean(), at: moment }).optional(),
  clusters: z.record(text, asked),
});

/** The newest question about a cluster, and what is known of it from before. */
export type Asked = z.infer<typeof asked>;
/** `provable`: whether this version of MAAS proves anything, and when that was learnt. */
export type Memory = z.infer<typeof memory>;
export type Context = CheckContext & { readonly memory: Memory };

/** What an earlier run remembered, if it is of this shape. */
export const parseMemory = (value: unknown): Memory =>
  memory.safeParse(value).data ?? { clusters: {} };

/** Seconds. It may be upgraded. */
const LEARN_EVERY = 3600;
/** Seconds. Never is asked about one cluster more often than this, whatever sets the check off. */
const ASK_EVERY = 45;

const isYoung = (at: Instant, now: Instant, limit: number): boolean =>
  between(at, now) >= 0 && between(at, now) < limit;

export type Learnt = NonNullable<Memory['provable']> | CheckFailure;

/** Whether this version of MAAS can prove a connection; a failure says that it is not known. */
export async function learn(region: Region, context: Context): Promise<Learnt> {
  const before = context.memory.provable;
  const now = context.clock.now();
  if (before !== undefined && isYoung(before.at, now, LEARN_EVERY)) return before;
  const is = await isProvable(context, region);
  return typeof is === 'boolean' ? { is, at: now } : is;
}

/** Asks about a cluster, unless that was done a moment ago. */
export async function ask(
  region: Region,
  context: Context,
  cluster: Cluster,
  nodegroup: Nodegroup,
): Promise<Asked> {
  const before = context.memory.clusters[cluster.name];
  const at = context.clock.now();
  if (before !== undefined && isYoung(before.at, at, ASK_EVERY)) return before;
  const { known, misses = 0 } = before ?? {};
  // A one-off look has no other in which to try the next architecture.
  const tries = context.once && known === undefined ? ARCHITECTURES.length : 1;
  const put = (turn: number): Promise<Proof> =>
    proveConnection(context, region, cluster, nodegroup, known ?? architecture(turn));
  let turn = misses;
  let found = await put(turn);
  while (found.kind === 'no_image' && turn - misses + 1 < tries) {
    turn += 1;
    found = await put(turn);
  }
  return concluded(found, turn, known, at);
}

const architecture = (turn: number): string =>
  ARCHITECTURES[turn % ARCHITECTURES.length] ?? ARCHITECTURES[0];

function concluded(found: Proof, misses: number, known: string | undefined, at: Instant): Asked {
  if (found.kind === 'proven') return { at, proof: found, misses: 0, known: found.arch };
  return {
    at,
    proof: found,
    misses: found.kind === 'no_image' ? misses + 1 : misses,
    ...(known !== undefined && { known }),
  };
}
