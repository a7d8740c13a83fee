import { z } from 'zod';
import { evidence, gap, remember, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { between, instant, type Instant } from '../../core/time.ts';
import { serialDistance } from '../../protocol/serial.ts';
import { zoneSerial, zoneSerialBehind } from './metrics.ts';

/*
 * MAAS draws every zone serial from one sequence (`maasserver_zone_serial_seq`, 1 to 2^32-1, cycling). A standby
 * holds it up to 32 ahead, so a promotion makes it jump forward, harmlessly; only a standby that was behind, or a
 * restored dump, makes it go back, and then slaves refuse what MAAS writes (RFC 1982).
 */

/** What is kept from look to look. */
export interface SerialMemory {
  /** The highest serial that the sequence was seen to have handed out. */
  readonly highest: number;
  /** Since when it is behind that, by the steady clock. */
  readonly backSince?: Instant | undefined;
}

const serial = z.int().min(0).max(0xffff_ffff);
export const serialMemory = z.object({
  highest: serial,
  backSince: z.number().transform(instant).optional(),
});

/** SOA expire in every version of MAAS, in seconds: after it no slave has a serial from before any more. */
const EXPIRE = 604_800;

/** A zone that MAAS wrote, as a name server has it. */
export interface Served {
  readonly server: string;
  readonly zone: string;
  readonly serial: number;
}

export interface SequenceLook {
  /** The last serial that was handed out; 0 = none yet. */
  readonly last: number;
  /** How far that is behind the highest that is known to have been handed out; absent when nothing tells. */
  readonly behind?: number;
  /** The name server that proves it, when one does. */
  readonly proof?: Served;
  readonly memory: SerialMemory;
  /** It is exactly 2^31 away from what was seen before: RFC 1982 leaves the order open. */
  readonly undefinedOrder: boolean;
}

/** The last value handed out, as the row of a sequence tells it. */
export const lastOf = (row: {
  readonly last_value: number;
  readonly is_called: boolean;
}): number => (row.is_called ? row.last_value : row.last_value - 1);

/**
 * Compares the sequence with its own past and with what is served.
 *
 * @param last 0 to 2^32-1
 */
export function lookAtSequence(
  last: number,
  before: SerialMemory | undefined,
  served: readonly Served[],
  now: Instant,
): SequenceLook {
  const past = before === undefined ? undefined : serialDistance(before.highest, last);
  const memory = remembered(last, past, before, now);
  const [ahead] = served
    .map((each) => ({ each, by: serialDistance(last, each.serial) ?? 0 }))
    .sort((a, b) => b.by - a.by);
  const losses = [
    ...(before === undefined ? [] : [memory.backSince === undefined ? 0 : -(past ?? 0)]),
    ...(ahead === undefined ? [] : [Math.max(0, ahead.by)]),
  ];
  return {
    last,
    memory,
    undefinedOrder: before !== undefined && past === undefined,
    ...(losses.length > 0 && { behind: Math.max(...losses) }),
    ...(ahead !== undefined && ahead.by > 0 && { proof: ahead.each }),
  };
}

function remembered(
  last: number,
  past: number | undefined,
  before: SerialMemory | undefined,
  now: Instant,
): SerialMemory {
  if (before === undefined || (past !== undefined && past >= 0)) return { highest: last };
  // Without an order it neither went back nor on: what was known stays.
  if (past === undefined) return before;
  const since = before.backSince ?? now;
  const lasted = between(since, now);
  // A moment in the future is one of another clock.
  if (lasted < 0) return { highest: before.highest, backSince: now };
  return lasted > EXPIRE ? { highest: last } : { highest: before.highest, backSince: since };
}

export function sequenceNotes(look: SequenceLook): readonly Note[] {
  const { last, behind, proof, memory, undefinedOrder } = look;
  return [
    observe(zoneSerial, last, {}),
    ...(undefinedOrder ? [gap('zone serials', NO_ORDER)] : []),
    ...(behind === undefined || undefinedOrder ? [] : [observe(zoneSerialBehind, behind, {})]),
    evidence('zone serials', `the sequence has handed out ${last}${sayBehind(look)}`),
    ...(proof === undefined
      ? []
      : [evidence(proof.server, `holds ${proof.zone} with serial ${proof.serial}, from before`)]),
    remember(memory),
  ];
}

function sayBehind({ last, behind, memory }: SequenceLook): string {
  if (behind === undefined) return '; one look alone cannot tell whether it went back';
  if (behind === 0) return ', and is not behind anything that was seen';
  const seen = memory.highest === last ? '' : ` (it was at ${memory.highest})`;
  return `, and is ${behind} behind${seen}: slaves refuse lower serials for up to 7 days`;
}

const NO_ORDER = new CheckFailure(
  'protocol',
  'the sequence is exactly 2^31 away from what was seen before: RFC 1982 leaves the order open',
);
