import Table from 'cli-table3';
import { worst, type CheckResult } from '../core/check.ts';
import { headline, oneLine, resultJson } from '../core/describe.ts';
import { overview } from '../core/overview.ts';
import type { Region } from '../core/region.ts';
import { colours } from './colours.ts';
import type { AlertsView } from '../runtime/api-views.ts';
import { alertLines } from './alert-lines.ts';
import { ask } from './client.ts';
import { exitCode, UsageError } from './exit.ts';
import { lookOnce } from './look.ts';
import { setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** `maasha status`: looks once with every check and shows each region on one screen. */
export async function status(options: Options): Promise<void> {
  const looked = await lookOnce([], options);
  const all = looked.flatMap(({ results }) => results);
  const open = await openAlerts(options);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(
          looked.map((each) => asJson(each, open)),
          null,
          2,
        )}\n`
      : `${looked.map(({ region, results }) => screen(region, results)).join('\n')}${alertSection(open)}`,
  );
  process.exitCode = exitCode(worst(all.map(({ state }) => state)));
}

interface Looked {
  readonly region: Region;
  readonly results: readonly CheckResult[];
}

/** What the monitor that runs holds open; a sentence where it cannot be asked, and nothing where none is configured. */
async function openAlerts({ config: given, region }: Options): Promise<Open> {
  const { config } = await setup(given);
  if (config.alerting === undefined) return undefined;
  try {
    const view = await ask<AlertsView>(config, { method: 'GET', path: '/api/alerts' });
    const alerts = view.alerts.filter(
      (alert) => alert.ended === undefined && (region === undefined || alert.region === region),
    );
    return { at: view.at, alerts };
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

type Open = Pick<AlertsView, 'at' | 'alerts'> | string | undefined;

function alertSection(open: Open): string {
  if (open === undefined) return '';
  const { bold } = colours(process.stdout);
  if (typeof open === 'string') return `\n${bold('alerts')}  not known: ${oneLine(open)}\n`;
  if (open.alerts.length === 0) return `\n${bold('alerts')}  none is open\n`;
  return `\n${bold('alerts')}\n${alertLines(open.alerts, open.at).join('\n')}\n`;
}

const asJson = ({ region, results }: Looked, open: Open) => ({
  region: region.name,
  vip: region.vip,
  state: worst(results.map(({ state }) => state)),
  overview: Object.fromEntries(overview(region, results).map(({ topic, says }) => [topic, says])),
  results: results.map(resultJson),
  alerts:
    open === undefined || typeof open === 'string'
      ? undefined
      : open.alerts.filter((alert) => alert.region === region.name),
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
