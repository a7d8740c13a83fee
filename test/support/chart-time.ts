import { nothing, type Box } from './chart-now.ts';
import { colour, html, PALETTE, shown, withUnit } from './chart-look.ts';
import type { Panel, Point, Series, Span } from './chart-model.ts';

/* Panels over time: state timeline and time series, with what happened as vertical lines. */

/** Something that happened, or went on, in the colour of its kind. */
export interface Happening {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

interface Plot extends Box {
  readonly left: number;
  readonly span: Span;
  readonly happenings: readonly Happening[];
}

const AXIS = 20;
const LETTER = 6.3;

const xOf = ({ left, width, span }: Plot, at: number): number =>
  left + ((at - span.from) / (span.to - span.from)) * (width - left);

const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 16);

/** The axis of time, and what happened. */
function frame(plot: Plot): string {
  const { height, span, happenings, width } = plot;
  const minutes = (span.to - span.from) / 60;
  const every =
    [1, 2, 5, 10, 15, 30, 60, 120, 240].find((each) => minutes / each <= width / 90) ?? 480;
  const first = Math.ceil(span.from / (every * 60)) * every * 60;
  const ticks = Array.from(
    { length: Math.floor((span.to - first) / (every * 60)) + 1 },
    (_, index) => first + index * every * 60,
  );
  const bottom = height - AXIS;
  return [
    ...ticks.map((at) => {
      const x = xOf(plot, at);
      return `<path d="M${x.toFixed(1)} 0V${bottom}" stroke="#ccccdc" stroke-opacity=".08"/><text x="${x.toFixed(1)}" y="${height - 5}" text-anchor="middle" class="axis">${x > width - 18 ? '' : clock(at)}</text>`;
    }),
    ...happenings.map(({ from, to, color }) => {
      const [a, b] = [xOf(plot, from), xOf(plot, to)];
      return `<path d="M${a.toFixed(1)} 0V${bottom}" stroke="${color}" stroke-dasharray="4 3" stroke-opacity=".9"/><rect x="${a.toFixed(1)}" y="${bottom}" width="${Math.max(3, b - a).toFixed(1)}" height="3" fill="${color}"/>`;
    }),
  ].join('');
}

const svg = ({ width, height }: Box, content: string): string =>
  `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;

/** Runs of points that follow each other; a gap is where a sample is missing. */
function runs(points: readonly Point[], { step }: Span, same: (a: Point, b: Point) => boolean) {
  const found: Point[][] = [];
  for (const point of points) {
    const before = found.at(-1)?.at(-1);
    if (before !== undefined && point.at - before.at <= step * 1.5 && same(before, point))
      found.at(-1)?.push(point);
    else found.push([point]);
  }
  return found;
}

/** A row for each series, coloured by its state. */
export function timeline(
  panel: Panel,
  series: readonly Series[],
  box: Box,
  around: Pick<Plot, 'span' | 'happenings'>,
): string {
  if (series.length === 0) return nothing(panel);
  const left = Math.max(...series.map(({ name }) => name.length)) * LETTER + 10;
  const plot: Plot = { ...box, ...around, left };
  const row = (box.height - AXIS - 2) / series.length;
  const config = panel.fieldConfig?.defaults ?? {};
  const draw = (points: readonly Point[], y: number): string => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return '';
    const { text, color } = shown(first.value, config);
    const x = xOf(plot, first.at);
    const width = xOf(plot, Math.min(around.span.to, last.at + around.span.step)) - x;
    const bar = `<rect x="${x.toFixed(1)}" y="${(y + row * 0.075).toFixed(1)}" width="${Math.max(1, width).toFixed(1)}" height="${(row * 0.85).toFixed(1)}" fill="${color}" fill-opacity=".75"/>`;
    const fits = text.length * LETTER + 6 < width && row > 11;
    return fits
      ? `${bar}<text x="${(x + 5).toFixed(1)}" y="${(y + row / 2 + 4).toFixed(1)}" class="state">${html(text)}</text>`
      : bar;
  };
  const rows = series.map(({ name, points }, index) => {
    const y = index * row;
    const label = `<text x="${left - 8}" y="${(y + row / 2 + 4).toFixed(1)}" text-anchor="end" class="axis">${html(name)}</text>`;
    const segments = runs(points, around.span, (a, b) => a.value === b.value);
    return label + segments.map((run) => draw(run, y)).join('');
  });
  return svg(box, rows.join('') + frame(plot));
}

/** Numbers over time, with the thresholds as dashed lines and a legend below. */
export function lines(
  panel: Panel,
  series: readonly Series[],
  box: Box,
  around: Pick<Plot, 'span' | 'happenings'>,
): string {
  if (series.length === 0) return nothing(panel);
  const config = panel.fieldConfig?.defaults ?? {};
  const drawn = { width: box.width, height: box.height - 22 };
  const plot: Plot = { ...drawn, ...around, left: 62 };
  const limits = (config.thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value === null ? [] : [{ value, color: colour(color) }],
  );
  const values = series.flatMap(({ points }) =>
    points.map(({ value }) => value).filter(Number.isFinite),
  );
  const low = config.min ?? Math.min(0, ...values);
  const high = config.max ?? highest(low, values);
  const bottom = drawn.height - AXIS;
  const y = (value: number): number => bottom - ((value - low) / (high - low || 1)) * (bottom - 6);
  const grid = [0, 0.5, 1].map((part) => {
    const value = low + part * (high - low);
    return `<path d="M${plot.left} ${y(value).toFixed(1)}H${box.width}" stroke="#ccccdc" stroke-opacity=".08"/><text x="${plot.left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end" class="axis">${html(withUnit(value, config.unit))}</text>`;
  });
  const marks = limits
    .filter(({ value }) => value >= low && value <= high)
    .map(
      ({ value, color }) =>
        `<path d="M${plot.left} ${y(value).toFixed(1)}H${box.width}" stroke="${color}" stroke-dasharray="8 5" stroke-opacity=".7"/>`,
    );
  const paths = series.map(({ points }, index) => {
    const finite = points.filter(({ value }) => Number.isFinite(value));
    const path = runs(finite, around.span, () => true)
      .map(
        (run) =>
          `M${run.map(({ at, value }) => `${xOf(plot, at).toFixed(1)} ${y(value).toFixed(1)}`).join('L')}`,
      )
      .join('');
    return `<path d="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="1.5"/>`;
  });
  const legend = series
    .map(
      ({ name }, index) =>
        `<span><i style="background:${colourOf(index)}"></i>${html(name)}</span>`,
    )
    .join('');
  return `${svg(drawn, grid.join('') + marks.join('') + paths.join('') + frame(plot))}<div class="legend">${legend}</div>`;
}

/** A little above the largest value; a line of zeros lies at the bottom. */
const highest = (low: number, values: readonly number[]): number => {
  const high = Math.max(low, ...values);
  return high === low ? low + 1 : high + (high - low) * 0.1;
};

const colourOf = (index: number): string => PALETTE[index % PALETTE.length] ?? PALETTE[0];
