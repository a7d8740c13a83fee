import { describe, expect, it, test } from 'vitest';
import type { Soa } from '../../../src/core/ports/dns.ts';
import { instant, seconds } from '../../../src/core/time.ts';
import {
  compareSerials,
  describe as inWords,
  patienceOf,
  witnesses,
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

/** As MAAS writes it. */
const soaOf = (serial: number): Soa => ({
  primary: 'maas3',
  mailbox: 'nobody.example.com',
  serial,
  refresh: seconds(600),
  retry: seconds(1800),
  expire: seconds(604_800),
  minimum: seconds(300),
});

const serials = (master: number, ...slaves: readonly (number | undefined)[]) => ({
  master,
  slaves: slaves.map((serial, each) => ({
    name: `rc${each + 1}`,
    soa: serial === undefined ? undefined : soaOf(serial),
  })),
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
    const known = seen(102, { backSince: LATER.steady, differs: { rc1: LATER } });
    const { history } = compareSerials(known, serials(50, 49), NOW);
    expect(history).toMatchObject({ backSince: NOW.steady, differs: { rc1: NOW } });
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
    expect(first.history.differs).toEqual({ rc1: NOW });
    const unknown = compareSerials(first.history, serials(102, undefined), LATER);
    expect(unknown.standings).toEqual([]);
    const still = compareSerials(unknown.history, serials(104, 101), LATER);
    expect(still.standings).toMatchObject([{ slave: 'rc1', away: -3, since: NOW.wall }]);
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

describe('patience with a slave', () => {
  test.each([
    { of: 'MAAS', refresh: 600, retry: 1800, allows: 2460 },
    { of: 'a lab', refresh: 15, retry: 5, allows: 30 },
    { of: 'a zone in between', refresh: 200, retry: 100, allows: 330 },
  ])('is refresh and retry of the zone, and some more: $of', ({ refresh, retry, allows }) => {
    expect(patienceOf({ refresh: seconds(refresh), retry: seconds(retry) })).toBe(allows);
  });

  it('ends when the slave was seen behind for longer', () => {
    const behind = (passed: number) =>
      compareSerials(seen(102, { differs: { rc1: NOW } }), serials(102, 100), after(passed * 1000));
    expect(behind(2460).standings[0]?.overdue).toBe(false);
    expect(behind(2461).standings[0]?.overdue).toBe(true);
  });

  it('is not used up by a wall clock that was set forward', () => {
    const known = seen(102, { differs: { rc1: NOW } });
    const found = compareSerials(known, serials(102, 100), after(1000, 86_400_000));
    expect(found.standings[0]?.overdue).toBe(false);
  });

  it('ends at the first look when the slave says itself that it has not heard of its master', () => {
    const slave = (heard: number) => ({
      name: 'rc1',
      soa: soaOf(100),
      expiresIn: seconds(604_800 - heard),
    });
    const look = (heard: number) =>
      compareSerials(undefined, { master: 102, slaves: [slave(heard)] }, NOW).standings[0];
    expect(look(2400)?.overdue).toBe(false);
    expect(look(2500)?.overdue).toBe(true);
  });

  it('plays no part for one that is in step, ahead, or in no order', () => {
    const slaves = [102, 103, 102 + 2 ** 31].map((serial, each) => ({
      name: `rc${each}`,
      soa: soaOf(serial),
      expiresIn: seconds(1),
    }));
    const { standings } = compareSerials(undefined, { master: 102, slaves }, NOW);
    expect(standings.map(({ overdue }) => overdue)).toEqual([false, false, false]);
  });
});

describe('witnesses', () => {
  test.each([
    ['all in step', seen(102), serials(102, 102, 102), undefined],
    ['one behind', seen(102), serials(102, 100, 102), 'the master serves 102, rc1 100, rc2 102'],
    [
      'the master went back, and only the monitor remembers',
      seen(102),
      serials(50, 50),
      'the master serves 50, rc1 50, 102 was at the master before',
    ],
  ])('%s', (_, known, given, says) => {
    expect(witnesses(compareSerials(known, given, NOW))).toBe(says);
  });

  it('says of a slave that is ahead when its version expires', () => {
    const slaves = [{ name: 'rc1', soa: soaOf(102), expiresIn: seconds(604_000) }];
    const found = compareSerials(undefined, { master: 50, slaves }, NOW);
    expect(witnesses(found)).toBe('the master serves 50, rc1 102 (until it expires in 6d 23h)');
  });
});
