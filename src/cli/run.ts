import type { Config } from '../config/load.ts';
import { systemClock } from '../io/clock.ts';
import { openPing } from '../io/ping.ts';
import { resolverFacts } from '../io/resolver-facts.ts';
import { openWorld } from '../io/world.ts';
import { loadNotifiers } from '../runtime/notifiers.ts';
import { Monitor } from '../runtime/monitor.ts';
import { VERSION } from '../core/version.ts';
import { UsageError } from './exit.ts';
import { narrate, type Narrator } from './narrate.ts';
import { cannotServe, hasMoved, LISTEN_HAS_CHANGED, refusal, untilStopped } from './serving.ts';
import { setup, type Setup } from './setup.ts';

/** `maasha run`: watches until SIGINT or SIGTERM; SIGHUP reads the configuration again. */
export async function run(options: {
  readonly config?: string;
  readonly log: 'human' | 'json';
  readonly dryRun?: boolean;
}): Promise<void> {
  const ready = await setup(options.config);
  const narrator = await narrate(options.log);
  const monitor = new Monitor({
    title: `maas-ha-monitor ${VERSION}`,
    version: VERSION,
    checks: ready.catalogue,
    clock: systemClock,
    world: openWorld(systemClock, { keepPostgres: true }),
    // All of them: a configuration that is read later may want what this one does not.
    notifiers: await loadNotifiers(),
    dryRun: options.dryRun ?? false,
    outside: {
      ping: openPing(systemClock),
      resolve: (hosts) => resolverFacts(hosts, systemClock),
    },
    print: (line) => {
      narrator.say(line);
    },
    onError: (error, where) => {
      narrator.defect(error, where);
    },
  });
  narrator.follow(monitor.bus, monitor.latest);
  await start(monitor, ready.config, (address) => {
    narrator.watching(ready, address);
  });
  await untilStopped(async () => {
    await reload(monitor, options.config, ready.config, narrator);
  });
  narrator.say('stopping');
  await monitor.stop();
}

async function start(
  monitor: Monitor,
  config: Config,
  announce: (address: string) => void,
): Promise<void> {
  try {
    await monitor.start(config, announce);
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreBusy') throw new UsageError(error.message);
    throw cannotServe(config, error);
  }
}

/** A configuration with mistakes changes nothing: the one before stays in force, and that is told. */
async function reload(
  monitor: Monitor,
  given: string | undefined,
  before: Config,
  narrator: Narrator,
): Promise<void> {
  try {
    const next: Setup = await setup(given);
    if (hasMoved(before, next.config)) narrator.say(LISTEN_HAS_CHANGED);
    if (next.config.alerting?.state !== before.alerting?.state)
      narrator.say(
        'where alerts are kept (`alerting:`, `state`) has changed: that takes a restart; until then they go on where they were kept',
      );
    await monitor.reload(next.config);
  } catch (error) {
    monitor.bus.publish(refusal(error));
  }
}
