import { z } from 'zod';
import { instant, type Instant } from '../../core/time.ts';
import { formatLsn, parseLsn } from '../../protocol/lsn.ts';
import type { WalHistory } from './lag.ts';

export const timeOf = z.number().transform(instant);

/** Checked first, because a transformation that throws is no answer that the parser could refuse. */
const lsnOf = z
  .string()
  .regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i)
  .transform(parseLsn);

/** How a write-ahead log grew, as it survives being written down. */
export const historyOf = z.object({
  timeline: z.number(),
  readAt: timeOf,
  samples: z.array(z.object({ at: timeOf, lsn: lsnOf })),
});

export const noteHistory = (history: WalHistory): z.input<typeof historyOf> => ({
  ...history,
  samples: history.samples.map(({ at, lsn }) => ({ at, lsn: formatLsn(lsn) })),
});

const schema = z.object({
  connects: z.record(z.string(), z.object({ at: timeOf, took: z.number() })),
  history: historyOf.optional(),
});

/** What a run of `postgres-replication` leaves to the next one. */
export type Memory = z.input<typeof schema>;

export interface Known {
  /** The newest new connection of each node: when, and how many seconds it took. */
  readonly connects: Readonly<Record<string, { readonly at: Instant; readonly took: number }>>;
  readonly history?: WalHistory | undefined;
}

/** What was remembered; nothing where it cannot be read. */
export const recall = (memory: unknown): Known => schema.safeParse(memory).data ?? { connects: {} };

export const noted = ({ connects, history }: Known): Memory => ({
  connects,
  history: history && noteHistory(history),
});
