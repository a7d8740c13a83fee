import { describe, expect, it } from 'vitest';
import type { Notice } from '../../alerts/notice.ts';
import {
  factLines,
  headline,
  lasted,
  nameOf,
  remarksOf,
  shortUtc,
  stateWord,
  subjectOf,
  titleOf,
  utc,
  whatHappened,
  whenLines,
} from '../../alerts/render/words.ts';
import { instant } from '../../src/core/time.ts';
import { acknowledged, later, opened, resolved } from '../golden/slack/notices.ts';

describe('the words that all channels share', () => {
  it.each([
    ['MaasHaVipUnreachable', 'VIP unreachable'],
    ['MaasHaDnsZoneBehind', 'DNS zone behind'],
    ['MaasHaRegionRpcDown', 'Region RPC down'],
    ['MaasHaTwoPrimaries', 'Two primaries'],
    ['MaasHa', 'Maas ha'],
    ['', ''],
  ])('call %s "%s"', (rule, title) => {
    expect(titleOf(rule).toLowerCase()).toBe(title.toLowerCase());
  });

  it('name what an alert is about', () => {
    expect(subjectOf({ node: 'rc2', zone: 'maas3' })).toBe('node rc2, zone maas3');
    expect(nameOf({ rule: 'MaasHaNodeDown', labels: { node: 'rc2' } })).toBe(
      'Node down (node rc2)',
    );
    expect(nameOf({ rule: 'MaasHaNodeDown', labels: {} })).toBe('Node down');
  });

  it('say the state as a word', () => {
    expect(stateWord(opened)).toBe('FIRING');
    expect(stateWord(acknowledged)).toBe('ACKED');
    expect(stateWord({ kind: 'test', standing: 'firing' })).toBe('TEST');
  });

  it('say times in UTC, and with the date only on another day', () => {
    expect(utc(later(0))).toBe('2026-11-23 10:02:07 UTC');
    expect(utc(instant(NaN))).toBe('an unknown time');
    expect(shortUtc(later(0), later(60))).toBe('10:02 UTC');
    expect(shortUtc(later(0), later(86_400))).toBe('2026-11-23 10:02 UTC');
  });

  it('say how long it went on, and never less than nothing', () => {
    expect(whenLines(opened)).toEqual(['Since 2026-11-23 10:02:07 UTC (for 4s)']);
    expect(whenLines(resolved)).toEqual([
      'From 2026-11-23 10:02:07 UTC',
      'Until 2026-11-23 10:14:32 UTC (after 12m 25s)',
    ]);
    expect(lasted({ ...opened, at: later(-3600) })).toBe(0);
  });

  it.each<[string, Notice]>([
    ['CRITICAL firing: VIP unreachable – region maas3 – started 10:02 UTC', opened],
    ['CRITICAL resolved: VIP unreachable – region maas3 – lasted 12m 25s', resolved],
    [
      'CRITICAL resolved: VIP unreachable – region maas3 – fired 10:02 UTC to 10:14 UTC, told late',
      { ...resolved, collapsed: true },
    ],
    ['TEST of the alert channel – region maas3', { ...opened, kind: 'test' }],
  ])('stand alone: %s', (line, notice) => {
    expect(headline(notice)).toBe(line);
  });

  it('say what happened, and who did it', () => {
    expect(whatHappened(acknowledged)).toBe('Acknowledged by ann (slack).');
    expect(
      whatHappened({ ...opened, kind: 'fold', root: { rule: 'MaasHaNodeDown', episode: 'E' } }),
    ).toBe('Explained by Node down: no more is told of it by itself.');
  });

  it('give the facts that are known, and say that nobody took it', () => {
    expect(factLines(opened).map(([name]) => name)).toEqual([
      ...['Severity', 'When', 'Where', 'Who holds what', 'Taken by'],
    ]);
    expect(factLines(opened).at(-1)).toEqual(['Taken by', 'nobody']);
  });

  it('say besides what was left out and what is late', () => {
    expect(remarksOf({ ...opened, remark: 'Slack was away', relapses: 2 })).toEqual([
      'Slack was away',
      'Changes in between that are left out: 2.',
    ]);
    expect(remarksOf(opened)).toEqual([]);
  });
});
