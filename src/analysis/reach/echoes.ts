import { z } from 'zod';
import { doesNotApply, evidence, gap, remember, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { PingReport } from '../../core/ports/network.ts';
import { best, type Connected, type Pinged } from './answer.ts';

/* What the echoes of the virtual address say, and what it means that there are none. */

export const lossRatio = gauge({
  name: 'maasha_vip_icmp_loss_ratio',
  help: 'Share of the echo requests of one run that the virtual address left unanswered, from 0 to 1, as long as it answers any.',
  labels: [],
});
export const roundTrip = gauge({
  name: 'maasha_vip_icmp_round_trip_seconds',
  help: 'Round trip of the echoes of one run from the monitor to the virtual address: least, mean or greatest.',
  labels: ['stat'],
});

/** A look or two without any echo may be loss. So many in a row, with TCP answered in each, are a filter. */
const FILTERED_AFTER = 30;

/** Looks in a row at which no echo came back though TCP was answered; others neither add nor end it. */
const memory = z.object({ withoutEcho: z.int().min(0) });

const UNDECIDED = gap(
  'echoes',
  new CheckFailure('timeout', 'whether they are lost or filtered shows after some minutes'),
);

interface Sight {
  readonly ping: Pinged;
  readonly connections: readonly Connected[];
}

/** What is to be said of the echoes, after what an earlier run remembered of them. */
export function notesOnEchoes({ ping: { report }, connections }: Sight, before: unknown) {
  const known = memory.safeParse(before).data?.withoutEcho ?? 0;
  if (report === undefined) return { notes: [], kept: remember({ withoutEcho: known }) };
  if (report.received > 0) return { notes: heard(report), kept: remember({ withoutEcho: 0 }) };
  const alive = best(connections.map(({ answer }) => answer)) === 'answered';
  const withoutEcho = alive ? Math.min(known + 1, FILTERED_AFTER) : known;
  const notes: readonly Note[] = [
    evidence('vip', `answers none of ${report.sent} echo requests${by(report)}`),
    ...(alive ? [withoutEcho === FILTERED_AFTER ? doesNotApply(lossRatio, {}) : UNDECIDED] : []),
  ];
  return { notes, kept: remember({ withoutEcho }) };
}

const by = ({ method }: PingReport): string => (method === 'ping' ? ' (by ping(8))' : '');

function heard(report: PingReport): readonly Note[] {
  const { sent, received, roundTrips } = report;
  const mean = roundTrips.reduce((sum, each) => sum + each, 0) / roundTrips.length;
  const legible = Number((mean * 1000).toPrecision(2));
  return [
    observe(lossRatio, 1 - received / sent, {}),
    observe(roundTrip, Math.min(...roundTrips), { stat: 'min' }),
    observe(roundTrip, mean, { stat: 'mean' }),
    observe(roundTrip, Math.max(...roundTrips), { stat: 'max' }),
    evidence(
      'vip',
      `answers ${received} of ${sent} echo requests${by(report)}, in ${legible} ms each`,
    ),
  ];
}
