import { describe, expect, it, test } from 'vitest';
import { instant } from '../../../src/core/time.ts';
import {
  compareSerials,
  describe as inWords,
  type Present,
  type ZoneHistory,
} from '../../../src/analysis/dns/history.ts';

const WALL = instant(1_795_430_000_000);
/** The two clocks never show the same, so that one cannot pass for the other. */
const after = (passed: number, set = 0): Present => ({
  steady: instant(WALL - 5_000_000 + passed),
  wall: instant(WALL + passed + set),
});
const NOW = after(0);
const LATER = after(601_000);

const serials = (master: number, ...slaves: readonly (number | undefined)[]) => ({
  master,
  slaves: slaves.map((serial, each) => ({ name: `rc${each + 1}`, serial })),
});

const seen = (serial: number, changes: Partial<ZoneHistory> = {}): ZoneHistory => ({
  serial,
  differs: {},
  ...changes,
});

describe('compareSerials', () => {
  test.each([
    ['all agree, first look', undefined, serials(102, 102, 102), false],
    ['a slave is behind', undefined, serials(102, 100, 102), false],
    ['a slave is ahead', undefined, serials(50, 102, 102), true],
    ['the master moved on', seen(102), serials(103, 102), false],
    ['the master moved on past the wrap', seen(4_294_967_295), serials(1, 1), false],
    ['the master went back, slaves unknown', seen(102), serials(50, undefined), true],
    ['the master went back and the slaves with it, just now', seen(102), serials(50, 50, 50), true],
    ['the order cannot be told', seen(0), serials(2 ** 31, undefined), false],
  ])('judges: %s', (_, known, given, regressed) => {
    expect(compareSerials(known, given, NOW).regressed).toBe(regressed);
  });

  it('remembers that the master went back until it has passed its old serial', () => {
    const first = compareSerials(seen(102), serials(50, 102), NOW);
    expect(first.history).toMatchObject({ serial: 102, backSince: NOW.steady });
    const second = compareSerials(first.history, serials(51, 51), after(30_000));
    expect(second).toMatchObject({
      regressed: true,
      history: { serial: 102, backSince: NOW.steady },
    });
    const repaired = compareSerials(second.history, serials(103, 51), LATER);
    expect(repaired).toMatchObject({ regressed: false, history: { serial: 103 } });
    expect(repaired.history.backSince).toBeUndefined();
  });

  it('forgets it when, some time later, all slaves agree', () => {
    const known = seen(102, { backSince: NOW.steady });
    expect(compareSerials(known, serials(50, 50, 50), LATER).regressed).toBe(false);
    expect(compareSerials(known, serials(50, 50, undefined), LATER).regressed).toBe(true);
    expect(compareSerials(known, serials(50, 50, 49), LATER).regressed).toBe(true);
  });

  it('does not forget it sooner because the wall clock was set forward', () => {
    const known = seen(102, { backSince: NOW.steady });
    const set = after(10_000, 3_600_000);
    expect(compareSerials(known, serials(50, 50, 50), set).regressed).toBe(true);
  });

  it('counts from now when what it remembers lies in the future', () => {
    const known = seen(102, { backSince: LATER.steady, differs: { rc1: LATER.wall } });
    const { history } = compareSerials(known, serials(50, 49), NOW);
    expect(history).toMatchObject({ backSince: NOW.steady, differs: { rc1: NOW.wall } });
  });

  it('gives signed distances from the master, and none for a slave that is not known', () => {
    const { standings } = compareSerials(undefined, serials(102, 100, undefined, 103), NOW);
    expect(standings.map(({ slave, away }) => [slave, away])).toEqual([
      ['rc1', -2],
      ['rc3', 1],
    ]);
  });

  it('keeps since when a slave differs, through looks that it did not answer', () => {
    const first = compareSerials(undefined, serials(102, 100), NOW);
    expect(first.history.differs).toEqual({ rc1: NOW.wall });
    const unknown = compareSerials(first.history, serials(102, undefined), LATER);
    expect(unknown.standings).toEqual([]);
    const still = compareSerials(unknown.history, serials(104, 101), LATER);
    expect(still.standings).toEqual([{ slave: 'rc1', away: -3, since: NOW.wall }]);
    const healed = compareSerials(still.history, serials(104, 104), LATER);
    expect(healed.standings[0]?.since).toBeUndefined();
    expect(healed.history.differs).toEqual({});
  });
});

describe('describe', () => {
  it('says what is wrong, and nothing when all is well', () => {
    expect(inWords(compareSerials(undefined, serials(102, 102), NOW))).toEqual([]);
    expect(inWords(undefined)).toEqual([]);
    expect(inWords(compareSerials(undefined, serials(102, 100, 103), NOW))).toEqual([
      'the master serves an older serial than before, or than a slave, in',
      'rc1 is behind the master in',
      'rc2 is ahead of the master in',
    ]);
  });
});
