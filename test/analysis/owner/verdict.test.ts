import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../src/analysis/owner/statements.ts';
import { WITNESSES } from '../../../src/analysis/owner/statements.ts';
import { judgeOwner, rememberSayings } from '../../../src/analysis/owner/verdict.ts';
import { instant } from '../../../src/core/time.ts';

const NODES = ['rc1', 'rc2', 'rc3'];
const statement = fc.record({
  witness: fc.constantFrom(...WITNESSES),
  nodes: fc.subarray(NODES),
  at: fc.integer({ min: 0, max: 100 }).map(instant),
});
/** What at most one of each witness says. */
const round: fc.Arbitrary<readonly Statement[]> = fc.uniqueArray(statement, {
  selector: ({ witness }) => witness,
  maxLength: WITNESSES.length,
});
const answers = fc.constantFrom(true, false, undefined);
const now = instant(1000);

describe('the verdict', () => {
  it('names as holder only whom a fresh witness names', () => {
    fc.assert(
      fc.property(round, round, answers, (before, statements, up) => {
        const known = rememberSayings(before, {}, now);
        const { holders, by, fresh } = judgeOwner(
          statements,
          rememberSayings(statements, known, now),
          up,
        );
        for (const holder of holders ?? [])
          expect(fresh.some(({ nodes }) => nodes.includes(holder))).toBe(true);
        for (const witness of by) expect(fresh.some((each) => each.witness === witness)).toBe(true);
      }),
    );
  });

  it('names several holders only by the wire', () => {
    fc.assert(
      fc.property(round, answers, (statements, up) => {
        const { holders = [] } = judgeOwner(statements, {}, up);
        const wire = statements.find(({ witness }) => witness === 'arp')?.nodes;
        if (holders.length > 1) expect(holders).toEqual(wire);
      }),
    );
  });

  it('does not depend on the order in which the witnesses are heard', () => {
    fc.assert(
      fc.property(round, answers, (statements, up) => {
        const forth = judgeOwner(statements, {}, up);
        const back = judgeOwner(statements.toReversed(), {}, up);
        expect(back.holders).toEqual(forth.holders);
        expect(back.disagree).toBe(forth.disagree);
      }),
    );
  });

  it('is never that of a minority, and that all agree is no contradiction', () => {
    fc.assert(
      fc.property(round, (statements) => {
        const { holders, by, fresh, disagree } = judgeOwner(statements, {}, true);
        if (holders?.length !== 1) return;
        const others = fresh.filter(({ nodes }) => nodes.length === 1 && nodes[0] !== holders[0]);
        for (const { nodes } of others)
          expect(others.filter((each) => each.nodes[0] === nodes[0]).length).toBeLessThan(
            by.length,
          );
        if (fresh.every(({ nodes }) => nodes.length === 1 && nodes[0] === holders[0]))
          expect(disagree).toBe(false);
      }),
    );
  });

  it('hears nobody who looked before another one saw a change', () => {
    fc.assert(
      fc.property(round, round, (before, statements) => {
        const known = rememberSayings(before, {}, now);
        const after = rememberSayings(statements, known, now);
        const { fresh } = judgeOwner(statements, after, true);
        for (const { witness, at } of fresh)
          for (const [other, { changedAt = 0 }] of Object.entries(after))
            if (other !== witness) expect(changedAt).toBeLessThanOrEqual(at);
      }),
    );
  });
});

describe('what the witnesses said', () => {
  it('is no change at first sight, and none when it is the same again', () => {
    fc.assert(
      fc.property(round, (statements) => {
        const first = rememberSayings(statements, {}, now);
        for (const { changedAt } of Object.values(first)) expect(changedAt).toBeUndefined();
        expect(rememberSayings(statements, first, now)).toEqual(first);
      }),
    );
  });

  it('stays known of a witness that has fallen silent', () => {
    fc.assert(
      fc.property(round, (statements) => {
        const first = rememberSayings(statements, {}, now);
        expect(rememberSayings([], first, now)).toEqual(first);
      }),
    );
  });
});
