import { z } from 'zod';
import type { WalHistory } from '../replication/lag.ts';
import { historyOf, noteHistory, timeOf } from '../replication/memory.ts';
import type { Idle } from './slots.ts';

const schema = z.object({
  primary: historyOf.optional(),
  standbys: z.record(z.string(), historyOf),
  slots: z.record(z.string(), z.string()),
  idle: z.record(z.string(), z.record(z.string(), timeOf)),
});

/** What a run of `postgres-capacity` leaves to the next one. */
export type Memory = z.input<typeof schema>;

export interface Known {
  /** How the primary's log grew. */
  readonly primary?: WalHistory | undefined;
  /** How each standby's grew: its last sample is where it stood when it was last seen. */
  readonly standbys: Readonly<Record<string, WalHistory>>;
  /** The slot that each standby uses, where one is known. */
  readonly slots: Readonly<Record<string, string>>;
  /** Since when the slots of each node are not used. */
  readonly idle: Readonly<Record<string, Idle>>;
}

/** What was remembered; nothing where it cannot be read. */
export const recall = (memory: unknown): Known =>
  schema.safeParse(memory).data ?? { standbys: {}, slots: {}, idle: {} };

export const noted = ({ primary, standbys, slots, idle }: Known): Memory => ({
  primary: primary && noteHistory(primary),
  standbys: Object.fromEntries(
    Object.entries(standbys).map(([name, history]) => [name, noteHistory(history)]),
  ),
  slots,
  idle,
});
