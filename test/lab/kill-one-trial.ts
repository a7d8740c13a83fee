import * as lab from './lab.ts';
import { labelKey } from '../../src/core/metric.ts';
import { REGIONS, type Victim } from './kill-one-config.ts';
import { isOurs, sendingOrder, standings, unrest, type Standing } from './kill-one-look.ts';
import type { Notice } from './kill-one-post.ts';
import type { Stage } from './kill-one-stage.ts';
import { sleep } from './shell.ts';

/*
 * One fault, and one that is killed during it.
 *
 * all is well → fault → kill → the page → a time in which no second one may come → heal → it is over →
 * what was killed is started again → all is well
 */

/** When to kill. `waiting`: Alertmanager has the alert, and waits for others to tell with it. */
export const MOMENTS = ['at once', 'pending', 'waiting', 'told'] as const;
export type Moment = (typeof MOMENTS)[number];

/** What is to be tried. */
export interface Plan {
  readonly victim: Victim | 'none';
  readonly moment: Moment;
  readonly fault: string;
}

/** What came of it; times are milliseconds since the Unix epoch. */
export interface Trial extends Plan {
  readonly injected: number;
  readonly killed: number | undefined;
  readonly healed: number;
  /** Of the two Alertmanagers, the first sends at once. */
  readonly order: readonly string[];
  /** Everything that was told from the injection until all was well again. */
  readonly heard: readonly Notice[];
  /** An alert of the page that did not go on at one of them, in words. */
  readonly lapses: readonly string[];
  /** What did not happen in time. */
  readonly remarks: readonly string[];
}

