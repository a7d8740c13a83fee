import { alertsView, type AlertsView } from '../runtime/api-views.ts';
import { alertLines, utc } from './alert-lines.ts';
import { answered } from './stored.ts';

/** `maasha alerts`: what goes on, and what has lately ended. Exits with 0 whatever that is. */
export async function alerts(options: {
  readonly config?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}): Promise<void> {
  const all = options.all === true;
  const view = await answered<AlertsView>(
    options.config,
    `/api/alerts${all ? '?all=1' : ''}`,
    (picture) => alertsView(picture, all),
  );
  if (view.trouble !== undefined) process.stderr.write(`maasha: ${view.trouble}\n`);
  process.stdout.write(options.json === true ? `${JSON.stringify(view, null, 2)}\n` : shown(view));
}

const shown = ({ alerts: all, at }: AlertsView): string =>
  all.length === 0
    ? `no alert at ${utc(at)}\n`
    : `${[`alerts at ${utc(at)}`, ...alertLines(all, at)].join('\n')}\n`;
