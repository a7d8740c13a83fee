import Table from 'cli-table3';
import { worst, type CheckResult } from '../core/check.ts';
import { headline, oneLine, resultJson } from '../core/describe.ts';
import { overview } from '../core/overview.ts';
import type { Region } from '../core/region.ts';
import { colours } from './colours.ts';
import { exitCode } from './exit.ts';
import { lookOnce } from './look.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** `maasha status`: looks once with every check and shows each region on one screen. */
export async function status(options: Options): Promise<void> {
  const looked = await lookOnce([], options);
  const all = looked.flatMap(({ results }) => results);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(looked.map(asJson), null, 2)}\n`
      : looked.map(({ region, results }) => screen(region, results)).join('\n'),
  );
  process.exitCode = exitCode(worst(all.map(({ state }) => state)));
}

interface Looked {
  readonly region: Region;
  readonly results: readonly CheckResult[];
}

const asJson = ({ region, results }: Looked) => ({
  region: region.name,
  vip: region.vip,
  state: worst(results.map(({ state }) => state)),
  overview: Object.fromEntries(overview(region, results).map(({ topic, says }) => [topic, says])),
  results: results.map(resultJson),
});

function screen(region: Region, results: readonly CheckResult[]): string {
  const { bold, dim, state } = colours(process.stdout);
  const total = worst(results.map((result) => result.state));
  const table = new Table({
    chars: Object.fromEntries(BORDERS.map((border) => [border, ''])),
    style: { 'padding-left': 2, 'padding-right': 1, head: [], border: [] },
    wordWrap: true,
    colWidths: [16, Math.max(40, (process.stdout.isTTY ? process.stdout.columns : 120) - 18)],
  });
  for (const { topic, says } of overview(region, results)) table.push([dim(topic), oneLine(says)]);
  const troubles = results.filter((result) => !['ok', 'skipped'].includes(result.state));
  return [
    `${bold(region.name)}  VIP ${region.vip}  ${state(total)(total)}`,
    table.toString(),
    ...troubles.map(
      (result) =>
        `  ${state(result.state)(result.state.padEnd(8))}  ${result.check}: ${headline(result)}`,
    ),
    '',
  ].join('\n');
}

const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
];
