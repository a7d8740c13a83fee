import { setImmediate } from 'node:timers/promises';
import type { Notifier } from '../../alerts/notifier.ts';
import type { Config } from '../config/load.ts';
import type { Check, CheckResult } from '../core/check.ts';
import { readRecord, RecordError, type Recorded } from '../core/record.ts';
import { instant, type Instant } from '../core/time.ts';
import { Alerting } from './alerting.ts';
import { Latest } from './latest.ts';
import { ReplayClock } from './replay-clock.ts';

/** What a replay is told while it goes on. */
export interface ReplayFaces {
  /** A message that would have been sent, and when. */
  readonly tell: (line: string, at: Instant) => void;
  /** How many lines have been read so far. */
  readonly progress?: (lines: number) => void;
}

export interface Replayed {
  readonly results: number;
  /** Results of checks or regions that are not configured now. */
  readonly strange: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** After the last line: what is on its way by then arrives. What comes later was not recorded. */
const AFTERMATH = 60_000;

/**
 * Runs a recording through today's rules, timers and routes: nothing is sent or kept, and what would
 * have been sent is told, with the moment at which it would have been.
 *
 * @throws RecordError with the line's number, for a line that is no record.
 */
export async function replay(
  lines: Iterable<string>,
  config: Config,
  checks: readonly Check[],
  notifiers: readonly Notifier[],
  { tell, progress }: ReplayFaces,
): Promise<Replayed> {
  const latest = new Latest();
  const regions = new Set([...config.regions.map(({ name }) => name), 'monitor']);
  let run:
    | { readonly clock: ReplayClock; readonly alerting: Alerting; readonly from: Instant }
    | undefined;
  let count = 0;
  let results = 0;
  let strange = 0;
  for (const line of lines) {
    count += 1;
    progress?.(count);
    const found = read(line, count, checks, latest);
    if (found === undefined || !regions.has(found.result.region)) {
      strange += Number(line.trim() !== '');
      continue;
    }
    run ??= await begin(found, config, checks, notifiers, latest, tell);
    await passUntil(run.clock, found.steady);
    run.clock.set(found.at);
    latest.put(found.result);
    run.alerting.take(found.result);
    results += 1;
  }
  if (run === undefined) throw new RecordError('the file holds no result that could be replayed');
  const to = run.clock.now();
  await passUntil(run.clock, instant(run.clock.steady() + AFTERMATH));
  await run.alerting.stop();
  return { results, strange, from: run.from, to };
}

function read(
  line: string,
  number: number,
  checks: readonly Check[],
  latest: Latest,
): Recorded | undefined {
  if (line.trim() === '') return undefined;
  try {
    return readRecord(line, checks, (check, region): CheckResult | undefined =>
      latest.get(check, region),
    );
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new RecordError(`line ${number}: ${error.message}`);
  }
}

async function begin(
  { at, steady }: Recorded,
  config: Config,
  checks: readonly Check[],
  notifiers: readonly Notifier[],
  latest: Latest,
  tell: ReplayFaces['tell'],
) {
  const clock = new ReplayClock(at, steady);
  const alerting = await Alerting.open(config.alerting, {
    clock,
    notifiers,
    declared: [...new Set(checks.flatMap(({ rules }) => rules))],
    results: () => latest.all(),
    // The middle of every pause: a replay is the same each time.
    random: () => 0.5,
    print: (line) => {
      tell(line, clock.now());
    },
    onError: (error) => {
      throw error;
    },
    dryRun: true,
  });
  await alerting.configure(config, checks);
  return { clock, alerting, from: at };
}

/** Lets time pass timer by timer; what a timer set off is done before the next. */
async function passUntil(clock: ReplayClock, until: Instant): Promise<void> {
  while (clock.steady() < until) {
    clock.pass(clock.next(until));
    for (let turn = 0; turn < 4; turn += 1) await setImmediate();
  }
}
