import { z } from 'zod';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import {
  compareSerials,
  describe,
  witnesses,
  type Comparison,
  type Present,
  type ZoneHistory,
} from './history.ts';
import * as metrics from './metrics.ts';
import { isGone, servedBy, type Server } from './servers.ts';
import { summarise } from './zone.ts';

/** By zone; see `ZoneHistory`. */
export const historySchema = z.record(
  z.string(),
  z.object({
    serial: z.int().min(0).max(0xffff_ffff),
    backSince: z.number().optional(),
    differs: z.record(z.string(), z.object({ steady: z.number(), wall: z.number() })),
  }),
);
type Histories = z.infer<typeof historySchema>;

/** Of how many zones all serials are told one by one. */
const IN_FULL = 5;

/** Every slave against the master, and the master against its own past. */
export function compareAll(
  zones: readonly string[],
  master: Server,
  slaves: readonly Server[],
  before: Histories,
  now: Present,
): { readonly notes: readonly Note[]; readonly histories: Histories } {
  const looked = zones.map((zone): [string, Comparison | undefined] => {
    const serial = servedBy(master, zone)?.soa.serial;
    if (serial === undefined) return [zone, undefined];
    const found = slaves.map((slave) => {
      const served = servedBy(slave, zone);
      return { name: slave.name, soa: served?.soa, expiresIn: served?.expiresIn };
    });
    return [zone, compareSerials(before[zone], { master: serial, slaves: found }, now)];
  });
  const serials = looked.flatMap(([zone, each]): [string, string][] => {
    const says = each && witnesses(each);
    return says === undefined ? [] : [[zone, says]];
  });
  return {
    notes: [
      ...summarise(
        looked.flatMap(([zone, each]) => describe(each).map((says) => [says, zone] as const)),
      ).map((says) => evidence('zones', says)),
      ...serials.slice(0, IN_FULL).map(([zone, says]) => evidence(zone, says)),
      ...looked.flatMap(([zone, each]) => (each === undefined ? [] : comparisonNotes(zone, each))),
      ...slaves.flatMap(({ name }) => counts(name, looked)),
      ...countRegressed(looked.filter(([zone]) => !isGone(master, zone))),
    ],
    // What cannot be told now is kept as it was known.
    histories: Object.fromEntries(
      looked.flatMap(([zone, each]): [string, ZoneHistory][] => {
        const history = each?.history ?? before[zone];
        return history === undefined ? [] : [[zone, history]];
      }),
    ),
  };
}

/** That none went back is known only where each one was compared. */
function countRegressed(
  looked: readonly (readonly [string, Comparison | undefined])[],
): readonly Note[] {
  if (looked.length === 0) return [doesNotApply(metrics.zonesRegressed, {})];
  const count = looked.filter(([, each]) => each?.regressed === true).length;
  const whole = looked.every(([, each]) => each !== undefined);
  return count > 0 || whole ? [observe(metrics.zonesRegressed, count, {})] : [];
}

/** Of the zones whose order is known. */
function counts(
  server: string,
  looked: readonly (readonly [string, Comparison | undefined])[],
): readonly Note[] {
  const known = looked
    .flatMap(([, each]) => each?.standings ?? [])
    .filter(({ slave, away }) => slave === server && away !== undefined);
  if (known.length === 0) return [];
  const late = known.filter(({ away = 0 }) => away < 0);
  return [
    observe(metrics.zonesBehind, late.length, { server }),
    observe(metrics.zonesOverdue, late.filter(({ overdue }) => overdue).length, { server }),
  ];
}

const comparisonNotes = (zone: string, { regressed, standings }: Comparison): readonly Note[] => [
  observe(metrics.regressed, regressed, { zone }),
  ...standings.flatMap(({ slave: server, away, since, overdue }) => [
    ...(since === undefined
      ? []
      : [observe(metrics.outOfSyncSince, since / 1000, { zone, server })]),
    ...(away === undefined
      ? [
          gap(
            server,
            new CheckFailure('protocol', `the serials of ${zone} have no order (RFC 1982)`),
          ),
        ]
      : [
          observe(metrics.distance, away, { zone, server }),
          observe(metrics.behind, away < 0, { zone, server }),
          observe(metrics.overdue, overdue, { zone, server }),
        ]),
  ]),
];
