import type { Config } from '../config/load.ts';
import { CheckFailure } from '../core/failure.ts';
import type { Fact } from '../core/ports/facts.ts';
import type { World } from '../core/ports/ports.ts';
import { FACTS } from '../runtime/facts/routes.ts';
import { withPushed } from '../runtime/facts/world.ts';
import { ask } from './client.ts';
import { UsageError } from './exit.ts';

/** A world in which what was pushed is asked of the service that it was pushed to, where one runs. */
export const withServiceFacts = (world: World, config: Config): World =>
  withPushed(world, async (region, name, { timeout }) => {
    const path = `${FACTS}/${encodeURIComponent(region)}/${encodeURIComponent(name)}`;
    try {
      const patience = timeout * 1000;
      const { fact } = await ask<{ fact: Fact | null }>(config, { method: 'GET', path, patience });
      return fact ?? undefined;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new CheckFailure(
        'dependency',
        `what was pushed as ${name} is known to the service that runs, and to nobody else: ${error.message}`,
        { cause: error },
      );
    }
  });
