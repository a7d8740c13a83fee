import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { expressionsOf, panelsOf } from '../../grafana/expressions.ts';
import { SCRAPE_INTERVAL } from '../../src/generate/promql.ts';
import { declared, made, panels } from './made.ts';
import { parsed } from './parsed.ts';

/*
 * The rules of grafana/dashboard-linter as tests of our own. Left out of them: its variables `job` and
 * `instance`, because which monitor looked is aggregated away here, and `region` stands in their place.
 */

/** A screen of 1080 lines shows so many units of the grid below Grafana's own bars. */
const SCREEN = 22;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const boxOf = ({ gridPos }: Pick<Panel, 'gridPos'>): Box => gridPos ?? { x: -1, y: -1, w: 0, h: 0 };

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

const counters = declared.metrics
  .filter(({ metric }) => metric.kind === 'counter')
  .map(({ metric }) => metric.name as string);

const targetsOf = ({ targets = [] }: Panel): readonly Readonly<Record<string, unknown>>[] =>
  targets as unknown as readonly Readonly<Record<string, unknown>>[];

describe.each(made.map((board) => [board.uid ?? '', board] as const))('%s', (uid, board) => {
  it('is as people find it everywhere: name, range, refresh, time zone, not editable', () => {
    expect(uid).toMatch(/^maasha-[a-z]+$/);
    expect(board.title).toMatch(/^MAAS HA \/ /);
    expect(board.tags).toContain('maasha');
    expect(board).toMatchObject({
      editable: false,
      refresh: '30s',
      timezone: 'browser',
      time: { from: 'now-6h', to: 'now' },
    });
    expect(board).not.toHaveProperty('__inputs');
    expect(board).not.toHaveProperty('id');
  });

  it('leads to the others, with the chosen time and variables', () => {
    expect(board.links).toMatchObject([
      { type: 'dashboards', tags: ['maasha'], includeVars: true, keepTime: true },
    ]);
  });

  it('lets one choose the datasource and the regions, all of them at once as well', () => {
    const [datasource, ...others] = board.templating.list ?? [];
    expect(datasource).toMatchObject({
      type: 'datasource',
      name: 'datasource',
      query: 'prometheus',
    });
    expect(others[0]?.name).toBe('region');
    for (const variable of others)
      expect(variable, variable.name).toMatchObject({
        type: 'query',
        multi: true,
        includeAll: true,
        allValue: '.*',
        datasource: { uid: '${datasource}' },
      });
  });

  it('has panels with numbers of their own that do not overlap and stay on the grid', () => {
    const all = board.panels ?? [];
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const boxes = all.map(boxOf);
    for (const [index, box] of boxes.entries()) {
      expect(box.x >= 0 && box.x + box.w <= 24 && box.w > 0 && box.h > 0).toBe(true);
      expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
    }
  });

  it('shows what must be seen without scrolling on a screen of 1080 lines', () => {
    const title = (board.panels ?? []).find(({ type }) => type === 'row');
    expect(title === undefined ? 0 : boxOf(title).y).toBeGreaterThan(0);
    expect(title === undefined ? 0 : boxOf(title).y).toBeLessThanOrEqual(SCREEN);
  });

  it('has no title twice', () => {
    const titles = panelsOf(board).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

it('no two dashboards have one uid or one title', () => {
  expect(made.length).toBe(6);
  expect(new Set(made.map(({ uid }) => uid)).size).toBe(6);
  expect(new Set(made.map(({ title }) => title)).size).toBe(6);
});

describe.each(panels)('$where', ({ panel }) => {
  it('says what it shows, in which unit, and what stands there while nothing is known', () => {
    expect(panel.title).toMatch(/\w/);
    expect(panel.description ?? '').toMatch(/[.]/);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/\w/);
    expect(panel.fieldConfig?.defaults.noValue).toMatch(/\w/);
  });

  it('asks whichever Prometheus is chosen, and not more often than that scrapes', () => {
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    expect(panel.interval).toBe(`${SCRAPE_INTERVAL}s`);
    const targets = targetsOf(panel);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      expect(target).toMatchObject({ datasource: { uid: '${datasource}' } });
      expect(target).not.toHaveProperty('interval');
    }
  });

  it('shows what is now from now: never the newest of a range, which may have ceased', () => {
    const ofNow = ['stat', 'table', 'bargauge', 'gauge'].includes(panel.type);
    for (const target of targetsOf(panel)) expect(target['instant']).toBe(ofNow);
  });

  it('counts over an interval that fits the scrapes, and shows no counter by itself', () => {
    for (const target of targetsOf(panel)) {
      const expr = String(target['expr']);
      const { selected, counted } = parsed(expr);
      const bare = selected.filter(
        ({ name }) => counters.includes(name) && !counted.includes(name),
      );
      expect(bare).toEqual([]);
      if (counted.length > 0) expect(expr).toContain('[$__rate_interval]');
    }
  });

  it('names the runbooks of what judges it, with the chosen region', () => {
    for (const { url, title, targetBlank } of panel.links ?? []) {
      expect(declared.rules.map(({ rule }) => rule.name as string)).toContain(title);
      expect(url).toMatch(new RegExp(`/runbooks/${title}[?]region=[$]region$`));
      expect(targetBlank).toBe(true);
      expect(panel.description).toContain(`[${title}]`);
    }
  });
});

it('no expression makes a value up where there is none, or takes an old one for present', () => {
  for (const { expr, title } of made.flatMap(expressionsOf))
    expect(expr, title).not.toMatch(/\bvector\(|_over_time\(|absent_over_time/);
});

it('which region and which monitor is chosen or aggregated, never written down', () => {
  for (const { expr, title } of made.flatMap(expressionsOf))
    for (const { matchers } of parsed(expr).selected)
      for (const { label, value } of matchers) {
        if (label === 'region') expect(['$region', '$region|monitor'], title).toContain(value);
        expect(label, title).not.toBe('instance');
      }
});

it('what a panel says of a region is aggregated over monitors, so that two are not two rows', () => {
  const ours = made
    .flatMap(expressionsOf)
    .filter(({ from, expr }) => from !== 'variable' && expr.includes('maasha_'));
  const loose = ours.filter(({ expr }) => !/\b(max|min|sum) by \(/.test(expr));
  expect(loose).toEqual([]);
});
