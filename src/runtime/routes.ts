import type { Check, CheckResult } from '../core/check.ts';
import { resultJson } from '../core/describe.ts';
import type { Region } from '../core/region.ts';
import { formatDuration, seconds, type Clock } from '../core/time.ts';
import type { Means } from './invoke.ts';
import type { Latest } from './latest.ts';
import type { OverdueWatch } from './overdue.ts';
import { page, type PageAlert } from './page.ts';
import { probe, scrapeLimit } from './probe.ts';
import { targetsOf, targetsOfRule } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { readRunbook, RunbookError, runbookText, situationOf } from './runbooks.ts';
import type { Planned } from './schedule.ts';
import { json, text, Unavailable, type Reply, type Request, type Route } from './server.ts';

/** What the routes show, and what they need for a probe. */
export interface Sources {
  readonly title: string;
  readonly checks: readonly Check[];
  readonly regions: readonly Region[];
  readonly planned: readonly Planned[];
  readonly latest: Latest;
  /** The newest results, as they count at this moment. */
  readonly results: readonly CheckResult[];
  readonly alerts: readonly PageAlert[];
  readonly recorder: Recorder;
  readonly overdue: OverdueWatch;
  readonly clock: Clock;
  readonly means: Means;
}

/** A loop that has not turned for this long is stuck. */
const STUCK = seconds(10);
const MOST_PROBES = 32;

/** The monitor's HTTP face: `/metrics`, `/probe`, `/healthz`, `/readyz`, `/status.json` and the page. */
export function routes(now: () => Sources | undefined): Readonly<Record<string, Route>> {
  const sources = (): Sources => {
    const found = now();
    if (found === undefined) throw new Unavailable('the monitor is just starting');
    return found;
  };
  let probes = 0;
  return {
    '/': () => {
      const { title, regions, results, alerts, clock } = sources();
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: page(title, regions, results, alerts, clock.now()),
      };
    },
    '/metrics': async () => {
      const { recorder } = sources();
      return { status: 200, type: recorder.contentType, body: await recorder.metrics() };
    },
    '/probe': async (request) => {
      if (probes >= MOST_PROBES) return text(503, `${MOST_PROBES} probes are under way; try again`);
      probes += 1;
      try {
        return await answerProbe(request, sources());
      } finally {
        probes -= 1;
      }
    },
    '/status.json': () => json(200, sources().results.map(resultJson)),
    '/runbooks/*': (request) => answerRunbook(request, sources()),
    '/healthz': () => health(sources()),
    '/readyz': () => ready(sources()),
  };
}

async function answerProbe({ query, headers, signal }: Request, sources: Sources): Promise<Reply> {
  const { checks, regions, latest, recorder, means } = sources;
  const check = checks.find(({ name }) => name === query.get('check'));
  if (check === undefined)
    return text(
      400,
      `check=${query.get('check') ?? ''} is not known; there is ${checks.map(({ name }) => name).join(', ')}`,
    );
  const wanted = query.get('region') ?? query.get('target') ?? undefined;
  const region = chosen(wanted, targetsOf(check, regions));
  if (typeof region === 'string') return text(400, region);
  const header = headers['x-prometheus-scrape-timeout-seconds'];
  const body = await probe(
    checks,
    {
      check,
      region,
      limit: scrapeLimit(typeof header === 'string' ? header : undefined),
      debug: query.get('debug') === 'true',
    },
    ({ name }) => ({
      memory: latest.memory(name, region.name),
      standing: latest.standing(name, region.name),
    }),
    { ...means, signal },
  );
  return { status: 200, type: recorder.contentType, body };
}

/** One runbook, for a region and its newest results; further parameters are facts that somebody found out. */
function answerRunbook({ path, query }: Request, { checks, regions, results }: Sources): Reply {
  const { region: wanted, ...given } = Object.fromEntries(query);
  const alert = path.replace('/runbooks/', '');
  const region = chosen(wanted, targetsOfRule(alert, checks, regions));
  if (typeof region === 'string') return text(400, region);
  try {
    const runbook = readRunbook(alert);
    const situation = situationOf(runbook.alert, region, results, given);
    return text(200, runbookText(runbook, situation));
  } catch (error) {
    if (error instanceof RunbookError) return text(404, error.message);
    throw error;
  }
}

/** The target that is asked for; the only one, when none is; else what is wrong with the question. */
function chosen(wanted: string | undefined, targets: readonly Region[]): Region | string {
  const [region, second] = targets.filter(({ name }) => name === (wanted ?? name));
  if (region !== undefined && second === undefined) return region;
  const names = targets.map(({ name }) => name).join(', ');
  return `region=${wanted ?? ''} is not known; there is ${names}`;
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