export interface Means {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const LOOK = 2_000;
const GETS_WELL = 420_000;
const TELLS = 300_000;
/** Nobody kills exactly when something happens. */
const SOMEWHAT_LATER = 1_500;
/** Alerts for which somebody is woken. */
const PAGE = 'page';

export const pagesOf = ({ heard }: Pick<Trial, 'heard'>): readonly Notice[] =>
  heard.filter(({ receiver, status }) => receiver === PAGE && status === 'firing');

export const endsOf = ({ heard }: Pick<Trial, 'heard'>): readonly Notice[] =>
  heard.filter(({ receiver, status }) => receiver === PAGE && status === 'resolved');

/** The region that a notification is about. */
export const regionOf = ({ group, alerts }: Notice): string =>
  group['region'] ?? alerts[0]?.labels['region'] ?? '?';

/** Looks until it is as wanted; false when it does not become so in time. */
async function until(
  limit: number,
  signal: AbortSignal,
  wanted: () => boolean | Promise<boolean>,
  every = LOOK,
): Promise<boolean> {
  const end = Date.now() + limit;
  while (!(await wanted())) {
    signal.throwIfAborted();
    if (Date.now() > end) return false;
    await sleep(every);
  }
  return true;
}

/**
 * Waits until all runs, all is well, and nobody has been told anything for longer than Alertmanager's
 * interval; says what is missing when that does not come.
 */
async function untilWell(stage: Stage, { signal, say }: Means): Promise<readonly string[]> {
  let why: readonly string[] = [];
  const still = (): boolean => Date.now() - (stage.heard.at(-1)?.at ?? 0) > stage.interval;
  const look = async (): Promise<boolean> => {
    const now = await unrest(stage);
    if (now.length > 0 && why.length === 0) say(`  waiting: ${now.slice(0, 3).join('; ')}`);
    why = now;
    return why.length === 0 && still();
  };
  return (await until(GETS_WELL, signal, look)) ? [] : [...why, 'all is not well'];
}

/** Tries one. @throws Error when all is not well before it begins. */
export async function tryPlan(plan: Plan, stage: Stage, means: Means): Promise<Trial> {
  const { say } = means;
  const before = await untilWell(stage, means);
  if (before.length > 0) throw new Error(`before the fault: ${before.join('; ')}`);
  const first = stage.heard.length;
  const run: Run = {
    plan,
    stage,
    means,
    heard: () => stage.heard.slice(first),
    vigil: keepVigil(stage, () => stage.heard.slice(first)),
    remarks: [],
  };
  const order = await sendingOrder(stage);
  await lab.inject(plan.fault, say);
  const injected = Date.now();
  let killed: number | undefined;
  try {
    killed = await killInTime(run, injected);
    await untilTold(run, injected);
    await untilNoMoreComes(run);
  } finally {
    await lab.heal(plan.fault, say);
    stage.renew();
  }
  const healed = Date.now();
  await untilOver(run);
  const { heard, vigil, remarks } = run;
  return {
    ...plan,
    injected,
    killed,
    healed,
    order,
    heard: heard(),
    lapses: vigil.lapses,
    remarks,
  };
}

/** A trial that goes on. */
interface Run {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly means: Means;
  readonly heard: () => readonly Notice[];
  readonly vigil: Vigil;
  readonly remarks: string[];
}

/** Kills when it is time to; gives when that was. */
async function killInTime(run: Run, injected: number): Promise<number | undefined> {
  const { plan, stage, means, heard } = run;
  if (plan.victim === 'none') return undefined;
  if (!(await until(TELLS, means.signal, () => hasCome(plan, stage, heard()), 500)))
    run.remarks.push(`the moment to kill (${plan.moment}) did not come`);
  await sleep(SOMEWHAT_LATER);
  await stage.kill(plan.victim);
  const killed = Date.now();
  means.say(`killed ${plan.victim} ${inSeconds(killed - injected)} s after the fault`);
  return killed;
}

const regionsIn = (notices: readonly Notice[]): number =>
  new Set(notices.map(regionOf).filter(isOurs)).size;

async function untilTold({ means, heard, vigil, remarks }: Run, injected: number): Promise<void> {
  const isTold = async (): Promise<boolean> => {
    await vigil.look();
    return regionsIn(pagesOf({ heard: heard() })) === REGIONS.length;
  };
  if (!(await until(TELLS, means.signal, isTold)))
    remarks.push(`not every region is told of within ${TELLS / 1000} s`);
  for (const page of pagesOf({ heard: heard() }))
    means.say(`page of ${regionOf(page)} ${inSeconds(page.at - injected)} s after the fault`);
}

/** Two intervals of Alertmanager, and until what a dead Prometheus has said last has ended. */
async function untilNoMoreComes({ stage, means, vigil }: Run): Promise<void> {
  const end = Date.now() + Math.max(2 * stage.interval, stage.timing.endsAfter) + 5_000;
  await until(Infinity, means.signal, async () => {
    await vigil.look();
    return Date.now() > end;
  });
}

/** The end is told, what was killed runs again, and all is well. */
async function untilOver({ plan, stage, means, heard, remarks }: Run): Promise<void> {
  const isOver = (): boolean => regionsIn(endsOf({ heard: heard() })) === REGIONS.length;
  if (!(await until(TELLS + 2 * stage.interval, means.signal, isOver)))
    remarks.push('the end is not told in time');
  if (plan.victim !== 'none') await stage.startOne(plan.victim);
  remarks.push(...(await untilWell(stage, means)));
}

const inSeconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(0);

/** Whether it is time to kill. */
async function hasCome({ moment }: Plan, stage: Stage, heard: readonly Notice[]): Promise<boolean> {
  if (moment === 'at once') return true;
  if (moment === 'told') return pagesOf({ heard }).length > 0;
  const all = await standings(stage);
  const ours = all.filter(({ severity, region }) => severity === 'critical' && isOurs(region));
  if (moment === 'pending') return ours.some(({ state }) => state === 'pending');
  return ours.some(({ who }) => who.startsWith('am'));
}

interface Vigil {
  readonly lapses: readonly string[];
  look(): Promise<void>;
}

/** Whether what was told goes on at everyone that runs, until it is healed. */
function keepVigil(stage: Stage, heard: () => readonly Notice[]): Vigil {
  const lapses: string[] = [];
  const stood = new Map<string, Standing>();
  const look = async (): Promise<void> => {
    const now = await standings(stage);
    const going = new Map(now.filter(({ state }) => state !== 'pending').map((s) => [keyOf(s), s]));
    const runs = new Set<string>([...stage.prometheis.keys(), ...stage.alertmanagers.keys()]);
    const told = new Set(
      pagesOf({ heard: heard() }).flatMap(({ alerts }) =>
        alerts.map(({ labels }) => labels['alertname']),
      ),
    );
    for (const [key, { who, alert, region }] of stood)
      if (!going.has(key) && runs.has(who) && told.has(alert))
        lapses.push(`${who} let go of ${alert} of ${region}`);
    stood.clear();
    for (const [key, each] of going) stood.set(key, each);
  };
  return { lapses, look };
}

const keyOf = ({ who, labels }: Standing): string => who + labelKey(labels);
