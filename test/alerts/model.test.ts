import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Outcome } from '../../alerts/lifecycle.ts';
import { histories, type Act } from './acts.ts';
import { live, REAL } from './history.ts';
import type { Watching } from './properties.ts';
import { ALL, holdsFor, watchOver, type Property } from './watch-over.ts';

const HISTORIES = 1000;
/** Another one each time; the test's name shows it. Given in the environment, it repeats a run. */
const SEED = Number(process.env['MAASHA_SEED'] ?? Date.now() % 2 ** 31);

describe('over a thousand random histories', () => {
  const broken = new Map<Property, unknown>();
  const guarded = (property: Property): Watching => {
    const watch = property[2]();
    return (seen) => {
      if (broken.has(property)) return;
      try {
        watch(seen);
      } catch (error) {
        broken.set(property, error);
      }
    };
  };

  it(
    `everything is over when all is well again (${HISTORIES} histories, MAASHA_SEED=${SEED})`,
    { timeout: 300_000 },
    () => {
      for (const acts of fc.sample(histories, { seed: SEED, numRuns: HISTORIES }))
        watchOver(REAL, acts, ALL.map(guarded));
    },
  );

  test.each(ALL.map((property) => [property[0], property[1], property] as const))(
    '%s: %s',
    { timeout: 300_000 },
    (_, __, property) => {
      // Only what is broken is looked for again, for the shortest history that breaks it.
      if (broken.has(property))
        fc.assert(holdsFor(REAL, [property]), { seed: SEED, numRuns: HISTORIES });
      expect(broken.get(property)).toBeUndefined();
    },
  );
});

it('comes to the same whenever it is asked again', () => {
  const record = (acts: readonly Act[]): readonly Outcome[] => {
    const outcomes: Outcome[] = [];
    live(REAL, acts, ({ outcome }) => outcomes.push(outcome));
    return outcomes;
  };
  fc.assert(
    fc.property(histories, (acts) => {
      expect(record(acts)).toEqual(record(acts));
    }),
    { numRuns: 20 },
  );
});

it('keeps the state plain data at every step', () => {
  fc.assert(
    fc.property(histories, (acts) => {
      live(REAL, acts, ({ outcome: { state } }) => {
        expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      });
    }),
    { numRuns: 20 },
  );
});
