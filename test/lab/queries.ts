import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { untilInterrupted } from './interrupt.ts';
import * as lab from './lab.ts';
import { loadFaults } from './faults.ts';
import { isWell, until } from './messages.ts';
import { removeDirectory, someDirectory, type Known } from './messages-watch.ts';
import { agree, compared, type Compared } from './queries-alerts.ts';
import { askAll, type Outcome } from './queries-ask.ts';
import { EXPECTED } from './queries-expected.ts';
import { askedByDashboards, variables, type Asked } from './queries-panels.ts';
import { differenceOf, samplesIn, wholeOf, type Samples } from './queries-recorded.ts';
import { complaintsOf, HEALTHY, report, unchangedIn, type Phase } from './queries-report.ts';
import { lintOf, openStage, type Stage } from './queries-stage.ts';
import { sleep } from './shell.ts';

/*
 * `npm run lab -- queries [FAULT…]`: every query of every dashboard, executed by a real Prometheus that
 * scrapes the real monitor of the real region, while all is well and in faults; and whether Prometheus,
 * with the generated rules, says the same as the service.
 */

type Say = (line: string) => void;

/** The longest until the monitor knows all of a fault, and until it is over. */
const SETTLES = 480_000;
/** The longest that Prometheus may be behind the service with an alert, and with its end. */
const FOLLOWS = 90_000;
const ENDS = 360_000;
const LOOK = 2_000;

interface Run {
  readonly stage: Stage;
  readonly asked: readonly Asked[];
  readonly signal: AbortSignal;
  readonly say: Say;
  /** Keeps what `/metrics` said. */
  readonly record: ((name: string, metrics: string) => void) | undefined;
  /** Keeps what is known so far. */
  readonly note: (phases: readonly Phase[]) => void;
}

const matches = ({ rule, labels }: Known['alerts'][number], wanted: string): boolean =>
  `${[rule, ...Object.values(labels)].join(' ')} `.startsWith(`${wanted} `);

/** All that the fault must show stands. */
const shows =
  (sees: readonly string[]) =>
  ({ alerts }: Known): boolean =>
    sees.every((wanted) =>
      alerts.some((alert) => alert.condition.is === 'firing' && matches(alert, wanted)),
    );

const standingNow = async ({ monitor, prometheus }: Stage): Promise<readonly Compared[]> =>
  compared(await monitor.known(), await prometheus.alerts());

/** What both say, as soon as they agree; what they say after a while, when they do not. */
async function whatStands({ stage, signal }: Run, limit: number): Promise<readonly Compared[]> {
  const end = Date.now() + limit;
  for (;;) {
    const alerts = await standingNow(stage);
    signal.throwIfAborted();
    if (agree(alerts) || Date.now() > end) return alerts;
    await sleep(LOOK);
  }
}

async function answersOf({ stage }: Run, asked: readonly Asked[]): Promise<readonly Outcome[]> {
  const names = variables().map(({ name }) => name);
  const everything = Object.fromEntries(names.map((name) => [name, '.*']));
  return askAll(stage.prometheus, asked, {
    at: Date.now(),
    since: stage.since,
    // As in Grafana when both are chosen: what is of the monitor itself has a region of its own.
    one: { ...everything, region: 'lab|monitor' },
    all: everything,
  });
}

/** Looks at everything as it is now. What changes with time is looked at first. */
async function phase(name: string, run: Run): Promise<Phase> {
  const { stage, asked } = run;
  await stage.caughtUp();
  const outcomes = await answersOf(run, asked);
  const metrics = await stage.metrics();
  run.record?.(name, metrics);
  const alerts = await whatStands(run, FOLLOWS);
  return { name, outcomes, alerts, lint: await lintOf(metrics), remarks: [] };
}

/** Until what must change in a fault has changed, or for so long that it is a fault of its own. */
async function untilChanged(name: string, healthy: Phase, run: Run): Promise<void> {
  const asked = run.asked.filter(({ title }) =>
    EXPECTED[name]?.some((change) => change.title === title),
  );
  const end = Date.now() + FOLLOWS;
  for (;;) {
    const outcomes = await answersOf(run, asked);
    if (unchangedIn({ ...healthy, name, outcomes }, healthy).length === 0) return;
    run.signal.throwIfAborted();
    if (Date.now() > end) return;
    await sleep(LOOK);
  }
}

