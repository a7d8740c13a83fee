import { expect, it } from 'vitest';
import { filledIn } from './chart-data.ts';
import { shown, withUnit } from './chart-look.ts';
import type { Panel, Series } from './chart-model.ts';
import { table } from './chart-now.ts';
import { lines, timeline } from './chart-time.ts';

/* The picture of a dashboard must not show what is not known, nor hide what is. */

const panel = (changes: Partial<Panel> = {}): Panel => ({
  type: 'state-timeline',
  gridPos: { x: 0, y: 0, w: 12, h: 4 },
  targets: [{ expr: 'x', refId: 'A' }],
  fieldConfig: {
    defaults: {
      noValue: 'unknown',
      mappings: [
        { type: 'value', options: { '1': { text: 'up', color: 'green' } } },
        { type: 'range', options: { from: 2, to: null, result: { text: 'many', color: 'red' } } },
      ],
    },
    overrides: [],
  },
  ...changes,
});
const series = (
  points: readonly (readonly [number, number])[],
  changes: Partial<Series> = {},
): Series => ({
  refId: 'A',
  name: 'rc1',
  labels: { node: 'rc1' },
  points: points.map(([at, value]) => ({ at, value })),
  ...changes,
});
const box = { width: 640, height: 100 };
const around = { span: { from: 0, to: 600, step: 15 }, happenings: [] };
const bars = (svg: string): number => svg.split('<rect').length - 1;

it('fills in what is chosen for a variable, and everything for the others', () => {
  const dashboard = { templating: { list: [{ name: 'region' }, { name: 'node' }] } };
  const expr = 'rate(x{region=~"$region",node=~"${node}"}[$__rate_interval]) * $1';
  expect(filledIn(expr, dashboard, { step: 15 }, { region: 'maas3' })).toBe(
    'rate(x{region=~"maas3",node=~".*"}[60s]) * $1',
  );
});

it('draws one bar for as long as a state holds', () => {
  const steady = series([
    [0, 1],
    [15, 1],
    [30, 1],
  ]);
  expect(bars(timeline(panel(), [steady], box, around))).toBe(1);
});

it('draws a new bar where the state changes', () => {
  const changing = series([
    [0, 1],
    [15, 1],
    [30, 3],
  ]);
  expect(bars(timeline(panel(), [changing], box, around))).toBe(2);
});

it('draws nothing where a sample is missing', () => {
  const gap = series([
    [0, 1],
    [15, 1],
    [90, 1],
  ]);
  expect(bars(timeline(panel(), [gap], box, around))).toBe(2);
  expect(lines(panel(), [gap], box, around)).toMatch(/d="M[^M"]+M[^M"]+" fill="none"/);
});

it('shows the words for no data where there is no series', () => {
  expect(timeline(panel(), [], box, around)).toContain('unknown');
  expect(table(panel(), [], box)).toContain('unknown');
});

it.each([
  [1, 'up', '#73bf69'],
  [2, 'many', '#f2495c'],
  [7, 'many', '#f2495c'],
  [0, '0', '#73bf69'],
])('shows %d in the words and the colour of its mapping', (value, text, color) => {
  expect(shown(value, panel().fieldConfig?.defaults ?? {})).toEqual({ text, color });
});

it.each([
  [0, 's', '0 s'],
  [0.25, 's', '250 ms'],
  [90, 's', '1.5 min'],
  [67108864, 'bytes', '64 MiB'],
  [0.333, 'percentunit', '33.3%'],
  [1250, 'short', '1.25 K'],
  [3, 'none', '3'],
])('shows %d %s as %s', (value, unit, text) => {
  expect(withUnit(value, unit)).toBe(text);
});

it('joins the rows of several queries that agree in the labels that all have', () => {
  const two = panel({
    targets: [
      { expr: 'x', refId: 'A' },
      { expr: 'y', refId: 'B' },
    ],
  });
  const text = table(
    two,
    [
      series([[0, 1]], { labels: { node: 'rc1', version: '15' } }),
      series([[0, 5]], { refId: 'B' }),
      series([[0, 6]], { refId: 'B', labels: { node: 'rc2' } }),
    ],
    box,
  );
  expect(text.split('<tr>')).toHaveLength(4);
  expect(text).toContain('<td>rc1</td><td>15</td><td>up</td><td>many</td>');
});

it('leaves no text of a label unescaped', () => {
  const odd = series([[0, 1]], { name: '<script>' });
  expect(timeline(panel(), [odd], box, around)).not.toContain('<script>');
});
