import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckFailure } from '../../../src/core/failure.ts';
import { readSenders, readSnapshot, readStandby } from '../../../src/analysis/replication/rows.ts';
import { primary, sender, standby } from '../../support/postgres-answers.ts';

const PRIMARY = primary().snapshot ?? {};
const STANDBY = standby().snapshot ?? {};
const STATE = standby().standby ?? {};

describe('the rows about replication', () => {
  it('make a primary with its position and timeline', () => {
    expect(readSnapshot([PRIMARY])).toEqual({
      recovering: false,
      flushed: 0x35009e0n,
      timeline: 1,
      system: '7312345678901234567',
    });
  });

  it('make a standby whose timeline is not known before 9.6', () => {
    const old = { ...STANDBY, control_timeline: null, system_identifier: null };
    expect(readSnapshot([old])).toEqual({ recovering: true });
  });

  it('take 0/0 for no position', () => {
    expect(readSenders([sender({ sent_lsn: '0/0' })])[0]?.sent).toBeUndefined();
  });

  it('take what is replayed for flushed when the receiver is behind that', () => {
    const state = readStandby([{ ...STATE, receive_lsn: '0/3000000' }]);
    expect(state.flushed).toBe(0x35009e0n);
  });

  it('leave the age of the last message out where there is none, and never negative', () => {
    const silent = (text: string | null) =>
      readStandby([{ ...STATE, silent_seconds: text }]).receiver;
    expect(silent(null)).toMatchObject({ silent: undefined });
    expect(silent('-4.5')).toMatchObject({ silent: 0 });
  });

  it.each([
    ['no row', []],
    ['two rows', [STATE, STATE]],
    ['a missing column', [{ replay_lsn: null }]],
  ])('are refused with %s', (_, rows) => {
    expect(() => readStandby(rows)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('make of any texts a value or a failure of the protocol', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.constantFrom('true', '0/1', '1', '-1')));
    const like = (row: object) =>
      fc.record(Object.fromEntries(Object.keys(row).map((name) => [name, text])));
    const rows = fc.oneof(like(PRIMARY), like(STATE), like(sender()));
    fc.assert(
      fc.property(rows, (row) => {
        for (const read of [readSnapshot, readSenders, readStandby]) {
          try {
            expect(read([row])).toBeDefined();
          } catch (error) {
            expect(error).toBeInstanceOf(CheckFailure);
            expect(error).toHaveProperty('code', 'protocol');
          }
        }
      }),
    );
  });
});
