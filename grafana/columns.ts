import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { Settings } from '../src/generate/declared.ts';
import { mappingsOf, type Words } from './look.ts';
import type { Column, Table, Wording } from './panels.ts';

/** What a query is called by its place: A, B, … */
export const letter = (index: number): string => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.charAt(index);

/** Gives a table its columns: joined by their labels, named, in order, with words and links. */
export function columnsOf(
  panel: PanelBuilder,
  { columns, sort, asks }: Table,
  words: (wording: Wording) => Words,
  settings: Settings,
): PanelBuilder {
  const fields = columns.map((column) => ({ column, field: fieldOf(column, asks.length) }));
  const notShown = asks
    .map((_, index) => fieldOf({ of: letter(index) }, asks.length))
    .filter((name) => !fields.some(({ field }) => field === name));
  if (asks.length > 1) panel.withTransformation({ id: 'merge', options: {} });
  panel.withTransformation({
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(['Time', ...notShown].map((field) => [field, true])),
      indexByName: Object.fromEntries(fields.map(({ field }, index) => [field, index])),
      renameByName: Object.fromEntries(fields.map(({ field, column }) => [field, column.title])),
    },
  });
  for (const { column } of fields) {
    const properties = propertiesOf(column, words, settings);
    if (properties.length > 0) panel.overrideByName(column.title, properties);
  }
  if (sort !== undefined)
    panel.sortBy([
      new common.TableSortByFieldStateBuilder().displayName(sort.by).desc(sort.worst === 'last'),
    ]);
  return panel;
}

/** Of one query the value is called so; of several, each by its letter. */
const fieldOf = ({ of }: Pick<Column, 'of'>, queries: number): string => {
  if (!/^[A-Z]$/.test(of)) return of;
  return queries === 1 ? 'Value' : `Value #${of}`;
};

function propertiesOf(
  { unit, words, link }: Column,
  worded: (wording: Wording) => Words,
  { publicUrl }: Settings,
): DynamicConfigValue[] {
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(words === undefined
      ? []
      : [
          { id: 'mappings', value: mappingsOf(worded(words)) },
          { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
        ]),
    ...(link === undefined
      ? []
      : [
          {
            id: 'links',
            value: [{ title: link.title, url: `${publicUrl}${link.path}`, targetBlank: true }],
          },
        ]),
  ];
}
