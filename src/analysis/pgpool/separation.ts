import { z } from 'zod';
import type { WatchdogPeer } from '../../core/ports/pcp.ts';
import type { Region } from '../../core/region.ts';
import { between, instant, seconds, type Instant } from '../../core/time.ts';
import type { PgpoolLook } from './look.ts';
import * as views from './views.ts';

/*
 * PCP says nothing of heartbeats. What it shows is what their loss does: at the end of the dead time the
 * watchdogs give each other up, and ten to fifteen seconds later they find each other by TCP, while every
 * pgpool answers all along. A pgpool that is restarted does not look so: its PCP port is closed until it
 * has joined. What comes after that one time cannot be seen: heartbeats may flow again, or may not.
 */

/** Shorter ones are told here; what lasts is a lost peer, or two leaders. */
const BRIEF = seconds(60);
/** While it goes on nobody knows yet which of the two it is. */
const FRESH = seconds(45);
/** Three looks: a pair that was whole longer ago may have been restarted since. */
const WHOLE_UNTIL = seconds(45);
const WINDOW = seconds(3600);

const moment = z.number().transform(instant);

export const separationMemory = z.object({
  wholeAt: moment.optional(),
  apartSince: moment.optional(),
  brief: z.array(moment).max(1000),
});

/** What is remembered of how the watchdogs held together; moments are those of the steady clock. */
export interface Separations {
  /** When they were last seen whole. */
  readonly wholeAt?: Instant | undefined;
  /** Since when they have been apart though all of them ran. */
  readonly apartSince?: Instant | undefined;
  /** When each of the short ones began. */
  readonly brief: readonly Instant[];
}

/** What is true while a pgpool takes part: anything else says by itself that it does not. */
const TAKES_PART = ['loading', 'joining', 'initializing', 'standing', 'election'];
const GIVEN_UP = ['lost', 'dead', ...TAKES_PART];

/** Whether all watchdogs hold together, or have given each other up while all run; else undefined. */
export function standing(
  region: Region,
  looks: readonly PgpoolLook[],
): 'whole' | 'apart' | undefined {
  const found = looks.map(views.watchdogOf);
  if (looks.length < 2 || found.includes(undefined)) return undefined;
  const told = found.filter((view) => view !== undefined);
  const members = told.map(({ peers }) => peers[0]);
  const seen = told.flatMap(({ peers }) =>
    peers.filter(({ host }) => views.nodeByHost(region, host) !== undefined),
  );
  const leaders = new Set(told.map(({ leaderHost }) => leaderHost));
  if (seen.every(views.isAlive) && leaders.size === 1 && countLeading(members) === 1)
    return 'whole';
  const running = members.every(
    (self) => self !== undefined && (views.isAlive(self) || TAKES_PART.includes(self.state)),
  );
  const apart = countLeading(members) > 1 || seen.some(({ state }) => GIVEN_UP.includes(state));
  return running && apart ? 'apart' : undefined;
}

const countLeading = (members: readonly (WatchdogPeer | undefined)[]): number =>
  members.filter((self) => self?.state === 'leader').length;

const within = (since: Instant | undefined, limit: number, now: Instant): boolean => {
  const age = since === undefined ? -1 : between(since, now);
  return age >= 0 && age <= limit;
};

/** What one more look adds. */
export function follow(
  before: Separations,
  found: 'whole' | 'apart' | undefined,
  now: Instant,
): Separations {
  const kept = before.brief.filter((began) => within(began, WINDOW, now));
  const { wholeAt, apartSince } = before;
  // Somebody is not seen, or takes no part: that is told by itself, and whoever is whole later began anew.
  if (found === undefined)
    return { brief: kept, ...(within(apartSince, BRIEF, now) ? { apartSince } : {}) };
  if (found === 'apart') {
    const begins = apartSince === undefined && within(wholeAt, WHOLE_UNTIL, now);
    return { wholeAt, apartSince: begins ? now : apartSince, brief: kept };
  }
  const began = apartSince !== undefined && within(apartSince, BRIEF, now) ? [apartSince] : [];
  return { wholeAt: now, brief: [...kept, ...began] };
}

/** How many there were within the last hour, one that has only just begun included. */
export const countOf = ({ brief, apartSince }: Separations, now: Instant): number =>
  brief.length + Number(within(apartSince, FRESH, now));
