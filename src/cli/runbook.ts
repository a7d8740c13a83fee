import { findConfig } from '../config/load.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import { printable } from '../core/printable.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { targetsOfRule } from '../runtime/plan.ts';
import { readRunbook, runbookNames, runbookText, situationOf } from '../runtime/runbooks.ts';
import { UsageError } from './exit.ts';
import { lookOnce } from './look.ts';
import { chosenRegions, setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  /** As it is written, placeholders and all. */
  readonly raw?: boolean;
  /** False: do not look at the region first; then nothing that moves can be named. */
  readonly look?: boolean;
  /** Facts that the operator found out herself: `name=value`. */
  readonly set?: readonly string[];
}

/** `maasha runbook [ALERT]`: lists the runbooks, or prints one for this site and this moment. */
export async function runbook(alert: string | undefined, options: Options): Promise<void> {
  process.stdout.write(alert === undefined ? await listed() : await printed(alert, options));
}

async function listed(): Promise<string> {
  const rules = (await loadChecks()).flatMap((check) => check.rules);
  return runbookNames()
    .map((name) => {
      const rule = rules.find((each) => each.name === name);
      return `${(rule?.severity ?? '').padEnd(8)}  ${name.padEnd(32)}  ${rule?.summary ?? ''}\n`;
    })
    .join('');
}

async function printed(alert: string, options: Options): Promise<string> {
  const names = runbookNames();
  if (!names.includes(alert))
    throw new UsageError(
      `${printable(alert)} has no runbook; maasha runbook lists those that there are`,
    );
  const found = readRunbook(alert);
  const given = Object.fromEntries((options.set ?? []).map(pair));
  if (options.raw === true || findConfig(options.config) === undefined) return runbookText(found);
  const site = await setup(options.config);
  const targets = targetsOfRule(alert, site.catalogue, site.config.regions);
  const regions = targets.includes(MONITOR) ? targets : chosenRegions(site, options.region);
  const [region, second] = regions;
  if (region === undefined || second !== undefined)
    throw new UsageError(
      `which region? --region is one of ${regions.map(({ name }) => name).join(', ')}`,
    );
  const looked =
    options.look === false || region === MONITOR
      ? []
      : await lookOnce([], { ...options, region: region.name });
  const results = looked.flatMap((each) => each.results);
  return runbookText(found, situationOf(alert, region, results, given));
}

function pair(text: string): readonly [string, string] {
  const [, name, value] = /^([a-z_.]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(`--set ${printable(text)}: expected NAME=VALUE, such as primary=rc1`);
  return [name, value];
}
