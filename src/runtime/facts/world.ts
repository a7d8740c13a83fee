import { CheckFailure } from '../../core/failure.ts';
import { describeSource, type Fact } from '../../core/ports/facts.ts';
import type { Limit } from '../../core/ports/network.ts';
import type { World } from '../../core/ports/ports.ts';

/** What was pushed under a name; undefined: nothing ever was. @throws CheckFailure when that is not known. */
export type FindPushed = (
  region: string,
  name: string,
  limit: Limit,
) => Fact | undefined | Promise<Fact | undefined>;

/** The world, with somebody who knows what was pushed. */
export const withPushed = (world: World, find: FindPushed): World => ({
  enter: (signal) => {
    const { ports, leave } = world.enter(signal);
    const facts: typeof ports.facts = {
      read: async (source, region, options) => {
        if (source.from !== 'pushed') return ports.facts.read(source, region, options);
        const found = await find(region, source.name, options);
        if (found !== undefined && Buffer.byteLength(found.text) > (options.maxBytes ?? Infinity))
          throw new CheckFailure(
            'protocol',
            `${describeSource(source)} is larger than ${options.maxBytes ?? 0} bytes`,
          );
        return found;
      },
    };
    return { ports: { ...ports, facts }, leave };
  },
  close: () => world.close(),
});
