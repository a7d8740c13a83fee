import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REAL } from './history.ts';
import { MUTANTS } from './mutants.ts';
import { MORE_MUTANTS } from './mutants-more.ts';
import { holdsFor } from './watch-over.ts';

describe('the properties can fail', () => {
  test.each([...MUTANTS, ...MORE_MUTANTS])('%s', { timeout: 300_000 }, (_, property, change) => {
    const details = fc.check(holdsFor({ ...REAL, ...change }), {
      numRuns: 1000,
      // Whether it is found must not be left to chance.
      seed: 2,
      endOnFailure: true,
    });
    expect(details.failed).toBe(true);
    expect(String(details.errorInstance)).toMatch(property);
  });
});
