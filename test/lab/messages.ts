import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/load.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { plan } from '../../src/runtime/plan.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { untilInterrupted } from './interrupt.ts';
import * as lab from './lab.ts';
import { complaintsOf, tableOf, toldIn, type Trial } from './messages-report.ts';
import { removeDirectory, someDirectory, watch, type Known, type Watch } from './messages-watch.ts';
import { paths } from './plan.ts';
import { sleep } from './shell.ts';

/*
 * `npm run lab -- messages [FAULT…]`: what people are told of each fault, by the real monitor through
 * real channels, and that they are told nothing while all is well.
 */

/** What a trial is made with. */
export interface Means {
  /** For what the monitor keeps; must not be there yet. */
  readonly directory: string;
  readonly say: (line: string) => void;
  /** Somebody wants to stop: what is injected is healed first. */
  readonly signal?: AbortSignal;
}

const LOOK = 2_000;
/** A region that has just been brought up or healed is well in every check within this. */
const GETS_WELL = 300_000;
/** The longest until all that a fault sets off is told, and until its end is. */
const SETTLES = 480_000;
/** Nothing happened for so long: nothing more comes. */
const STILL = 20_000;
/** A fault stays at least so long. */
const STAYS = 75_000;

type Alert = Known['alerts'][number];

const isOver = ({ condition }: Alert): boolean =>
  condition.is === 'inactive' || condition.is === 'resolved';

/** Neither better nor worse is on the way, and nothing waits to be told. */
const isDecided = ({ condition, visibility }: Alert): boolean =>
  condition.is !== 'pending' &&
  condition.is !== 'recovering' &&
  (condition.is !== 'firing' || !['held', 'undecided'].includes(visibility.is));

const isStill = ({ transitions }: Known): boolean =>
  Date.now() - (transitions.at(-1)?.at ?? 0) > STILL;

export const isWell = ({ waiting, alerts }: Known): boolean =>
  waiting === 0 && alerts.every(isOver);

const isTold = ({ waiting, alerts }: Known): boolean =>
  waiting === 0 &&
  alerts.every(isDecided) &&
  alerts.some(({ condition }) => condition.is === 'firing');

/** Looks until it is as wanted; false when it does not become so in time. */
export async function until(
  watched: Watch,
  limit: number,
  wanted: (known: Known) => boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const end = Date.now() + limit;
  while (!wanted(await watched.known())) {
    signal?.throwIfAborted();
    if (Date.now() > end) return false;
    await sleep(LOOK);
  }
  return true;
}

/** A monitor that has looked at all and found it well. @throws Error when that takes too long. */
export async function begin({ directory, signal }: Means, listen?: object): Promise<Watch> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const watched = await watch(directory, listen);
  try {
    const checks = await planned();
    const looked = (known: Known): boolean =>
      checks.every((name) => known.seen.includes(name)) && isWell(known);
    if (await until(watched, GETS_WELL, looked, signal)) return watched;
    throw new Error(`the region does not get well: ${namesOf(await watched.known())}`);
  } catch (error) {
    await watched.stop();
    throw error;
  }
}

/** The checks that exist for the lab's region, and those of the monitor. */
async function planned(): Promise<readonly string[]> {
  const checks = await loadChecks();
  const { regions } = loadConfig(paths.config, { checks, scheduleProblem });
  return plan(checks, regions).map(({ check }) => check.name);
}

const namesOf = ({ alerts }: Known): string =>
  alerts
    .filter((each) => !isOver(each))
    .map(({ rule, condition }) => `${rule} ${condition.is}`)
    .join(', ');

/** One fault from its injection to the last message about it. */
export async function tryFault(fault: string, means: Means): Promise<Trial> {
  const { say, signal } = means;
  const watched = await begin(means);
  const remarks: string[] = [];
  const wait = async (otherwise: string, wanted: (known: Known) => boolean): Promise<void> => {
    if (await until(watched, SETTLES, wanted, signal)) return;
    remarks.push(`${otherwise} within ${SETTLES / 1000} s: ${namesOf(await watched.known())}`);
  };
  try {
    const injected = Date.now();
    await lab.inject(fault, say);
    try {
      const stays = (): boolean => Date.now() - injected > STAYS;
      await wait('is not settled', (known) => stays() && isTold(known) && isStill(known));
    } finally {
      await lab.heal(fault, say);
      watched.reload();
    }
    const healed = Date.now();
    await wait('is not over', (known) => isWell(known) && isStill(known));
    const { transitions } = await watched.known();
    return { fault, injected, healed, heard: watched.heard, transitions, remarks };
  } finally {
    await watched.stop();
  }
}

/** A time in which nothing is wrong: nobody is to hear anything. */
async function tryQuiet(minutes: number, means: Means): Promise<Trial> {
  const watched = await begin(means);
  try {
    const from = Date.now();
    await until(watched, minutes * 60_000, () => false, means.signal);
    const { heard } = watched;
    const { transitions } = await watched.known();
    const remarks = heard.length === 0 ? [] : [`${heard.length} messages instead of none`];
    const fault = `none, for ${minutes} min`;
    return { fault, injected: from, healed: from, heard, transitions, remarks };
  } finally {
    await watched.stop();
  }
}

type Say = Means['say'];

interface Wanted {
  readonly faults: readonly string[];
  readonly quiet: number;
  readonly keep: string | undefined;
}

/** @throws RangeError for a fault that there is not. */
async function wantedIn(args: readonly string[]): Promise<Wanted> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quiet: { type: 'string', default: '10' }, keep: { type: 'string' } },
  });
  const all = (await lab.listFaults()).map(({ name }) => name);
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no fault ${unknown}`);
  return {
    faults: positionals.length > 0 ? positionals : all,
    quiet: Number(values.quiet),
    keep: values.keep,
  };
}

/** The whole program. Returns the exit code: 0 when every incident was told as it should be. */
export async function messages(
  args: readonly string[],
  say: Say,
  print: (text: string) => void,
): Promise<number> {
  const { faults, quiet, keep } = await wantedIn(args);
  const ours = !lab.exists();
  await lab.up(say);
  const signal = untilInterrupted(say);
  const folder = keep ?? someDirectory();
  const trials: Trial[] = [];
  try {
    for (const fault of faults) {
      const trial = await tryFault(fault, { directory: join(folder, fault), say, signal });
      trials.push(trial);
      tellProgress(trial, say);
    }
    if (quiet > 0)
      trials.push(await tryQuiet(quiet, { directory: join(folder, 'quiet'), say, signal }));
  } finally {
    if (trials.length > 0) print(tableOf(trials));
    if (keep === undefined) removeDirectory(folder);
    if (ours) await lab.down();
  }
  return trials.every((trial) => complaintsOf(trial).length === 0) ? 0 : 1;
}

function tellProgress(trial: Trial, say: Say): void {
  const told = toldIn(trial).map(({ name, explains }) => `${name} (explains ${explains.length})`);
  say(`${trial.fault}: ${told.join(', ') || 'nobody was told'}`);
  for (const complaint of complaintsOf(trial)) say(`  ${complaint}`);
}
