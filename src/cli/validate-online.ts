import { findRights } from '../analysis/rights/find.ts';
import type { Right } from '../analysis/rights/right.ts';
import type { Config } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import { CheckFailure } from '../core/failure.ts';
import { slavesOf, type Region } from '../core/region.ts';
import { seconds } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { sourceAddress } from '../io/source-address.ts';
import { openWorld } from '../io/world.ts';
import { fits } from '../runtime/plan.ts';
import { colours } from './colours.ts';
import { withServiceFacts } from './pushed.ts';
import { exitOf, rightsText, toDo, type Found } from './rights-text.ts';
import { chosenRegions, setup, type Setup } from './setup.ts';

interface Options {
  readonly config: string | undefined;
  readonly region: string | undefined;
  readonly json: boolean;
}

/** Every exchange has a limit of its own; this one is for all of them together. */
const ENOUGH = seconds(45);
const PATIENCE = seconds(2);

/** `maasha validate --online`: what each check may see with the accounts that are configured. It changes nothing. */
export async function validateOnline(options: Options): Promise<void> {
  const site = await setup(options.config);
  const regions = chosenRegions(site, options.region);
  const waiting = new Set(regions.map(({ name }) => name));
  const stopTelling = systemClock.after(PATIENCE, () => {
    if (process.stderr.isTTY) process.stderr.write(`looking at ${[...waiting].join(', ')} …\n`);
  });
  try {
    const all = await Promise.all(
      regions.map(async (region) => {
        const found = await lookAt(region, site);
        waiting.delete(region.name);
        return found;
      }),
    );
    print(all, options);
  } finally {
    stopTelling();
  }
}

async function lookAt(region: Region, { checks: all, config }: Setup): Promise<Found> {
  const checks = all.filter((check) => fits(check, region));
  const rights = await askAll(region, checks, config);
  const named = new Set(rights.flatMap((right) => right.checks));
  const others = checks.map(({ name }) => name).filter((name) => !named.has(name));
  return { region: region.name, rights, others };
}

async function askAll(
  region: Region,
  checks: readonly Check[],
  config: Config,
): Promise<readonly Right[]> {
  const hosts = [
    region.vip,
    ...[...region.nodes, ...slavesOf(region)].map(({ address }) => address),
  ];
  const sources = new Map(
    await Promise.all(hosts.map(async (host) => [host, await sourceAddress(host)] as const)),
  );
  const opened = openWorld(systemClock, { keepPostgres: false });
  const world = withServiceFacts(opened, config);
  const life = new AbortController();
  const cancel = systemClock.after(ENOUGH, () => {
    life.abort(new CheckFailure('timeout', 'not finished in time'));
  });
  const { ports, leave } = world.enter(life.signal);
  try {
    const asker = { region, io: ports, source: (host: string) => sources.get(host) };
    return await findRights(asker, systemClock, checks);
  } finally {
    cancel();
    leave();
    await world.close();
  }
}

function print(all: readonly Found[], { json }: Options): void {
  const exit = exitOf(all.flatMap(({ rights }) => rights));
  process.exitCode = exit;
  if (json) {
    const regions = all.map(({ region, rights, others }) => ({
      region,
      exit: exitOf(rights),
      rights: rights.map(({ remedies, ...right }) => ({ ...right, remedies })),
      others,
      toDo: toDo(rights),
    }));
    process.stdout.write(`${JSON.stringify({ exit, regions }, null, 2)}\n`);
    return;
  }
  const width = process.stdout.isTTY ? process.stdout.columns : 130;
  const paints = colours(process.stdout);
  process.stdout.write(all.map((found) => `${rightsText(found, paints, width)}\n`).join(''));
}
