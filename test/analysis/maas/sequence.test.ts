import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  lastOf,
  lookAtSequence,
  sequenceNotes,
  serialMemory,
  type SerialMemory,
} from '../../../src/analysis/maas/sequence.ts';
import { instant } from '../../../src/core/time.ts';

const NOW = instant(1_000_000_000);
const WEEK = 604_800_000;
const MOST = 0xffff_ffff;

const served = (serial: number) => ({ server: 'rc1', zone: 'maas3', serial });
const after = (highest: number, more: Partial<SerialMemory> = {}): SerialMemory => ({
  highest,
  ...more,
});

describe('the sequence of zone serials', () => {
  test.each([
    // last, before, served, behind, highest afterwards
    ['first look, nothing to compare with', 105, undefined, [], undefined, 105],
    ['it stands', 105, after(105), [], 0, 105],
    ['it goes on', 106, after(105), [], 0, 106],
    ['a level standby was promoted: 32 ahead at most', 137, after(105), [], 0, 137],
    ['a late standby was promoted', 33, after(105), [], 72, 105],
    ['it wraps, and leaves 0 out', 1, after(MOST), [], 0, 1],
    ['it went back across the wrap', MOST, after(1), [], 2, 1],
    ['a slave proves at the first look that it went back', 33, undefined, [served(105)], 72, 33],
    ['slaves are level or behind', 105, undefined, [served(105), served(90)], 0, 105],
    ['a slave proves more than the own past', 33, after(50), [served(105), served(40)], 72, 50],
    ['the own past proves more than a slave', 33, after(105), [served(40)], 72, 105],
    ['exactly 2^31 apart has no order', 5, after(5 + 2 ** 31), [], 0, 5 + 2 ** 31],
    ['a slave exactly 2^31 away proves nothing', 5, undefined, [served(5 + 2 ** 31)], 0, 5],
    ['a new database has handed out nothing', 0, undefined, [], undefined, 0],
  ] as const)('%s', (_, last, before, from, behind, highest) => {
    const look = lookAtSequence(last, before, from, NOW);
    expect(look.behind).toBe(behind);
    expect(look.memory.highest).toBe(highest);
  });

  it('says that there is no order, and gives no number then', () => {
    const notes = sequenceNotes(lookAtSequence(5, after(5 + 2 ** 31), [], NOW));
    expect(notes.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(JSON.stringify(notes)).not.toContain('maasha_maas_zone_serial_behind');
  });

  it('is remembered as behind until it has caught up, and for no longer than a slave can hold it', () => {
    const first = lookAtSequence(33, after(105), [], NOW).memory;
    expect(first).toEqual({ highest: 105, backSince: NOW });
    const later = instant(NOW + WEEK);
    expect(lookAtSequence(40, first, [], later)).toMatchObject({ behind: 65, memory: first });
    expect(lookAtSequence(40, first, [], instant(later + 1))).toMatchObject({
      behind: 0,
      memory: { highest: 40 },
    });
    expect(lookAtSequence(105, first, [], later).memory).toEqual({ highest: 105 });
  });

  it('began to be behind now where it is said to have begun later', () => {
    const odd = after(105, { backSince: instant(NOW + 5_000) });
    expect(lookAtSequence(33, odd, [], NOW).memory.backSince).toBe(NOW);
  });

  test.each([
    [7, true, 7],
    [7, false, 6],
    [1, false, 0],
    [MOST, true, MOST],
  ])('at %i, called %s, has handed out %i', (last_value, is_called, last) => {
    expect(lastOf({ last_value, is_called })).toBe(last);
  });

  const serial = fc.integer({ min: 0, max: MOST });

  it('never is behind what it was before while it only counts', () => {
    fc.assert(
      fc.property(
        serial,
        fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 }),
        (start, steps) => {
          let memory: SerialMemory | undefined;
          let last = start;
          for (const step of steps) {
            last = (last + step) % 2 ** 32;
            const look = lookAtSequence(last, memory, [], NOW);
            expect(look.behind ?? 0).toBe(0);
            memory = look.memory;
          }
        },
      ),
    );
  });

  it('is behind by as much as it went back, wherever that was', () => {
    fc.assert(
      fc.property(serial, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (highest, back) => {
        const last = (highest - back + 2 ** 32) % 2 ** 32;
        expect(lookAtSequence(last, after(highest), [], NOW).behind).toBe(back);
        expect(lookAtSequence(last, undefined, [served(highest)], NOW).behind).toBe(back);
      }),
    );
  });

  it('leaves a memory that survives being written down', () => {
    fc.assert(
      fc.property(serial, serial, (last, highest) => {
        const { memory } = lookAtSequence(last, after(highest), [], NOW);
        expect(serialMemory.parse(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
      }),
    );
  });
});
