/** Colours of one scheme, as `#rrggbb`. */
export interface Palette {
  readonly page: string;
  readonly card: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
  readonly unknown: string;
  readonly 'good-soft': string;
  readonly 'warning-soft': string;
  readonly 'bad-soft': string;
  readonly 'unknown-soft': string;
  /** Text on `bad`, `warning`, `good` and `unknown` as a surface. */
  readonly on: string;
  readonly link: string;
}

export const LIGHT: Palette = {
  page: '#eef1f4',
  card: '#ffffff',
  text: '#15191e',
  muted: '#505a64',
  line: '#c6ced6',
  good: '#12692c',
  warning: '#7d4e00',
  bad: '#b30f1a',
  unknown: '#5b3a9e',
  'good-soft': '#e3f4e7',
  'warning-soft': '#fff1cc',
  'bad-soft': '#ffe5e4',
  'unknown-soft': '#efe9fb',
  on: '#ffffff',
  link: '#0b57b8',
};

export const DARK: Palette = {
  page: '#0d1116',
  card: '#161c23',
  text: '#e8edf2',
  muted: '#a3afbb',
  line: '#38424d',
  good: '#59cf7c',
  warning: '#eeb13c',
  bad: '#ff8079',
  unknown: '#c4a3ff',
  'good-soft': '#12281a',
  'warning-soft': '#2f2409',
  'bad-soft': '#3a1416',
  'unknown-soft': '#241c38',
  on: '#0d1116',
  link: '#7fb8ff',
};

/** As CSS custom properties. */
export const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
