import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { retain, type Needs } from '../../../src/analysis/capacity/retention.ts';
import type { Limits, Slot } from '../../../src/analysis/capacity/rows.ts';

const SEGMENT = 16n * 1024n ** 2n;
const connections = { of: 'the server', used: 1, allowed: 97 };

const limits = (changes: Partial<Limits> = {}): Limits => ({
  connections,
  segment: SEGMENT,
  keep: 32n,
  slotKeep: undefined,
  ...changes,
});
const slot = (changes: Partial<Slot> = {}): Slot => ({
  name: 'rc2',
  active: false,
  status: 'reserved',
  restart: 10n * SEGMENT,
  retained: 0,
  safe: undefined,
  inactive: undefined,
  ...changes,
});
/** A standby in the middle of segment 10, whose primary is level. */
const needs = (changes: Partial<Needs> = {}): Needs => ({
  stands: 10n * SEGMENT + 4096n,
  flushed: 10n * SEGMENT + 4096n,
  limits: limits(),
  slot: undefined,
  connected: false,
  oldest: undefined,
  ...changes,
});
const at = (segment: bigint, offset = 0n): bigint => segment * SEGMENT + offset;

describe('what is kept for a standby', () => {
  it('is, for one that is level, the promise and the rest of its segment', () => {
    expect(retain(needs())).toEqual({
      needs: 10n,
      headroom: 33n * SEGMENT - 4096n,
      ratio: 1,
      state: 'kept',
    });
  });

  it('is exact to the byte: the last one that is promised, and the first that is not', () => {
    expect(retain(needs({ flushed: at(43n) - 1n }))).toMatchObject({ headroom: 1n, state: 'kept' });
    expect(retain(needs({ flushed: at(43n) }))).toMatchObject({ headroom: 0n, state: 'kept' });
    expect(retain(needs({ flushed: at(43n) + 1n }))).toMatchObject({
      headroom: -1n,
      state: 'beyond',
    });
  });

  test.each<readonly [string, Partial<Needs>, string | undefined]>([
    ['is kept while it is connected, whatever was promised', { connected: true }, 'kept'],
    ['is still there where it is seen', { oldest: 10n }, 'there'],
    ['is gone where it is seen to be', { oldest: 11n }, 'gone'],
    ['may be gone where nobody can look', {}, 'beyond'],
    ['is not known while it may be connected', { connected: undefined }, undefined],
    [
      'is not known while it may be connected, seen or not',
      { connected: undefined, oldest: 50n },
      undefined,
    ],
  ])('beyond the promise, %s', (_, changes, state) => {
    expect(retain(needs({ flushed: at(60n), ...changes })).state).toBe(state);
  });

  it('is gone even within a promise that was raised too late', () => {
    const late = needs({ flushed: at(60n), limits: limits({ keep: 100n }), oldest: 30n });
    expect(retain(late)).toMatchObject({ headroom: 0n, state: 'gone' });
  });

  it('has no ratio where nothing is promised', () => {
    const none = retain(needs({ limits: limits({ keep: 0n }) }));
    expect(none).toMatchObject({ headroom: SEGMENT - 4096n, ratio: undefined, state: 'kept' });
  });

  describe('by a slot', () => {
    it('has no limit where the server sets none', () => {
      const kept = retain(needs({ flushed: at(900n), slot: slot() }));
      expect(kept).toEqual({ needs: 10n, headroom: undefined, ratio: undefined, state: 'kept' });
    });

    it('is what PostgreSQL itself says to be safe', () => {
      const safe = needs({ slot: slot({ safe: 5000n }), limits: limits({ slotKeep: 64n }) });
      expect(retain(safe)).toMatchObject({ headroom: 5000n, state: 'kept' });
    });

    it('counts from the slot, which may be older than the standby', () => {
      const older = needs({ slot: slot({ restart: at(8n) }), limits: limits({ slotKeep: 64n }) });
      expect(retain(older).headroom).toBe(at(8n + 64n + 1n) - older.flushed);
    });

    it('is never less than what is kept without it', () => {
      const small = needs({ slot: slot(), limits: limits({ slotKeep: 2n }) });
      expect(retain(small).headroom).toBe(33n * SEGMENT - 4096n);
    });

    it('that was never used holds nothing', () => {
      const unused = needs({ flushed: at(60n), slot: slot({ restart: undefined }) });
      expect(retain(unused).state).toBe('beyond');
    });

    it('that is lost is the end for whoever is to use it', () => {
      const lost = slot({ status: 'lost', restart: undefined });
      expect(retain(needs({ slot: lost })).state).toBe('gone');
      expect(retain(needs({ slot: lost, connected: true })).state).toBe('kept');
      expect(retain(needs({ slot: lost, connected: undefined })).state).toBeUndefined();
    });
  });

  it('shrinks by exactly what the primary writes, and never below what is seen to be gone', () => {
    const position = fc.bigInt({ min: 0n, max: 1n << 40n });
    const known = fc.record({ stands: position, more: position, keep: fc.bigInt(0n, 10_000n) });
    fc.assert(
      fc.property(known, position, ({ stands, more, keep }, written) => {
        const look = (flushed: bigint) =>
          retain(needs({ stands, flushed, limits: limits({ keep }) })).headroom ?? 0n;
        const flushed = stands + more;
        expect(look(flushed) - look(flushed + written)).toBe(written);
        // A standby that is level has the whole promise left.
        expect(look(stands)).toBeGreaterThan(keep * SEGMENT);
      }),
    );
  });
});
