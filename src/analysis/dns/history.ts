import { between, instant, seconds, type Instant } from '../../core/time.ts';
import { serialDistance } from '../../protocol/serial.ts';

/** The present: `steady` for how long something has lasted, `wall` for since when, as people say it. */
export interface Present {
  readonly steady: Instant;
  readonly wall: Instant;
}

/** What one look at a zone leaves for the next; moments are in epoch milliseconds. */
export interface ZoneHistory {
  /** The newest serial that was seen at the master. */
  readonly serial: number;
  /** Since when the master serves an older one, on the steady clock. */
  readonly backSince?: number | undefined;
  /** Since when a slave, by name, differs from the master, in wall-clock time. */
  readonly differs: Readonly<Record<string, number>>;
}

/** Where one slave stands against the master. */
export interface Standing {
  readonly slave: string;
  /** Versions from the master to the slave; undefined when their order is (see `serialDistance`). */
  readonly away: number | undefined;
  /** Since when they differ; undefined while they agree. */
  readonly since: Instant | undefined;
}

/** The serials of one zone that one look found; a slave whose serial is not known has undefined. */
export interface Serials {
  readonly master: number;
  readonly slaves: readonly { readonly name: string; readonly serial: number | undefined }[];
}

export interface Comparison {
  /** The master is older than a slave, or than it was itself. */
  readonly regressed: boolean;
  readonly standings: readonly Standing[];
  readonly history: ZoneHistory;
}

/** MAAS's refresh interval: after it, slaves that agree with their master have been repaired. */
const FORGIVEN_AFTER = seconds(600);

/**
 * Compares every slave with the master, and the master with its own past. That it went backwards is
 * forgotten when it has passed its old serial (which repairs it), and when, some time later, all slaves
 * agree with it.
 */
export function compareSerials(
  known: ZoneHistory | undefined,
  serials: Serials,
  now: Present,
): Comparison {
  const standings = standingsOf(known, serials, now.wall);
  const wentBack = known !== undefined && (serialDistance(known.serial, serials.master) ?? 0) < 0;
  const backSince = earliest(known?.backSince, now.steady);
  const back = wentBack && !(isRepaired(serials) && isLongAgo(backSince, now.steady));
  return {
    regressed: back || standings.some(({ away }) => away !== undefined && away > 0),
    standings,
    history: {
      ...(back ? { serial: known.serial, backSince } : { serial: serials.master }),
      differs: differencesOf(known, serials, standings),
    },
  };
}

/** A moment to come was taken from another clock, or from one that was set back since: it begins now. */
const earliest = (known: number | undefined, now: Instant): Instant =>
  instant(Math.min(known ?? now, now));

const isRepaired = ({ master, slaves }: Serials): boolean =>
  slaves.length > 0 && slaves.every(({ serial }) => serial === master);

const isLongAgo = (since: Instant, now: Instant): boolean => between(since, now) >= FORGIVEN_AFTER;

const standingsOf = (
  known: ZoneHistory | undefined,
  { master, slaves }: Serials,
  now: Instant,
): readonly Standing[] =>
  slaves.flatMap(({ name, serial }) => {
    if (serial === undefined) return [];
    const away = serialDistance(master, serial);
    const since = away === 0 ? undefined : earliest(known?.differs[name], now);
    return [{ slave: name, away, since }];
  });

/** Of a slave that did not answer, what was known stays. */
function differencesOf(
  known: ZoneHistory | undefined,
  { slaves }: Serials,
  standings: readonly Standing[],
): Readonly<Record<string, number>> {
  const looked = new Map(standings.map(({ slave, since }) => [slave, since]));
  const sinces = slaves.flatMap(({ name }) => {
    const since = looked.has(name) ? looked.get(name) : known?.differs[name];
    return since === undefined ? [] : [[name, since] as const];
  });
  return Object.fromEntries(sinces);
}

/** What is wrong, in words to be followed by the zone; nothing when all are in step. */
export function describe(comparison: Comparison | undefined): readonly string[] {
  if (comparison === undefined) return [];
  const back = comparison.regressed
    ? ['the master serves an older serial than before, or than a slave, in']
    : [];
  return [
    ...back,
    ...comparison.standings
      .filter(({ away }) => away !== undefined && away !== 0)
      .map(
        ({ slave, away = 0 }) => `${slave} is ${away < 0 ? 'behind' : 'ahead of'} the master in`,
      ),
  ];
}
