import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { panelsOf } from '../../grafana/expressions.ts';
import { provisioning } from '../../grafana/provisioning.ts';
import { DELIVERED } from '../../src/generate/artifacts.ts';
import { declared, made, panels } from './made.ts';

/*
 * What Grafana needs to read a dashboard from a file. The SDK's types are the schema when this is compiled;
 * its package holds no JSON Schema. So this looks, at what was written, for what those types leave optional
 * and Grafana does not. It is no proof that a Grafana draws it: that takes a Grafana.
 */

/** The panels of Grafana itself that are used here; every other one would be a plug-in, or a mistake. */
const KINDS = ['stat', 'state-timeline', 'timeseries', 'bargauge', 'heatmap', 'table'];

/** The first version whose schema has all that is used; Grafana brings older ones up to date by itself. */
const OLDEST = 39;

describe.each(made.map((board) => [board.uid ?? '', board] as const))('%s', (_, board) => {
  it('is the classic schema: one version, lists where lists belong, no place for a database id', () => {
    expect(board.schemaVersion).toBeGreaterThanOrEqual(OLDEST);
    expect(Array.isArray(board.panels)).toBe(true);
    expect(Array.isArray(board.templating.list)).toBe(true);
    expect(Array.isArray(board.annotations.list)).toBe(true);
    expect(board).not.toHaveProperty('apiVersion');
    expect(board).not.toHaveProperty('version');
  });

  it('has a name that a URL can hold', () => {
    expect(board.uid).toMatch(/^[\w-]{8,40}$/);
  });

  it('has rows that are open and hold no panels, so that these stand beside them', () => {
    for (const row of (board.panels ?? []).filter(({ type }) => type === 'row'))
      expect(row).toMatchObject({ collapsed: false, panels: [] });
  });

  it('asks for its annotations as older and as newer versions of Grafana read them', () => {
    const list = board.annotations.list ?? [];
    expect(list.length).toBeGreaterThan(0);
    for (const each of list)
      expect(each).toMatchObject({
        enable: true,
        datasource: { type: 'prometheus', uid: '${datasource}' },
        expr: (each.target as unknown as { expr: string }).expr,
        target: { refId: 'Anno' },
      });
  });
});

describe.each(panels)('$where', ({ panel }) => {
  it('is a panel of Grafana, in its place, with options and fields', () => {
    expect(KINDS).toContain(panel.type);
    expect(Number.isInteger(panel.id)).toBe(true);
    expect(panel.gridPos).toMatchObject({ x: expect.any(Number) as number });
    expect(panel.options).toBeTypeOf('object');
    expect(panel.fieldConfig).toMatchObject({
      defaults: {},
      overrides: [...(panel.fieldConfig?.overrides ?? [])],
    });
  });

  it('has queries with letters of their own', () => {
    const letters = (panel.targets ?? []).map(
      (each) => (each as unknown as { refId: string }).refId,
    );
    expect(letters).toEqual(['A', 'B', 'C', 'D', 'E', 'F'].slice(0, letters.length));
  });

  it('begins its thresholds at no value and goes up', () => {
    const values = (panel.fieldConfig?.defaults.thresholds?.steps ?? []).map(({ value }) => value);
    if (panel.type === 'heatmap') return;
    expect(values[0]).toBeNull();
    const rest = values.slice(1).map(Number);
    expect(rest).toEqual([...new Set(rest)].sort((a, b) => a - b));
  });
});

it.each(panels.filter(({ panel }) => panel.type === 'table'))(
  '$where: names each column once, and changes only columns that there are',
  ({ panel }) => {
    const organized = panel.transformations?.find(({ id }) => id === 'organize')?.options as {
      renameByName: Record<string, string>;
      excludeByName: Record<string, boolean>;
    };
    const titles = Object.values(organized.renameByName);
    expect(new Set(titles).size).toBe(titles.length);
    expect(organized.excludeByName).toMatchObject({ Time: true });
    for (const { matcher } of panel.fieldConfig?.overrides ?? [])
      expect(titles).toContain(matcher.options);
    for (const { displayName } of (panel.options as { sortBy?: { displayName: string }[] })
      .sortBy ?? [])
      expect(titles).toContain(displayName);
  },
);

it('the files that are committed are those that are made', () => {
  for (const board of made) {
    const name = (board.uid ?? '').replace('maasha-', '');
    const file = JSON.parse(readFileSync(`grafana/dashboards/${name}.json`, 'utf8')) as unknown;
    expect(file).toEqual(board);
    expect(panelsOf(board).length).toBeGreaterThan(10);
  }
});

it('the provisioning files name the datasource and the folder, and let nobody change them in the browser', async () => {
  const files = await provisioning(declared, DELIVERED);
  const [datasources, providers] = files.map(({ text }) => parse(text) as unknown);
  expect(datasources).toMatchObject({
    apiVersion: 1,
    datasources: [
      {
        uid: 'maasha-prometheus',
        type: 'prometheus',
        editable: false,
        jsonData: { timeInterval: '15s' },
      },
    ],
  });
  expect(providers).toMatchObject({
    apiVersion: 1,
    providers: [{ folder: 'MAAS HA', type: 'file', allowUiUpdates: false, disableDeletion: true }],
  });
});
