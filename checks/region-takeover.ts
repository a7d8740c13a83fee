import { notesOnTakeover, seeTakeover, stuck } from '../src/analysis/region/takeover.ts';
import { defineCheck, gap, skip } from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import type { Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

/** Who holds the address is seen by one of these, or by nobody. */
const absence = ({ pgpool, dns, interface: wire, marker }: Region): string | undefined =>
  pgpool?.pcp === undefined && dns === undefined && wire === undefined && marker === undefined
    ? 'nothing that is configured tells who holds the virtual address'
    : undefined;

export default defineCheck({
  name: 'region-takeover',
  about:
    'Whether the region application followed the virtual address, or still has the database or the event loops of before the failover.',
  every: '1m',
  timeout: seconds(1),
  needs: ['vip-owner', 'cluster-controllers', 'postgres-vip'],
  absence,
  metrics: [stuck],
  rules: [
    {
      name: 'MaasHaRegionStuckAfterFailover',
      severity: 'critical',
      metric: stuck,
      when: { equal: 1 },
      // The metric itself waits for 120 s after the move.
      for: seconds(0),
      // That names every part that did not follow, this one among them, and earlier.
      inhibitedBy: [{ alert: 'MaasHaFailoverIncomplete' }],
      summary:
        '{node} has taken the virtual address over, and its region application has not noticed: restart it there',
    },
  ],
  run: (region, { needs, clock, once }) => {
    const reason = absence(region);
    if (reason !== undefined) return Promise.resolve([skip('region', 'config', reason)]);
    const seen = seeTakeover(Object.values(needs), clock.now());
    return Promise.resolve(
      typeof seen === 'string'
        ? [gap('region', new CheckFailure('dependency', seen))]
        : notesOnTakeover(region, seen, once),
    );
  },
});
