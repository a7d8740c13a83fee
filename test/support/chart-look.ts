import type { FieldConfig, Mapping } from './chart-model.ts';

/* Colours, units and words, as Grafana's dark theme has them. */

const NAMED: Readonly<Record<string, string>> = {
  green: '#73bf69',
  blue: '#5794f2',
  yellow: '#fade2a',
  orange: '#ff9830',
  red: '#f2495c',
  purple: '#b877d9',
};

export const PALETTE = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#5794f2',
  '#b877d9',
  '#705da0',
] as const;

export const colour = (name: string): string => NAMED[name] ?? name;

export const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const scaled = (value: number, base: number, units: readonly string[]): string => {
  const last = units.length - 1;
  const power = value === 0 ? 0 : Math.floor(Math.log(Math.abs(value)) / Math.log(base));
  const index = Math.min(last, Math.max(0, power));
  return `${trimmed(value / base ** index)}${units[index] ?? ''}`;
};

const trimmed = (value: number): string => String(Number(value.toPrecision(3)));

function duration(value: number): string {
  const size = Math.abs(value);
  if (size < 1 && size > 0) return size < 0.001 ? '< 1 ms' : `${trimmed(value * 1000)} ms`;
  if (size < 60) return `${trimmed(value)} s`;
  if (size < 3600) return `${trimmed(value / 60)} min`;
  return size < 86_400 ? `${trimmed(value / 3600)} h` : `${trimmed(value / 86_400)} d`;
}

const UNITS: Readonly<Record<string, (value: number) => string>> = {
  s: duration,
  bytes: (value) => scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']),
  percentunit: (value) => `${trimmed(value * 100)}%`,
  short: (value) => scaled(value, 1000, ['', ' K', ' Mil', ' Bil']),
};

/** A value with its unit; one that has none is shown as it is. */
export const withUnit = (value: number, unit = 'none'): string =>
  UNITS[unit]?.(value) ?? (Number.isInteger(value) ? String(value) : trimmed(value));

/** A value as it is shown: in words where it has some, and in the colour of the words or the threshold. */
export function shown(
  value: number,
  { mappings = [], thresholds, unit }: FieldConfig,
): { readonly text: string; readonly color: string } {
  const word = mappings.map((mapping) => wordOf(mapping, value)).find((each) => each !== undefined);
  const step = (thresholds?.steps ?? [])
    .filter((each) => value >= (each.value ?? -Infinity))
    .at(-1);
  return {
    text: word?.text ?? withUnit(value, unit),
    color: colour(word?.color ?? step?.color ?? 'green'),
  };
}

function wordOf(mapping: Mapping, value: number) {
  if (mapping.type === 'value') return mapping.options[String(value)];
  const { from, to, result } = mapping.options;
  return value >= (from ?? -Infinity) && value <= (to ?? Infinity) ? result : undefined;
}
