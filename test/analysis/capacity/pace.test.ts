import { describe, expect, it } from 'vitest';
import { lasts, shrinking } from '../../../src/analysis/capacity/pace.ts';
import { recordWal, type WalHistory } from '../../../src/analysis/replication/lag.ts';
import { instant } from '../../../src/core/time.ts';

/** A log that was looked at every `step` seconds, and how it had grown. */
function grown(positions: readonly number[], step = 30): WalHistory {
  let history: WalHistory | undefined;
  for (const [index, lsn] of positions.entries())
    history = recordWal(history, {
      at: instant(index * step * 1000),
      lsn: BigInt(lsn),
      timeline: 1,
    });
  if (history === undefined) throw new Error('no positions');
  return history;
}
const steadily = (each: number, looks: number): readonly number[] =>
  Array.from({ length: looks }, (_, index) => index * each);
const after = (looks: number, step = 30) => instant((looks - 1) * step * 1000);

describe('the pace at which headroom shrinks', () => {
  it('is not known from one look, nor from less than a minute', () => {
    expect(shrinking(grown([5]), undefined, after(1))).toBeUndefined();
    expect(shrinking(grown([0, 3000]), undefined, after(2))).toBeUndefined();
  });

  it('is what an absent standby misses a second', () => {
    expect(shrinking(grown(steadily(3000, 11)), undefined, after(11))).toBe(100);
  });

  it('is nothing while the primary is idle, however long ago it wrote', () => {
    const wrote = grown([0, 3_600_000]);
    expect(shrinking(wrote, undefined, instant(30_000 + 3_600_000))).toBe(0);
  });

  it('falls as the primary falls silent, and counts the faster of an hour and five minutes', () => {
    const wrote = grown([...steadily(3000, 101), ...Array<number>(10).fill(300_000)]);
    // Nothing in the last five minutes; 300 000 bytes in 3300 s before and with them.
    expect(shrinking(wrote, undefined, after(111))).toBeCloseTo(300_000 / 3300, 6);
  });

  it('is nothing for a standby that keeps up', () => {
    const both = grown(steadily(3000, 11));
    expect(shrinking(both, both, after(11))).toBe(0);
  });

  it('is the difference for one that is connected and does not', () => {
    const primary = grown(steadily(3000, 11));
    expect(shrinking(primary, grown(steadily(1200, 11)), after(11))).toBe(60);
  });
});

describe('how long headroom lasts', () => {
  it('is the headroom by the pace, and no time beyond it', () => {
    expect(lasts(6000n, 100)).toBe(60);
    expect(lasts(-5n, 100)).toBe(0);
  });

  it('is not said for more than a month', () => {
    expect(lasts(1n << 40n, 0.001)).toBeUndefined();
    expect(lasts(6000n, 0)).toBeUndefined();
  });
});
