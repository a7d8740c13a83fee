import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_LAG,
  MOST_SAMPLES,
  recordWal,
  sampledLag,
  type WalHistory,
} from '../../../src/analysis/replication/lag.ts';
import { instant, seconds } from '../../../src/core/time.ts';

const START = 1_795_430_000_000;
const at = (second: number) => instant(START + second * 1000);

/** Looks at a primary: `[second, position]`. */
const looks = (...seen: readonly (readonly [number, bigint])[]): WalHistory | undefined =>
  seen.reduce<WalHistory | undefined>(
    (history, [second, lsn]) => recordWal(history, { at: at(second), lsn, timeline: 1 }),
    undefined,
  );

const lag = (
  history: WalHistory | undefined,
  second: number,
  replayed: bigint,
  { timeline = 1, primaryRead = true } = {},
) =>
  sampledLag(history, {
    now: at(second),
    replayed,
    timeline,
    primaryRead,
    staleAfter: seconds(30),
  });

describe('sampledLag', () => {
  it('is 0 for an idle primary that the standby is level with, however long nothing is written', () => {
    expect(lag(looks([0, 100n], [5000, 100n]), 5000, 100n)).toEqual({ behind: 0, exact: true });
  });

  it('is the age of the first position that the standby has not replayed', () => {
    const history = looks([0, 100n], [10, 200n], [20, 300n], [30, 400n]);
    expect(lag(history, 30, 250n)).toEqual({ behind: 10, exact: true });
    expect(lag(history, 30, 100n)).toEqual({ behind: 20, exact: true });
  });

  it('says "at least" for a standby that was late before the first look', () => {
    expect(lag(looks([0, 100n], [10, 200n]), 10, 50n)).toEqual({ behind: 10, exact: false });
  });

  it('goes on growing after the primary was last read, and never says level then', () => {
    const history = looks([0, 100n], [10, 200n]);
    expect(lag(history, 25, 100n, { primaryRead: false })).toEqual({ behind: 15, exact: true });
    expect(lag(history, 25, 200n, { primaryRead: false })).toBeUndefined();
  });

  it('is unknown when the primary was not read for too long', () => {
    expect(lag(looks([0, 100n]), 31, 50n, { primaryRead: false })).toBeUndefined();
  });

  it('is unknown without a history and on another timeline', () => {
    expect(lag(undefined, 0, 50n)).toBeUndefined();
    expect(lag(looks([0, 100n]), 0, 50n, { timeline: 2 })).toBeUndefined();
  });

  it('is unknown when the history is of a future that a restart took away', () => {
    expect(lag(looks([100, 100n]), 0, 50n)).toBeUndefined();
  });

  it('is two hours for everything beyond, and is then no exact number', () => {
    const history = looks([0, 100n], [10, 200n], [9000, 300n], [18000, 400n]);
    expect(lag(history, 18_000, 100n)).toEqual({ behind: LONGEST_LAG, exact: false });
  });
});

describe('recordWal', () => {
  it.each([
    ['a new timeline', { at: at(20), lsn: 300n, timeline: 2 }],
    ['a position that went back', { at: at(20), lsn: 50n, timeline: 1 }],
    ['a clock that went back', { at: at(-20), lsn: 300n, timeline: 1 }],
  ])('begins anew with %s', (_, seen) => {
    expect(recordWal(looks([0, 100n], [10, 200n]), seen)).toEqual({
      timeline: seen.timeline,
      readAt: seen.at,
      samples: [{ at: seen.at, lsn: seen.lsn }],
    });
  });

  it('keeps one sample while the primary is idle', () => {
    expect(looks([0, 100n], [10, 100n], [20, 100n])?.samples).toHaveLength(1);
  });

  it('finds after a day of writing every lag up to an hour within a tenth', () => {
    let history: WalHistory | undefined;
    for (let second = 0; second <= 86_400; second += 10) {
      history = recordWal(history, { at: at(second), lsn: BigInt(second), timeline: 1 });
    }
    expect(history?.samples.length).toBeLessThanOrEqual(MOST_SAMPLES);
    for (let late = 10; late <= 3600; late += 10) {
      const found = lag(history, 86_400, BigInt(86_400 - late))?.behind ?? Number.NaN;
      expect(Math.abs(found - late)).toBeLessThanOrEqual(10 + late / 10);
    }
  });
});

/** A primary's life: at each step some time passes and some bytes, or none, are written. */
const life = fc.array(
  fc.record({
    pause: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9000 })),
    bytes: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 30n })),
  }),
  { minLength: 1, maxLength: 600 },
);

/** Calls `look` after every step with the history, the second and the primary's position. */
function live(
  steps: readonly { pause: number; bytes: bigint }[],
  look: (history: WalHistory, second: number, lsn: bigint) => void,
): void {
  let [second, lsn, history] = [0, 1000n, undefined as WalHistory | undefined];
  for (const { pause, bytes } of steps) {
    second += pause;
    lsn += bytes;
    history = recordWal(history, { at: at(second), lsn, timeline: 1 });
    look(history, second, lsn);
  }
}

describe('whatever a primary does', () => {
  it('lag is never negative and never more than the longest', () => {
    fc.assert(
      fc.property(life, fc.bigInt({ min: 0n, max: 2n ** 36n }), (steps, replayed) => {
        live(steps, (history, second) => {
          const behind = lag(history, second, replayed)?.behind;
          expect(behind).toBeGreaterThanOrEqual(0);
          expect(behind).toBeLessThanOrEqual(LONGEST_LAG);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('a standby has lag a moment later if and only if it has not all that was seen', () => {
    fc.assert(
      fc.property(life, fc.bigInt({ min: -5n, max: 5n }), (steps, more) => {
        live(steps, (history, second, lsn) => {
          const behind = lag(history, second + 0.001, lsn + more)?.behind;
          if (more < 0n) expect(behind).toBeGreaterThan(0);
          else expect(behind).toBe(0);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('lag never shrinks while nothing is replayed', () => {
    fc.assert(
      fc.property(life, fc.bigInt({ min: 0n, max: 2n ** 36n }), (steps, replayed) => {
        let before = 0;
        live(steps, (history, second) => {
          const behind = lag(history, second, replayed)?.behind ?? 0;
          expect(behind).toBeGreaterThanOrEqual(before);
          before = behind;
        });
      }),
      { numRuns: 50 },
    );
  });

  it('a history stays small, in order, and ends with the newest position', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, ({ samples }, _, lsn) => {
          expect(samples.length).toBeLessThanOrEqual(MOST_SAMPLES);
          expect(samples.at(-1)?.lsn).toBe(lsn);
        });
        live(steps, ({ samples }) => {
          const ordered = samples.every((sample, index) => {
            const next = samples[index + 1];
            return next === undefined || (next.at > sample.at && next.lsn > sample.lsn);
          });
          expect(ordered).toBe(true);
        });
      }),
      { numRuns: 30 },
    );
  });
});
