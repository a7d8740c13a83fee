import type { MonitorFacts } from '../core/ports/monitor.ts';
import type { World } from '../core/ports/ports.ts';
import type { Bus } from './bus.ts';
import type { OverdueWatch } from './overdue.ts';
import type { Planned } from './schedule.ts';

/** What is known of the alerting: it comes from whoever owns it, and is absent where there is none. */
export type AlertingFacts = Pick<MonitorFacts, 'delivery' | 'store' | 'alertPath' | 'deadMan'>;

/** The world, with eyes for the monitor itself. */
export const withFacts = (world: World, facts: () => MonitorFacts | undefined): World => ({
  enter: (signal) => {
    const { ports, leave } = world.enter(signal);
    return { ports: { ...ports, monitor: { facts } }, leave };
  },
  close: () => world.close(),
});

/** Every check that has a schedule, and for how long it has been silent where it is overdue. */
export function watchedChecks(
  planned: readonly Planned[],
  overdue: OverdueWatch,
): MonitorFacts['checks'] {
  const late = overdue.overdue();
  return planned
    .filter(({ check }) => check.needs === undefined)
    .map(({ check: { name: check }, region: { name: region } }) => {
      const found = late.find((each) => each.check === check && each.region === region);
      return { check, region, ...(found !== undefined && { silent: found.silent }) };
    });
}

/** How the newest configuration was taken, followed on the bus. */
export function followConfig(bus: Bus): () => MonitorFacts['config'] {
  let newest: MonitorFacts['config'] = { rejected: false, problems: [] };
  bus.on('config.loaded', ({ accepted, problems }) => {
    newest = { rejected: !accepted, problems };
  });
  return () => newest;
}
