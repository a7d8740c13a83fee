import { expect, it } from 'vitest';
import { tally, wanted } from './runs.ts';
import { simulated } from './simulated.ts';

/** Ten for each death of a real process. */
const RUNS = 10 * Number(process.env['MAASHA_CRASHES'] ?? 12);

it(
  'keeps its promises over many histories in which it dies and is started again',
  { timeout: 1_800_000 },
  async () => {
    const { violations, unscathed, runs } = await tally(wanted(RUNS), async () => simulated());
    expect(violations).toEqual([]);
    expect(unscathed).toBe(0);
    expect(runs).toBeGreaterThan(0);
  },
);
