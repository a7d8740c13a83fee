import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Notifier } from '../../alerts/notifier.ts';

/** A file in `alerts/notifiers/` is not a notifier as it must be. */
class NotifierError extends Error {
  override readonly name = 'CatalogueError';
}

const FOLDER = fileURLToPath(new URL('../../alerts/notifiers/', import.meta.url));
// The same folder holds sources when run from source, and compiled files when built.
const EXTENSION = extname(fileURLToPath(import.meta.url));

/** Every channel in the folder: the folder is the registry. */
export async function loadNotifiers(folder = FOLDER): Promise<readonly Notifier[]> {
  const files = readdirSync(folder)
    .filter((file) => extname(file) === EXTENSION && !file.endsWith('.d.ts'))
    .sort();
  return Promise.all(files.map((file) => loadNotifier(folder, file)));
}

async function loadNotifier(folder: string, file: string): Promise<Notifier> {
  const name = basename(file, extname(file));
  const module = (await import(pathToFileURL(join(folder, file)).href)) as { default?: unknown };
  const { default: exported } = module;
  if (!isNotifier(exported) || exported.name !== name)
    throw new NotifierError(
      `alerts/notifiers/${name}: expected a default export that is a Notifier named "${name}"`,
    );
  return exported;
}

const isNotifier = (value: unknown): value is Notifier =>
  typeof value === 'object' &&
  value !== null &&
  'open' in value &&
  typeof value.open === 'function' &&
  'reaches' in value &&
  'settings' in value &&
  'name' in value;
