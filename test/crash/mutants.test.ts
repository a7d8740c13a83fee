import { expect, it } from 'vitest';
import { violationsIn } from './checker.ts';
import { mutants } from './mutants.ts';
import { play } from './play.ts';
import { scriptOf } from './script.ts';
import { simulated } from './simulated.ts';

const MOST = 150;

/** The first seed with which the checker notices; undefined when none of many does. */
async function noticed(index: number): Promise<number | undefined> {
  for (let seed = 1; seed <= MOST; seed += 1) {
    // A mutant may remember what it should not: each history has its own.
    const mutant = mutants()[index];
    if (mutant === undefined) return undefined;
    const script = mutant.provoked?.(scriptOf(seed)) ?? scriptOf(seed);
    const violations = violationsIn(await play(script, simulated(mutant)));
    if (violations.some((each) => each.startsWith(mutant.breaks))) return seed;
  }
  return undefined;
}

it.each(mutants().map(({ name, breaks }, index) => ({ name, breaks, index })))(
  'the checker sees by $breaks when $name',
  { timeout: 300_000 },
  async ({ index }) => {
    expect(await noticed(index)).toBeDefined();
  },
);

it.each(mutants().filter(({ provoked }) => provoked !== undefined))(
  'the checker says nothing of a sound monitor where it would see that $name',
  { timeout: 60_000 },
  async ({ provoked }) => {
    for (let seed = 1; seed <= 3; seed += 1) {
      const script = provoked?.(scriptOf(seed)) ?? scriptOf(seed);
      expect(violationsIn(await play(script, simulated()))).toEqual([]);
    }
  },
);
