import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  bytesBeyond,
  compareAll,
  forkOf,
  referencesOf,
  type Standing,
} from '../../../src/analysis/divergence/histories.ts';

type Ways = readonly (readonly [timeline: number, end: number])[];
/** A server by its way: the last place is where it is. */
const at = (node: string, ways: Ways, writes = true): Standing => {
  const all = ways.map(([timeline, end]) => ({ timeline, end: BigInt(end) }));
  const { timeline, end } = all.at(-1)!;
  return { node, writes, timeline, position: end, ancestors: all.slice(0, -1) };
};
const standby = (node: string, ways: Ways): Standing => at(node, ways, false);

const said = (standings: readonly Standing[]) =>
  compareAll(standings).map(({ node, reference, diverged, fork }) => ({
    of: `${node.node} of ${reference.node}`,
    diverged,
    fork: fork && `${fork.timeline ?? 'none'}@${String(fork.at)}${fork.exact ? '' : ' at least'}`,
    bytes: fork && bytesBeyond(node, fork),
  }));

describe('the histories of two servers', () => {
  test.each<[string, Standing, Standing, Record<string, unknown>]>([
    [
      'an old primary went on after the fork',
      at('a', [[1, 150]]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 50 },
    ],
    [
      'an old primary stopped at the fork, and can follow',
      standby('a', [[1, 100]]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: false, fork: '1@100', bytes: 0 },
    ],
    [
      'a standby lags before the fork',
      standby('a', [[1, 40]]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: false, fork: '1@100', bytes: 0 },
    ],
    [
      'an old primary was made a standby and is beyond the fork',
      standby('a', [[1, 101]]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 1 },
    ],
    [
      'two failovers ago',
      standby('a', [[1, 150]]),
      at('b', [
        [1, 100],
        [2, 130],
        [3, 500],
      ]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 50 },
    ],
    [
      'siblings with different numbers',
      standby('a', [
        [1, 100],
        [2, 170],
      ]),
      at('b', [
        [1, 100],
        [3, 130],
      ]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 70 },
    ],
    [
      'siblings with the same number and another history',
      standby('a', [
        [1, 90],
        [2, 170],
      ]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: true, fork: '1@90', bytes: 80 },
    ],
    [
      'a standby that was promoted and made a standby again is not the one to keep',
      standby('a', [
        [1, 100],
        [2, 120],
      ]),
      at('b', [[1, 150]]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 20 },
    ],
    [
      'a standby that turned off at the very fork and wrote nothing',
      standby('a', [
        [1, 100],
        [2, 100],
      ]),
      at('b', [[1, 150]]),
      { of: 'a of b', diverged: true, fork: '1@100', bytes: 0 },
    ],
    [
      'nothing in common',
      standby('a', [[7, 100]]),
      at('b', [[9, 150]]),
      { of: 'a of b', diverged: true, fork: 'none@undefined', bytes: undefined },
    ],
    [
      'one history, the standby a little behind',
      standby('a', [
        [1, 100],
        [2, 120],
      ]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      { of: 'a of b', diverged: false, fork: undefined, bytes: undefined },
    ],
  ])('%s', (_, a, b, expected) => {
    expect(said([a, b])).toEqual([expected]);
    expect(said([b, a])).toEqual([expected]);
  });

  it('of two primaries that took the same number have parted, each from the other', () => {
    expect(
      said([
        at('a', [
          [1, 90],
          [2, 170],
        ]),
        at('b', [
          [1, 100],
          [2, 130],
        ]),
      ]),
    ).toEqual([
      { of: 'a of b', diverged: true, fork: '1@90', bytes: 80 },
      { of: 'b of a', diverged: true, fork: '1@90', bytes: 40 },
    ]);
  });

  it('of two primaries on the very same way have parted somewhere after its last turn', () => {
    expect(
      said([
        at('a', [
          [1, 100],
          [2, 170],
        ]),
        at('b', [
          [1, 100],
          [2, 130],
        ]),
      ]),
    ).toEqual([
      { of: 'a of b', diverged: true, fork: '2@100 at least', bytes: 70 },
      { of: 'b of a', diverged: true, fork: '2@100 at least', bytes: 30 },
    ]);
    expect(said([at('a', [[1, 100]]), at('b', [[1, 130]])])).toMatchObject([
      { diverged: true, bytes: undefined },
      { diverged: true, bytes: undefined },
    ]);
  });

  it('of three are each held against the primary on the newest timeline', () => {
    const [old, now, third] = [
      at('a', [[1, 150]]),
      at('b', [
        [1, 100],
        [2, 130],
      ]),
      standby('c', [
        [1, 100],
        [2, 130],
      ]),
    ];
    expect(said([old, now, third])).toMatchObject([
      { of: 'a of b', diverged: true },
      { of: 'c of b', diverged: false },
    ]);
  });

  it('without a primary are held against the newest timeline', () => {
    expect(
      referencesOf([
        standby('a', [[1, 150]]),
        standby('b', [
          [1, 100],
          [2, 130],
        ]),
      ]),
    ).toMatchObject([{ node: 'b' }]);
  });

  it('of one server, or none, are held against nothing', () => {
    expect([said([at('a', [[1, 5]])]), said([])]).toEqual([[], []]);
  });
});

describe('whatever happened', () => {
  /** A tree of promotions: each server takes a known way and goes on, by itself or as a copy. */
  const way = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(50)), { minLength: 1, maxLength: 5 })
    .map((steps): Ways => {
      let [timeline, end] = [0, 0];
      return steps.map(([more, bytes]) => [(timeline += more), (end += bytes)]);
    });
  const server = (node: string) =>
    fc.tuple(way, fc.boolean()).map(([ways, writes]) => at(node, ways, writes));

  it('a fork is the same from both sides', () => {
    fc.assert(
      fc.property(server('a'), server('b'), (a, b) => {
        expect(forkOf(a, b)).toEqual(forkOf(b, a));
      }),
    );
  });

  it('a fork lies within both histories, and nobody has less than nothing beyond it', () => {
    fc.assert(
      fc.property(server('a'), server('b'), (a, b) => {
        const fork = forkOf(a, b);
        if (fork?.timeline === undefined) return;
        for (const { timeline, ancestors } of [a, b])
          expect([...ancestors.map((each) => each.timeline), timeline]).toContain(fork.timeline);
        expect(bytesBeyond(a, fork) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('a standby that copied a primary up to any place follows it, wherever that one goes', () => {
    fc.assert(
      fc.property(way, fc.nat(4), fc.nat(50), (ways, cut, back) => {
        const kept = ways.slice(0, (cut % ways.length) + 1);
        const [timeline, end] = kept.at(-1)!;
        const before = kept.at(-2)?.[1] ?? 0;
        const behind = Math.max(before, end - back);
        const copy = standby('a', [...kept.slice(0, -1), [timeline, behind]]);
        expect(compareAll([copy, at('b', ways)])).toMatchObject([{ diverged: false }]);
      }),
    );
  });

  it('a former primary that wrote one byte beyond the fork does not', () => {
    fc.assert(
      fc.property(way, fc.nat(4), fc.integer({ min: 1, max: 99 }), (ways, cut, more) => {
        fc.pre(ways.length > 1);
        const index = cut % (ways.length - 1);
        const [timeline, end] = ways[index]!;
        const old = at('a', [...ways.slice(0, index), [timeline, end + more]], false);
        const [found] = compareAll([old, at('b', ways)]);
        expect(found?.diverged).toBe(true);
        expect(found?.fork && bytesBeyond(old, found.fork)).toBe(more);
      }),
    );
  });
});
