/*
 * The two text formats that Prometheus reads: its own, version 0.0.4, and OpenMetrics 1.0.0. Only the
 * head of a family and the end of the page differ. Blank lines, which OpenMetrics forbids, are in none.
 */

export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What ends a page: so a reader of OpenMetrics knows that nothing is missing. */
export const END: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** What is said once of a family. In OpenMetrics a counter's family has not the `_total` of its samples. */
export function familyHead(
  { name, help, kind }: { readonly name: string; readonly help: string; readonly kind: string },
  format: Format,
): string {
  const open = format === 'openmetrics';
  const family = open && kind === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${family} ${open ? escaped(help) : escapedHelp(help)}\n# TYPE ${family} ${kind}\n`;
}

/** A sample's line up to its value. */
export function seriesText(
  name: string,
  labels: readonly (readonly [name: string, value: string | number | undefined])[],
): string {
  const pairs = labels.flatMap(([label, value]) =>
    value === undefined ? [] : `${label}="${escaped(String(value))}"`,
  );
  // Joined and not added up: V8 keeps a sum as a tree of its parts, and would walk that at every scrape.
  return [name, ...(pairs.length === 0 ? [] : ['{', pairs.join(','), '}']), ' '].join('');
}

/** A number as both formats want it. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

const escapedHelp = (help: string): string => help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escaped = (value: string): string => escapedHelp(value).replaceAll('"', '\\"');

/** The format that an `Accept` header prefers; the plain one when it does not matter or nothing fits. */
export function negotiate(accept = ''): Format {
  let openmetrics = 0;
  let text = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const given = new Map(parameters.map(parameter));
    const weight = weightOf(given.get('q'));
    const version = given.get('version');
    if (type === 'application/openmetrics-text' && isSpoken(version))
      openmetrics = Math.max(openmetrics, weight);
    else if (['text/plain', 'text/*', '*/*'].includes(type)) text = Math.max(text, weight);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
}

/** 0.0.1 is what the drafts were called; readers of it take 1.0.0, and older Prometheus ask for it. */
const isSpoken = (version: string | undefined): boolean =>
  version === undefined || version === '1.0.0' || version === '0.0.1';

const parameter = (part: string): [string, string] => {
  const [name = '', value = ''] = part.split('=').map((each) => each.trim());
  return [name, value.replaceAll('"', '')];
};

/** How much a range is wanted: 1 when that is not said, 0 (not at all) when it cannot be read. */
function weightOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const weight = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
  return weight;
}
