import type { CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { seconds } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { openWorld } from '../io/world.ts';
import type { Means } from '../runtime/invoke.ts';
import { runTogether, withNeeds } from '../runtime/once.ts';
import { fits, isOfMonitor } from '../runtime/plan.ts';
import { UsageError } from './exit.ts';
import { withServiceFacts } from './pushed.ts';
import { chosenRegions, setup, type Setup } from './setup.ts';

/** What a one-off look is about. */
export interface Look {
  readonly setup: Setup;
  readonly regions: readonly Region[];
  readonly names: readonly string[];
  /** They were asked for by name: then also what does not exist in a region is told, and why. */
  readonly named: boolean;
}

export interface Looked {
  readonly region: Region;
  readonly results: readonly CheckResult[];
}

/** Reads the configuration and resolves names. @throws UsageError for a name that is not known. */
export async function prepare(
  names: readonly string[],
  options: { readonly config?: string; readonly region?: string },
): Promise<Look> {
  const found = await setup(options.config);
  const own = names.filter((name) =>
    found.checks.some((each) => each.name === name && isOfMonitor(each)),
  );
  if (own.length > 0)
    throw new UsageError(
      `${own.join(', ')} looks at a service that runs, not at a region: ask it at /probe?check=${own[0] ?? ''}`,
    );
  const known = found.checks.filter((each) => !isOfMonitor(each)).map(({ name }) => name);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0)
    throw new UsageError(`no check is named ${strange.join(', ')}; there is ${known.join(', ')}`);
  return {
    setup: found,
    regions: chosenRegions(found, options.region),
    names: names.length > 0 ? names : known,
    named: names.length > 0,
  };
}

/** Runs the named checks, and what they need, once in every region; tells a waiting person for what. */
export async function look(
  { setup: { checks }, regions, names, named }: Look,
  means: Means,
): Promise<readonly Looked[]> {
  const wanted = withNeeds(checks, names);
  const waiting = new Set(
    regions.flatMap((region) =>
      wanted.filter((check) => fits(check, region)).map(({ name }) => `${name} on ${region.name}`),
    ),
  );
  const stopTelling = means.clock.after(seconds(2), () => {
    if (process.stderr.isTTY) process.stderr.write(`waiting for ${[...waiting].join(', ')} …\n`);
  });
  const done = (result: CheckResult): void => {
    waiting.delete(`${result.check} on ${result.region}`);
  };
  try {
    return await Promise.all(
      regions.map(async (region) => {
        const all = await runTogether(
          wanted,
          region,
          () => ({ trigger: 'cli', once: true }),
          means,
          done,
        );
        const here = wanted.filter((check) => named || fits(check, region)).map(({ name }) => name);
        return {
          region,
          results: all.filter(({ check }) => names.includes(check) && here.includes(check)),
        };
      }),
    );
  } finally {
    stopTelling();
  }
}

/** A whole one-off look, with a world of its own that is closed afterwards. */
export async function lookOnce(
  names: readonly string[],
  options: { readonly config?: string; readonly region?: string },
): Promise<readonly Looked[]> {
  const ready = await prepare(names, options);
  const world = withServiceFacts(
    openWorld(systemClock, { keepPostgres: false }),
    ready.setup.config,
  );
  try {
    return await look(ready, { clock: systemClock, world, signal: new AbortController().signal });
  } finally {
    await world.close();
  }
}
