import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { TimelineEnd } from '../../src/core/ports/postgres.ts';
import { formatLsn } from '../../src/protocol/lsn.ts';
import { parseTimelineHistory } from '../../src/protocol/timeline-history.ts';

const REASON = 'no recovery target specified';
const file = (ends: readonly TimelineEnd[]): string =>
  ends.map(({ timeline, end }) => `${timeline}\t${formatLsn(end)}\t${REASON}\n`).join('\n');

const rising = <T>(numbers: readonly T[]): readonly T[] =>
  [...numbers].sort((a, b) => (a < b ? -1 : 1));
/** Any history that a server can have, with the timeline that it is of. */
const histories = fc
  .uniqueArray(fc.integer({ min: 1, max: 0xffff_ffff }), { minLength: 1, maxLength: 20 })
  .chain((timelines) =>
    fc
      .array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), {
        minLength: timelines.length - 1,
        maxLength: timelines.length - 1,
      })
      .map((lsns) => {
        const [tlis, ends] = [rising(timelines), rising(lsns)];
        return {
          own: tlis.at(-1) ?? 1,
          ends: ends.map((end, index) => ({ timeline: tlis[index] ?? 0, end })),
        };
      }),
  );

const failure = (text: string, timeline = 9): unknown => {
  try {
    return parseTimelineHistory(text, timeline);
  } catch (error) {
    return error instanceof CheckFailure ? error.code : error;
  }
};

describe('a timeline history', () => {
  it('is read as PostgreSQL 15 writes it', () => {
    const text =
      '1\t0/1C01F70\tno recovery target specified\n\n2\t0/3000000\tat restore point "x"\n';
    expect(parseTimelineHistory(text, 3)).toEqual([
      { timeline: 1, end: 0x1c01f70n },
      { timeline: 2, end: 0x3000000n },
    ]);
  });

  it('of the first timeline is empty', () => {
    expect(parseTimelineHistory('', 1)).toEqual([]);
  });

  it('may have remarks, and a reason that looks like anything', () => {
    const text = '# made by hand\n  1  A/FF  \n2\tB/0\t3\tC/0\n';
    expect(parseTimelineHistory(text, 3).map(({ timeline }) => timeline)).toEqual([1, 2]);
  });

  it('means the same after it was written', () => {
    fc.assert(
      fc.property(histories, ({ own, ends }) => {
        expect(parseTimelineHistory(file(ends), own)).toEqual(ends);
      }),
    );
  });

  test.each([
    ['is no history', 'hello\n'],
    ['has a timeline of nothing', '0\t0/1\tx\n'],
    ['lacks the position', '1\n'],
    ['has half a position', '1\t0/\tx\n'],
    ['glues them together', '1\t0/1x\n'],
    ['has a timeline twice', '1\t0/1\tx\n1\t0/2\tx\n'],
    ['goes back to an older timeline', '2\t0/1\tx\n1\t0/2\tx\n'],
    ['goes back to an older position', '1\t0/2\tx\n2\t0/1\tx\n'],
    ['descends from itself', '9\t0/1\tx\n'],
    ['has a timeline beyond 32 bits', '4294967296\t0/1\tx\n'],
  ])('that %s is refused', (_, text) => {
    expect(failure(text)).toBe('protocol');
  });

  it('is read or refused, and nothing else, whatever the text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([a, b, c]) => `${a}\t${b}/${c}\tx`),
    );
    fc.assert(
      fc.property(fc.array(line), fc.nat(), (lines, timeline) => {
        const found = failure(lines.join('\n'), timeline);
        if (found === 'protocol') return;
        const ends = found as readonly TimelineEnd[];
        const own = ends.map((each) => each.timeline);
        expect(own).toEqual(rising([...new Set(own)]));
        expect(own.every((each) => each < timeline)).toBe(true);
      }),
    );
  });
});
