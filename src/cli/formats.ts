import { worst, type CheckResult } from '../core/check.ts';
import { describeResult, headline, resultJson } from '../core/describe.ts';
import { formatDuration } from '../core/time.ts';
import { colours } from './colours.ts';
import { exitCode } from './exit.ts';

type Format = (results: readonly CheckResult[], explain: boolean) => string;

const human: Format = (results, explain) => {
  const { bold, dim, state } = colours(process.stdout);
  const regions = [...new Set(results.map(({ region }) => region))];
  const width = Math.max(...results.map(({ check }) => check.length));
  const line = (result: CheckResult): string =>
    [
      `  ${state(result.state)(result.state.padEnd(8))}  ${result.check.padEnd(width)}  ${headline(result)}  ${dim(formatDuration(result.took))}`,
      ...(explain
        ? describeResult(result)
            .slice(1)
            .map((text) => dim(`            ${text}`))
        : []),
    ].join('\n');
  return `${regions
    .map((region) =>
      [bold(region), ...results.filter((result) => result.region === region).map(line)].join('\n'),
    )
    .join('\n')}\n`;
};

const json: Format = (results) => {
  const state = worst(results.map((result) => result.state));
  return `${JSON.stringify({ state, exit: exitCode(state), results: results.map(resultJson) }, null, 2)}\n`;
};

/** The first line's words are fixed by the plugin interface; `|` would start the performance data. */
const plain = (text: string): string => text.replaceAll('|', '/');

const nagios: Format = (results, explain) => {
  const state = worst(results.map((result) => result.state));
  // Green would say that something was looked at.
  const word = state === 'skipped' ? 'UNKNOWN' : state.toUpperCase();
  const bad = results.filter((result) => result.state === state);
  const looked = results.filter((result) => result.state !== 'skipped');
  const first =
    state === 'ok'
      ? `${[...new Set(looked.map(({ check }) => check))].join(', ')}: all well`
      : bad.map((result) => `${result.check}: ${headline(result)}`).join('; ');
  const long = results.flatMap((result) =>
    explain
      ? describeResult(result)
      : [`${result.check} on ${result.region}: ${result.state}: ${headline(result)}`],
  );
  return `MAASHA ${word} - ${plain(first)} | ${results.flatMap(perfdata).join(' ')}\n${long.map(plain).join('\n')}\n`;
};

/** `'label'=value[unit]`; statesets carry no quantity and are left out. */
const perfdata = (result: CheckResult): readonly string[] => [
  ...(result.state === 'skipped'
    ? []
    : [perfdatum(`${result.region}.${result.check}.duration`, result.took, 's')]),
  ...result.observations
    .filter(({ metric }) => metric.states === undefined)
    .map(({ metric, labels, value }) =>
      perfdatum(
        [result.region, metric.name.replace(/^maasha_/, ''), ...Object.values(labels)].join('.'),
        value,
        unitOf(metric.name),
      ),
    ),
];

const perfdatum = (label: string, value: number, unit: string): string =>
  `'${label.replaceAll(/['=\s|]/g, '_')}'=${Number(value.toFixed(6))}${unit}`;

function unitOf(metric: string): string {
  if (metric.endsWith('_timestamp_seconds')) return '';
  if (metric.endsWith('_seconds')) return 's';
  return metric.endsWith('_bytes') ? 'B' : '';
}

export const formats = { human, json, nagios } satisfies Record<string, Format>;
