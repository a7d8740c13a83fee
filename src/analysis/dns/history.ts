import type { Soa } from '../../core/ports/dns.ts';
import {
  between,
  formatDuration,
  instant,
  seconds,
  type Instant,
  type Seconds,
} from '../../core/time.ts';
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
  /** Since when a slave, by name, differs from the master, on both clocks. */
  readonly differs: Readonly<Record<string, Since>>;
}

interface Since {
  readonly steady: number;
  readonly wall: number;
}

/** A slave and what it says of the zone. */
export interface SlaveView {
  readonly name: string;
  /** Undefined where its version is not known. */
  readonly soa: Soa | undefined;
  /** How long its copy lives without its master, where it says so. */
  readonly expiresIn?: Seconds | undefined;
}

/** Where one slave stands against the master. */
export interface Standing {
  readonly slave: string;
  readonly serial: number;
  readonly expiresIn: Seconds | undefined;
  /** Versions from the master to the slave; undefined when their order is (see `serialDistance`). */
  readonly away: number | undefined;
  /** Since when they differ; undefined while they agree. */
  readonly since: Instant | undefined;
  /** Behind for longer than the zone itself allows. */
  readonly overdue: boolean;
}

/** The versions of one zone that one look found. */
export interface Serials {
  readonly master: number;
  readonly slaves: readonly SlaveView[];
}

export interface Comparison {
  /** The serial that the master serves. */
  readonly master: number;
  /** The master is older than a slave, or than it was itself. */
  readonly regressed: boolean;
  readonly standings: readonly Standing[];
  readonly history: ZoneHistory;
}

/** MAAS's refresh interval: after it, slaves that agree with their master have been repaired. */
const FORGIVEN_AFTER = seconds(600);

/**
 * How long a slave may be behind: it hears of a new version at its next refresh at the latest, and if
 * that fails once, at its next retry (RFC 1035 section 3.3.13); some time more for the transfer itself.
 */
export function patienceOf({ refresh, retry }: Pick<Soa, 'refresh' | 'retry'>): Seconds {
  const both = refresh + retry;
  return seconds(both + Math.min(60, Math.max(10, both / 10)));
}

/** How long ago a slave last heard of its master, where it says how long its copy still lives. */
const sinceContact = (soa: Soa, expiresIn: Seconds | undefined): Seconds | undefined =>
  expiresIn === undefined ? undefined : seconds(Math.max(0, soa.expire - expiresIn));

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
  const found = serials.slaves.map((slave) => compareSlave(known, serials.master, slave, now));
  const standings = found.flatMap(({ standing }) => standing ?? []);
  const wentBack = known !== undefined && (serialDistance(known.serial, serials.master) ?? 0) < 0;
  const backSince = earliest(known?.backSince, now.steady);
  const back = wentBack && !(isRepaired(serials) && isLongAgo(backSince, now.steady));
  return {
    master: serials.master,
    regressed: back || standings.some(({ away }) => away !== undefined && away > 0),
    standings,
    history: {
      ...(back ? { serial: known.serial, backSince } : { serial: serials.master }),
      differs: Object.fromEntries(
        found.flatMap(({ name, differs }) => (differs === undefined ? [] : [[name, differs]])),
      ),
    },
  };
}

/** A moment to come was taken from another clock, or from one that was set back since: it begins now. */
const earliest = (known: number | undefined, now: Instant): Instant =>
  instant(Math.min(known ?? now, now));

const isRepaired = ({ master, slaves }: Serials): boolean =>
  slaves.length > 0 && slaves.every(({ soa }) => soa?.serial === master);

const isLongAgo = (since: Instant, now: Instant): boolean => between(since, now) >= FORGIVEN_AFTER;

/** One slave's place, and since when it is not the master's; of one without an answer, what was known stays. */
function compareSlave(
  known: ZoneHistory | undefined,
  master: number,
  { name, soa, expiresIn }: SlaveView,
  now: Present,
): { name: string; differs: Since | undefined; standing?: Standing } {
  const before = known?.differs[name];
  if (soa === undefined) return { name, differs: before };
  const { serial } = soa;
  const away = serialDistance(master, serial);
  if (away === 0) {
    return {
      name,
      differs: undefined,
      standing: { slave: name, serial, expiresIn, away, ...IN_STEP },
    };
  }
  const steady = earliest(before?.steady, now.steady);
  const wall = earliest(before?.wall, now.wall);
  const waited = Math.max(between(steady, now.steady), sinceContact(soa, expiresIn) ?? 0);
  const overdue = away !== undefined && away < 0 && waited > patienceOf(soa);
  return {
    name,
    differs: { steady, wall },
    standing: { slave: name, serial, expiresIn, away, since: wall, overdue },
  };
}

const IN_STEP = { since: undefined, overdue: false } as const;

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

/** Who serves which serial, where they differ or the master went back. */
export function witnesses({
  master,
  standings,
  regressed,
  history,
}: Comparison): string | undefined {
  if (!regressed && standings.every(({ away }) => away === 0)) return undefined;
  const seen = history.serial === master ? [] : [`${history.serial} was at the master before`];
  return [
    `the master serves ${master}`,
    ...standings.map(
      ({ slave, serial, away, expiresIn }) => `${slave} ${serial}${lifeOf(away, expiresIn)}`,
    ),
    ...seen,
  ].join(', ');
}

/** A slave that is ahead keeps its version until it expires: nothing renews it. */
const lifeOf = (away: number | undefined, expiresIn: Seconds | undefined): string =>
  away === undefined || away <= 0 || expiresIn === undefined
    ? ''
    : ` (until it expires in ${formatDuration(expiresIn)})`;