async function inFault(
  fault: string,
  sees: readonly string[],
  healthy: Phase,
  run: Run,
): Promise<Phase> {
  const { stage, say, signal } = run;
  const { monitor } = stage;
  const remarks: string[] = [];
  await lab.inject(fault, say);
  let seen: Phase;
  try {
    if (!(await until(monitor, SETTLES, shows(sees), signal)))
      remarks.push(`the monitor does not show ${sees.join(', ')} within ${SETTLES / 1000} s`);
    await untilChanged(fault, healthy, run);
    seen = await phase(fault, run);
  } finally {
    await lab.heal(fault, say);
    monitor.reload();
  }
  if (!(await until(monitor, SETTLES, isWell, signal)))
    remarks.push(`the monitor does not find the region well within ${SETTLES / 1000} s`);
  const left = await whatStands(run, ENDS);
  remarks.push(
    ...left.map(({ alert, by }) => `after the healing, ${alert} still stands, says ${by}`),
  );
  return { ...seen, remarks };
}

async function all(faults: readonly string[], run: Run): Promise<readonly Phase[]> {
  const known = await loadFaults();
  const healthy = await phase(HEALTHY, run);
  const phases = [healthy];
  run.note(phases);
  run.say(`healthy: ${healthy.outcomes.length} queries`);
  for (const fault of faults) {
    const seen = await inFault(fault, known.get(fault)?.sees ?? [], healthy, run);
    phases.push(seen);
    run.note(phases);
    const ours = complaintsOf([healthy, seen]).filter((line) => line.startsWith(fault));
    run.say(`${fault}: ${ours.length === 0 ? 'as it should be' : ours.join('\n  ')}`);
  }
  return phases;
}

/** As the recorded ones are kept, with which the queries are tested where no lab can be. */
function recorder(folder: string): (name: string, metrics: string) => void {
  let healthy: Samples | undefined;
  return (name, metrics) => {
    const text = healthy === undefined ? wholeOf(metrics) : differenceOf(healthy, metrics);
    healthy ??= samplesIn(metrics);
    writeFileSync(join(folder, `${name}.prom`), text);
  };
}

interface Wanted {
  readonly faults: readonly string[];
  readonly keep: string | undefined;
  readonly json: boolean;
}

/** @throws RangeError for a fault that there is not. */
async function wantedIn(args: readonly string[]): Promise<Wanted> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { keep: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const known = await loadFaults();
  const unknown = positionals.find((name) => !known.has(name));
  if (unknown !== undefined) throw new RangeError(`there is no fault ${unknown}`);
  const faults = positionals.length > 0 ? positionals : Object.keys(EXPECTED);
  return { faults, keep: values.keep, json: values.json };
}

/** The whole program. Returns the exit code: 0 when every query answers as it should. */
export async function queries(
  args: readonly string[],
  say: Say,
  print: (text: string) => void,
): Promise<number> {
  const { faults, keep, json } = await wantedIn(args);
  const ours = !lab.exists();
  await lab.up(say);
  const signal = untilInterrupted(say);
  const folder = keep ?? someDirectory();
  mkdirSync(folder, { recursive: true });
  try {
    const stage = await openStage(folder, signal);
    try {
      const phases = await all(faults, {
        stage,
        asked: askedByDashboards(),
        signal,
        say,
        record: keep === undefined ? undefined : recorder(keep),
        note: (so) => {
          writeFileSync(join(folder, 'queries.json'), JSON.stringify(so, null, 1));
          writeFileSync(join(folder, 'queries.txt'), `${report(so)}\n`);
        },
      });
      print(json ? JSON.stringify(phases, null, 1) : report(phases));
      return complaintsOf(phases).length === 0 ? 0 : 1;
    } finally {
      await stage.stop();
    }
  } finally {
    if (keep === undefined) removeDirectory(folder);
    if (ours) await lab.down();
  }
}
