import { readFileSync } from 'node:fs';
import type { Known } from '../config/cross.ts';
import { findConfig, loadConfig, type Config } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import type { ZodType } from 'zod';
import type { Notifier } from '../../alerts/notifier.ts';
import { loadNotifiers } from '../runtime/notifiers.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { customise } from '../runtime/customise.ts';
import { scheduleProblem } from '../runtime/schedule.ts';
import { UsageError } from './exit.ts';

export interface Setup {
  readonly config: Config;
  /** The whole catalogue, before the configuration's changes. */
  readonly catalogue: readonly Check[];
  /** What the configuration makes of it. */
  readonly checks: readonly Check[];
  /** The kinds of channels that are installed; none where the configuration has no use for them. */
  readonly notifiers: readonly Notifier[];
}

/**
 * Reads configuration and catalogue. Where `alerting` is of no use its section must still be right, but the
 * files that it names need not be there.
 *
 * @throws ConfigError, CatalogueError or UsageError.
 */
export async function setup(
  given: string | undefined,
  use: Pick<Known, 'alerting'> = {},
): Promise<Setup> {
  const file = findConfig(given);
  if (file === undefined)
    throw new UsageError(
      'no configuration found: expected --config FILE, $MAASHA_CONFIG, ./maasha.yaml or /etc/maasha/maasha.yaml\n' +
        '(npm start without one brings up a demonstration region and watches that)',
    );
  const catalogue = await loadChecks();
  const notifiers = mentions(file, 'alerting') ? await loadNotifiers() : [];
  const channels = notifiers.map(({ name, settings }) => ({ name, settings: settings as ZodType }));
  const config = loadConfig(file, { checks: catalogue, scheduleProblem, channels, ...use });
  return { config, catalogue, checks: customise(catalogue, config.checks), notifiers };
}

/** A file without the word needs no channels, and a one-off command does not pay for loading them. */
function mentions(file: string, word: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(word);
  } catch {
    // Whoever reads it next says what is wrong with it.
    return false;
  }
}

/** The regions that a command is about. @throws UsageError when there is none of that name. */
export function chosenRegions({ config }: Setup, name: string | undefined): readonly Region[] {
  const regions = config.regions.filter((region) => name === undefined || region.name === name);
  if (regions.length > 0) return regions;
  const names = config.regions.map((region) => region.name).join(', ');
  throw new UsageError(`no region is named ${name ?? ''}; ${config.file} has ${names}`);
}
