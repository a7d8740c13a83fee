import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  readLimits,
  readNarrow,
  readOldest,
  readSlots,
} from '../../../src/analysis/capacity/rows.ts';
import { CheckFailure } from '../../../src/core/failure.ts';
import type { Row } from '../../../src/core/ports/postgres.ts';
import { slot, STOCK } from '../../support/postgres-answers.ts';

const LIMITS: Row = STOCK.limits ?? {};
const MIB = 1024n ** 2n;

describe('the rows about capacity', () => {
  test.each<readonly [string, Row, readonly [bigint, bigint, bigint | undefined]]>([
    ['15', {}, [16n * MIB, 32n, undefined]],
    ['15 with a limit for slots', { slot_keep: '1000' }, [16n * MIB, 32n, 62n]],
    ['13 with segments of 64 MiB', { segment: '67108864' }, [64n * MIB, 8n, undefined]],
    [
      '9.3, whose segments are counted in blocks',
      { keep: '32', keep_unit: 'segments', segment: '2048', segment_unit: '8kB' },
      [16n * MIB, 32n, undefined],
    ],
    ['a server that keeps less than a segment', { keep: '10' }, [16n * MIB, 0n, undefined]],
  ])('of %s tell what is kept', (_, changes, [segment, keep, slotKeep]) => {
    expect(readLimits([{ ...LIMITS, ...changes }])).toMatchObject({
      segment,
      keep,
      slotKeep,
      connections: { used: 14, allowed: 97 },
    });
  });

  test.each<readonly [string, Row]>([
    ['a unit that is none', { segment_unit: 'parsecs' }],
    ['no unit', { keep_unit: null }],
    ['a segment of no size', { segment: '0' }],
    ['a number that is none', { connections: 'many' }],
    ['a NULL', { max_connections: null }],
  ])('are refused with %s', (_, changes) => {
    expect(() => readLimits([{ ...LIMITS, ...changes }])).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    );
  });

  test.each([
    ['0000000000000005', 16n * MIB, 5n],
    ['0000000100000002', 16n * MIB, 258n],
    ['0000000100000002', 64n * MIB, 66n],
    ['0000000100000000', 1024n * MIB, 4n],
  ])('read the file %s of segments of %d bytes as number %d', (oldest, segment, number) => {
    expect(readOldest([{ oldest, files: '3' }], segment)).toBe(number);
  });

  it('know of no oldest file where there is none', () => {
    expect(readOldest([{ oldest: null, files: '0' }], 16n * MIB)).toBeUndefined();
  });

  test.each<readonly [string, Row, object]>([
    ['in use', {}, { active: true, retained: 0, status: 'reserved', safe: undefined }],
    ['behind', { restart_lsn: '0/2000000' }, { retained: 0x15009e0 }],
    ['never used', { restart_lsn: null }, { restart: undefined, retained: 0 }],
    ['ahead, as a standby sees it that replays', { restart_lsn: '0/4000000' }, { retained: 0 }],
    ['with little left', { safe: '-42', status: 'unreserved' }, { safe: -42n }],
    ['of a clock that was set back', { active: 'false', inactive_seconds: '-3' }, { inactive: 0 }],
  ])('tell of a slot that is %s', (_, changes, expected) => {
    expect(readSlots([slot(changes)])[0]).toMatchObject(expected);
  });

  it('make of any texts a value or a failure of the protocol', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.constantFrom('0/1', '1', '-1', 'MB', 'true')));
    const row = fc.record(
      Object.fromEntries(
        [...Object.keys(LIMITS), ...Object.keys(slot()), 'kind', 'name', 'allowed', 'oldest'].map(
          (name) => [name, text],
        ),
      ),
    );
    const readers = [
      readLimits,
      readNarrow,
      readSlots,
      (rows: readonly Row[]) => [readOldest(rows, MIB)],
    ];
    fc.assert(
      fc.property(row, (each) => {
        for (const read of readers) {
          try {
            expect(read([each])).toBeDefined();
          } catch (error) {
            expect(error).toBeInstanceOf(CheckFailure);
            expect(error).toHaveProperty('code', 'protocol');
          }
        }
      }),
    );
  });
});
