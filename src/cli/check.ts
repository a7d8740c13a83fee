import { worst, type State } from '../core/check.ts';
import { seconds } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { openWorld } from '../io/world.ts';
import { destination, emit, type EmitOptions } from './emit.ts';
import { EXIT, exitCode, UsageError } from './exit.ts';
import { formats } from './formats.ts';
import { look, prepare, type Look } from './look.ts';
import { seenFromHere } from './own-node.ts';
import { withServiceFacts } from './pushed.ts';

interface Options extends EmitOptions {
  readonly config?: string;
  readonly region?: string;
  readonly format?: keyof typeof formats;
  readonly explain?: boolean;
  readonly watch?: boolean | string;
}

/** `maasha check`: looks once (or with --watch again and again) and exits with the worst state seen. */
export async function check(names: readonly string[], options: Options): Promise<void> {
  const format = formats[options.format ?? 'human'];
  const life = new AbortController();
  const interrupt = (): void => {
    life.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const ready = await prepared(names, options);
    const to = destination(ready, options);
    const pause = watchInterval(options.watch);
    const opened = openWorld(systemClock, { keepPostgres: pause !== undefined });
    const world = withServiceFacts(opened, ready.setup.config);
    const means = { clock: systemClock, world, signal: life.signal };
    try {
      const show = async (): Promise<State> => {
        const results = (await look(ready, means)).flatMap((each) => each.results);
        process.stdout.write(format(results, options.explain === true));
        const [result] = results;
        if (to !== undefined && result !== undefined) await emit(to, result);
        return worst(results.map(({ state }) => state));
      };
      let state = await show();
      while (pause !== undefined && !(await interruptedDuring(pause, life.signal)))
        state = await show();
      process.exitCode = life.signal.aborted ? EXIT.interrupted : exitOf(state, options.format);
    } finally {
      await world.close();
    }
  } catch (error) {
    if (options.format !== 'nagios' || !(error instanceof Error)) throw error;
    // To a plugin's caller, 2 would mean that the region is critical; it only means that we cannot look.
    process.stdout.write(
      `MAASHA UNKNOWN - ${error.message.replaceAll('\n', ' ').replaceAll('|', '/')}\n`,
    );
    process.exitCode = EXIT.unknown;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** With --emit it looks from where it runs: whoever pushes speaks of his own machine. */
async function prepared(names: readonly string[], options: Options): Promise<Look> {
  const ready = await prepare(names, options);
  return options.emit === undefined
    ? ready
    : { ...ready, regions: ready.regions.map((region) => seenFromHere(region)) };
}

/** A plugin that looked at nothing knows nothing; to a person that is no problem. */
const exitOf = (state: State, format: Options['format']): number =>
  state === 'skipped' && format === 'nagios' ? EXIT.unknown : exitCode(state);

function watchInterval(watch: boolean | string | undefined): number | undefined {
  if (watch === undefined || watch === false) return undefined;
  const interval = watch === true ? 5 : Number(watch);
  if (Number.isFinite(interval) && interval >= 1) return interval;
  throw new UsageError(`--watch ${String(watch)}: expected a number of seconds, at least 1`);
}

/** Waits; true as soon as the person has had enough. */
const interruptedDuring = (pause: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve(signal.aborted);
    };
    const cancel = systemClock.after(seconds(pause), end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
