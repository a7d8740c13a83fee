import type { World } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { Bus } from '../bus.ts';
import type { Planned } from '../schedule.ts';
import type { Places } from '../server.ts';
import { keptFact } from './kept.ts';
import { factRoutes } from './routes.ts';
import { withPushed } from './world.ts';

interface Parts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  /** These three as they are at present; undefined: not yet. */
  readonly ledger: () => Ledger | undefined;
  readonly token: () => Secret | undefined;
  readonly active: () =>
    | {
        readonly config: { readonly regions: readonly Region[] };
        readonly planned: readonly Planned[];
      }
    | undefined;
}

/** What a service does with pushed facts: where they come in, and a world in which checks read them. */
export function pushedFacts({ bus, clock, ledger, token, active }: Parts) {
  const setup = () => {
    const [found, kept] = [active(), ledger()];
    if (found === undefined || kept === undefined) return undefined;
    return { regions: found.config.regions, planned: found.planned, ledger: kept, bus, clock };
  };
  return {
    routes: (): Places => factRoutes(setup, token),
    world: (world: World): World =>
      withPushed(world, (region, name) => {
        const kept = ledger();
        return kept === undefined ? undefined : keptFact(kept, region, name);
      }),
  };
}
