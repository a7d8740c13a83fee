import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { isGivable, type Situation } from '../core/runbook-facts.ts';
import { formatRunbook, renderRunbook } from '../core/runbook-render.ts';
import { parseRunbook, type Runbook } from '../core/runbook.ts';

/** A runbook that is not there or not as it must be, or a fact that cannot be: told in words. */
export class RunbookError extends Error {
  override readonly name = 'RunbookError';
}

// Beside the sources; the compiler leaves Markdown where it is, one level above what it builds.
const FOLDER =
  ['../../alerts/runbooks/', '../../../alerts/runbooks/']
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((place) => existsSync(place)) ?? 'alerts/runbooks';

/** The alerts that have a runbook, in the order of their names. */
export const runbookNames = (folder = FOLDER): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => basename(file, '.md'))
    .sort();

/** The runbook of an alert. @throws RunbookError when there is none, or with all that is wrong with it. */
export function readRunbook(alert: string, folder = FOLDER): Runbook {
  // The name comes from outside: it is looked up, never made into a path.
  if (!runbookNames(folder).includes(alert)) throw new RunbookError(`${alert} has no runbook`);
  const { runbook, problems } = parseRunbook(readFileSync(join(folder, `${alert}.md`), 'utf8'));
  if (runbook === undefined)
    throw new RunbookError(`alerts/runbooks/${alert}.md: ${problems.join('; ')}`);
  if (runbook.alert !== alert)
    throw new RunbookError(`alerts/runbooks/${alert}.md is headed ${runbook.alert}`);
  return runbook;
}

/** The present situation of an alert in a region, as the newest results show it. */
export function situationOf(
  alert: string,
  region: Region,
  allResults: readonly CheckResult[],
  given: Situation['given'] = {},
): Situation {
  for (const [name, value] of Object.entries(given))
    if (!isGivable(name, value, region))
      throw new RunbookError(
        `${name}=${value} is no fact for a runbook; expected the name of a node, cluster, zone or service of ${region.name}`,
      );
  const results = allResults.filter((result) => result.region === region.name);
  const found = results
    .flatMap(({ findings }) => findings)
    .filter(({ rule }) => rule === alert)
    .find(({ labels }) =>
      Object.entries(given).every(([name, value]) => (labels[name] ?? value) === value),
    );
  const labels = found === undefined ? {} : { ...found.labels, value: String(found.value) };
  return { region, results, labels, given };
}

/** A runbook for a situation; as it is written, where there is none. @throws RunbookError */
export const runbookText = (runbook: Runbook, situation?: Situation): string =>
  situation === undefined ? formatRunbook(runbook) : renderRunbook(runbook, situation);
