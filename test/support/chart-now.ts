import { html, shown } from './chart-look.ts';
import type { FieldConfig, Panel, Series } from './chart-model.ts';

/* Panels of the present moment: stat, table, bar gauge. Each is drawn into a box of this size. */

export interface Box {
  readonly width: number;
  readonly height: number;
}

const defaultsOf = ({ fieldConfig }: Panel): FieldConfig => fieldConfig?.defaults ?? {};

export const nothing = (panel: Panel): string =>
  `<div class="nothing">${html(defaultsOf(panel).noValue ?? 'No data')}</div>`;

const last = ({ points }: Series): number => points.at(-1)?.value ?? Number.NaN;

/** A number or word in big letters for each series. */
export function stat(panel: Panel, series: readonly Series[], box: Box): string {
  if (series.length === 0) return nothing(panel);
  const named = panel.options?.textMode === 'name';
  return `<div class="stats">${series
    .map((each) => {
      const { text, color } = shown(last(each), defaultsOf(panel));
      const [big, small] = named ? [each.name, ''] : [text, each.name];
      const room = box.width / series.length - 16;
      const size = Math.min(44, box.height / 2.5, room / (big.length * 0.66)).toFixed(0);
      return `<div class="stat" style="background:${color}"><span>${html(small)}</span><b style="font-size:${size}px">${html(big)}</b></div>`;
    })
    .join('')}</div>`;
}

/** A bar for each series, from the minimum of the panel to its maximum. */
export function bars(panel: Panel, series: readonly Series[]): string {
  if (series.length === 0) return nothing(panel);
  const defaults = defaultsOf(panel);
  const { min = 0, max = Math.max(...series.map(last)) } = defaults;
  return `<div class="bars">${series
    .map((each) => {
      const { text, color } = shown(last(each), defaults);
      const part = Math.max(0, Math.min(1, (last(each) - min) / (max - min || 1)));
      return `<span>${html(each.name)}</span><i><u style="width:${part * 100}%;background:${color}"></u></i><b style="color:${color}">${html(text)}</b>`;
    })
    .join('')}</div>`;
}

type Row = Readonly<Record<string, string | number>>;

/** The rows of all queries; as `merge` joins them, those that agree in the labels that all queries have are one. */
function rowsOf(panel: Panel, series: readonly Series[]): readonly Row[] {
  const single = (panel.targets ?? []).length === 1;
  const shared = Object.keys(series[0]?.labels ?? {}).filter((label) =>
    series.every(({ labels }) => label in labels),
  );
  const rows: Record<string, string | number>[] = [];
  for (const each of series) {
    const field = single ? 'Value' : `Value #${each.refId}`;
    const row: Row = { ...each.labels, [field]: last(each) };
    const same = rows.find(
      (other) =>
        shared.every((label) => other[label] === row[label]) &&
        Object.entries(row).every(([name, value]) => (other[name] ?? value) === value),
    );
    if (single || same === undefined) rows.push({ ...row });
    else Object.assign(same, row);
  }
  return rows;
}

interface Column {
  readonly field: string;
  readonly title: string;
  readonly config: FieldConfig;
  readonly filled: boolean;
}

/** The columns as `organize` puts them. */
function columnsOf(panel: Panel, rows: readonly Row[]): readonly Column[] {
  const organize = panel.transformations?.find(({ id }) => id === 'organize')?.options;
  const { excludeByName = {}, indexByName = {}, renameByName = {} } = organize ?? {};
  const fields = [...new Set([...Object.keys(indexByName), ...rows.flatMap(Object.keys)])];
  return fields
    .filter((field) => excludeByName[field] !== true)
    .sort((a, b) => (indexByName[a] ?? 99) - (indexByName[b] ?? 99))
    .map((field) => {
      const title = renameByName[field] ?? field;
      const own = Object.fromEntries(
        (panel.fieldConfig?.overrides ?? [])
          .filter(({ matcher }) => matcher.options === title)
          .flatMap(({ properties }) => properties.map(({ id, value }) => [id, value])),
      ) as FieldConfig & Readonly<Record<string, unknown>>;
      const filled = own['custom.cellOptions'] !== undefined;
      return { field, title, config: { ...defaultsOf(panel), ...own }, filled };
    });
}

const cell = (row: Row, { field, config, filled }: Column): string => {
  const value = row[field];
  if (value === undefined) return '<td></td>';
  if (typeof value === 'string') return `<td>${html(inWords(value, config) ?? value)}</td>`;
  const { text, color } = shown(value, config);
  return `<td${filled ? ` class="filled" style="background:${color}"` : ''}>${html(text)}</td>`;
};

/** A text in words: ranges are for numbers. */
const inWords = (value: string, { mappings = [] }: FieldConfig): string | undefined =>
  mappings
    .map((each) => (each.type === 'value' ? each.options[value]?.text : undefined))
    .find(Boolean);

/** One row for each set of labels. */
export function table(panel: Panel, series: readonly Series[], box: Box): string {
  if (series.length === 0) return nothing(panel);
  const rows = rowsOf(panel, series);
  const columns = columnsOf(panel, rows);
  const [by] = panel.options?.sortBy ?? [];
  const sorted = columns.find(({ title }) => title === by?.displayName)?.field;
  const order = by?.desc === true ? -1 : 1;
  const ordered =
    sorted === undefined ? rows : [...rows].sort((a, b) => order * compare(a[sorted], b[sorted]));
  const room = Math.floor((box.height - 26) / 25);
  const head = columns.map(({ title }) => `<th>${html(title)}</th>`).join('');
  const body = ordered
    .slice(0, room)
    .map((row) => `<tr>${columns.map((column) => cell(row, column)).join('')}</tr>`)
    .join('');
  const more =
    ordered.length > room
      ? `<p class="more">${ordered.length - room} more below: Grafana scrolls</p>`
      : '';
  return `<table><tr>${head}</tr>${body}</table>${more}`;
}

const compare = (a: string | number | undefined, b: string | number | undefined): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
