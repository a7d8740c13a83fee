import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Check } from '../core/check.ts';
import type { Metric } from '../core/metric.ts';
import { alertMetrics } from './alert-metrics.ts';
import { ownMetrics } from './own-metrics.ts';
import { universalMetrics } from '../core/universal.ts';

/** A file in `checks/` is not a check as it must be: which file, what is wrong, what is expected. */
class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

const CHECKS = fileURLToPath(new URL('../../checks/', import.meta.url));
// The same folder holds sources when run from source, and compiled files when built.
const EXTENSION = extname(fileURLToPath(import.meta.url));

/** Every check in the folder: the folder is the registry. Derived checks come after what they need. */
export async function loadChecks(folder = CHECKS): Promise<readonly Check[]> {
  const files = readdirSync(folder).filter(
    (file) => extname(file) === EXTENSION && !file.endsWith('.d.ts'),
  );
  const checks = await Promise.all(files.sort().map((file) => loadCheck(folder, file)));
  return inOrder(checks);
}

async function loadCheck(folder: string, file: string): Promise<Check> {
  const name = basename(file, extname(file));
  return validate(name, await defaultExport(name, join(folder, file)));
}

async function defaultExport(name: string, path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw new CatalogueError(`checks/${name}: cannot be imported: ${String(error)}`, {
      cause: error,
    });
  }
}

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' &&
  value !== null &&
  'run' in value &&
  typeof value.run === 'function' &&
  'name' in value;

/** The default export of `checks/<name>` as a check, or what is wrong with it. */
export function validate(name: string, exported: unknown): Check {
  const refuse = (problem: string): never => {
    throw new CatalogueError(`checks/${name}: ${problem}`);
  };
  if (!isCheck(exported)) return refuse('expected a default export made by defineCheck');
  if (exported.name !== name)
    refuse(`its name is "${exported.name}", expected the file's own name`);
  for (const rule of exported.rules)
    if (!exported.metrics.includes(rule.metric))
      refuse(
        `rule ${rule.name} judges ${rule.metric.name}, expected one of the check's own metrics`,
      );
  return exported;
}

/** Checks so ordered that each stands behind those it needs. */
function inOrder(checks: readonly Check[]): readonly Check[] {
  const names = new Set(checks.map(({ name }) => name));
  const placed: Check[] = [];
  let waiting = [...checks];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ needs = [] }) =>
      needs.every((need) => placed.some(({ name }) => name === need)),
    );
    if (ready.length === 0) {
      const stuck = waiting
        .map(({ name, needs = [] }) => `${name} needs ${needs.join(', ')}`)
        .join('; ');
      const unknown = waiting.flatMap(({ needs = [] }) => needs.filter((need) => !names.has(need)));
      throw new CatalogueError(
        unknown.length > 0
          ? `no check is named ${unknown.join(', ')} (${stuck})`
          : `checks need each other in a circle: ${stuck}`,
      );
    }
    placed.push(...ready);
    waiting = waiting.filter((check) => !ready.includes(check));
  }
  return placed.map((check) => alone(check, checks));
}

/** A check of the monitor runs elsewhere than those of regions: neither can follow the other. */
function alone(check: Check, all: readonly Check[]): Check {
  const others = (check.needs ?? []).filter((need) =>
    all.some(({ name, scope }) => name === need && scope !== check.scope),
  );
  if (others.length > 0)
    throw new CatalogueError(
      `${check.name} needs ${others.join(', ')}: one is of the monitor, the other of a region`,
    );
  return check;
}

/** Every metric that the checks and the spine declare; a name stands for one declaration only. */
export function allMetrics(checks: readonly Check[]): readonly Metric[] {
  const byName = new Map<string, Metric>();
  for (const metric of [
    ...universalMetrics,
    ...alertMetrics,
    ...ownMetrics,
    ...checks.flatMap(({ metrics }) => metrics),
  ]) {
    const before = byName.get(metric.name);
    if (before !== undefined && before !== metric)
      throw new CatalogueError(`${metric.name} is declared twice; a metric belongs to one check`);
    byName.set(metric.name, metric);
  }
  return [...byName.values()];
}
