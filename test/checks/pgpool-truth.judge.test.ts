import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { judgeBackend, type Belief, type Reality } from '../../src/analysis/pgpool/truth.ts';

const standby: Reality = {
  serves: true,
  role: 'standby',
  otherPrimaries: ['rc1'],
  fed: true,
  timeline: 2,
  primaryTimeline: 2,
};
const primary: Reality = { serves: true, role: 'primary', otherPrimaries: [], timeline: 2 };
const up: Belief = { state: 'up', role: 'standby' };
const down: Belief = { state: 'down', role: 'standby' };

describe('what pgpool believes of a database, against what that is', () => {
  test.each<[string, Belief, Reality, string | undefined]>([
    ['a standby in its place', up, standby, 'agrees'],
    ['a standby that nobody has used yet', { ...up, state: 'waiting' }, standby, 'agrees'],
    ['the primary in its place', { state: 'up', role: 'primary' }, primary, 'agrees'],
    ['detached and streaming', down, standby, 'attachable'],
    ['quarantined and streaming', { ...down, state: 'quarantine' }, standby, 'attachable'],
    ['detached and not streaming', down, { ...standby, fed: false }, 'unfit'],
    ['detached and on another timeline', down, { ...standby, timeline: 1 }, 'unfit'],
    ['detached and diverged, though it streams', down, { ...standby, diverged: true }, 'unfit'],
    [
      'detached and a second primary',
      down,
      { ...primary, otherPrimaries: ['rc1'], fed: undefined },
      'unfit',
    ],
    ['detached and the only primary', down, primary, 'unused_primary'],
    ['detached and dead', down, { serves: false, otherPrimaries: ['rc1'] }, 'gone'],
    ['in use and dead', up, { serves: false, otherPrimaries: ['rc1'] }, 'dead'],
    [
      'in use, dead for the monitor, and just reached by pgpool',
      { ...up, reached: true },
      { serves: false, otherPrimaries: [] },
      undefined,
    ],
    ['in use and not streaming', up, { ...standby, fed: false }, 'unfed'],
    ['a standby taken for the primary', { state: 'up', role: 'primary' }, standby, 'false_primary'],
    ['a primary taken for a standby', up, primary, 'false_standby'],
    [
      'a second primary taken for a standby',
      up,
      { ...primary, otherPrimaries: ['rc1'] },
      'false_standby',
    ],
    ['roles that an old pgpool does not tell', { state: 'up', role: 'unknown' }, primary, 'agrees'],
    [
      'detached, and nobody says whether it streams',
      down,
      { ...standby, fed: undefined },
      undefined,
    ],
    ['detached, and it does not say what it is', down, { otherPrimaries: [] }, undefined],
    ['in use, and it does not say what it is', up, { otherPrimaries: [] }, undefined],
    ['unused by configuration', { state: 'unused', role: 'standby' }, standby, undefined],
  ])('%s', (_, belief, reality, truth) => {
    expect(judgeBackend(belief, reality)?.truth).toBe(truth);
  });

  const flag = fc.option(fc.boolean(), { nil: undefined });
  const anything: fc.Arbitrary<Reality> = fc.record({
    serves: flag,
    role: fc.constantFrom('primary', 'standby', undefined),
    fed: flag,
    diverged: flag,
    timeline: fc.constantFrom(1, 2, undefined),
    primaryTimeline: fc.constantFrom(2, undefined),
    otherPrimaries: fc.constantFrom([], ['rc1']),
  });
  const states = fc.constantFrom('up', 'waiting', 'down', 'quarantine', 'unused', 'unknown');

  it('advises to attach only what follows the primary, or is the only one', () => {
    fc.assert(
      fc.property(states, anything, (state, reality) => {
        const found = judgeBackend({ state, role: 'standby' }, reality);
        if (found?.says?.includes('attach') !== true || found.says.includes('Never')) return;
        if (found.truth === 'gone') expect(reality.serves).toBe(false);
        else if (reality.role === 'primary') expect(reality.otherPrimaries).toEqual([]);
        else {
          expect([reality.fed, reality.diverged === true]).toEqual([true, false]);
          expect(reality.timeline === 1 && reality.primaryTimeline === 2).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names the bytes that a rebuild gives up', () => {
    const says = judgeBackend(down, { ...standby, diverged: true, bytesAtStake: 4096 })?.says;
    expect(says).toContain('with 4096 bytes of WAL of its own');
    expect(says).toContain('Never attach it');
  });
});
