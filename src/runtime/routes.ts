import type { Check, CheckResult } from '../core/check.ts';
import { resultJson } from '../core/describe.ts';
import type { Region } from '../core/region.ts';
import { formatDuration, seconds, type Clock } from '../core/time.ts';
import { Gate } from './gate.ts';
import type { Means } from './invoke.ts';
import type { Latest } from './latest.ts';
import type { OverdueWatch } from './overdue.ts';
import { probeRoutes, ROOM, type Probing } from './probe-routes.ts';
import { Prober } from './prober.ts';
import type { Recorder } from './recorder.ts';
import { runbookReply } from './runbook-reply.ts';
import type { Planned } from './schedule.ts';
import { json, text, Unavailable, type Reply, type Route } from './server.ts';

/** What the routes show, and what they need for a probe. */
export interface Sources {
  readonly checks: readonly Check[];
  readonly regions: readonly Region[];
  readonly planned: readonly Planned[];
  readonly latest: Latest;
  /** The newest results, as they count at this moment. */
  readonly results: readonly CheckResult[];
  readonly recorder: Recorder;
  readonly overdue: OverdueWatch;
  readonly clock: Clock;
  readonly means: Means;
}

/** A loop that has not turned for this long is stuck. */
const STUCK = seconds(10);

/** The monitor's HTTP face: `/metrics`, `/probe`, `/sd`, `/healthz`, `/readyz`, and `/status.json`; the page is its own. */
export function routes(now: () => Sources | undefined): Readonly<Record<string, Route>> {
  const sources = (): Sources => {
    const found = now();
    if (found === undefined) throw new Unavailable('the monitor is just starting');
    return found;
  };
  const probing = followChecks();
  return {
    '/metrics': async ({ headers }) => ({
      status: 200,
      ...(await sources().recorder.metrics(headers.accept)),
    }),
    ...probeRoutes(() => probing(sources())),
    '/status.json': () => json(200, sources().results.map(resultJson)),
    '/runbooks/*': (request) => runbookReply(request, sources()),
    '/healthz': () => health(sources()),
    '/readyz': () => ready(sources()),
  };
}

/** Probes of the checks that are in force; a run under way is shared as long as those do not change. */
function followChecks(): (sources: Sources) => Probing {
  const gate = new Gate(ROOM);
  let prober: Prober | undefined;
  return ({ checks, latest, means, regions, clock }) => {
    // What the service sees by itself is at /metrics: here everybody who asks has a look of his own.
    if (prober?.checks !== checks) prober = new Prober({ checks, latest, means, gate });
    return { prober, regions, clock };
  };
}

/** Alive: the loop turns and the schedule is not dead. A supervisor restarts what is not. */
function health({ overdue, planned }: Sources): Reply {
  const late = overdue.overdue();
  if (overdue.idle > STUCK)
    return text(503, `the loop has not turned for ${formatDuration(overdue.idle)}`);
  // Only what is planned somewhere: a check that exists for no region is never late.
  const scheduled = planned.filter(({ check }) => check.needs === undefined);
  const names = new Set(scheduled.map(({ check }) => check.name));
  if (late.length > 0 && new Set(late.map(({ check }) => check)).size === names.size)
    return text(503, 'no check completes any more');
  return text(
    200,
    [
      'ok',
      ...late.map(
        ({ check, region, silent }) =>
          `overdue: ${check} on ${region} for ${formatDuration(silent)}`,
      ),
    ].join('\n'),
  );
}

/** Ready: every check has completed once, so that what is shown is the whole picture. */
function ready({ planned, latest }: Sources): Reply {
  const waiting = planned
    .filter(({ check, region }) => latest.get(check.name, region.name) === undefined)
    .map(({ check, region }) => `${check.name} on ${region.name}`);
  return waiting.length === 0 ? text(200, 'ready') : text(503, `waiting for ${waiting.join(', ')}`);
}
