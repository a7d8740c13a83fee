import { evidence, type Note } from '../../core/check.ts';
import { observe } from '../../core/metric.ts';
import { formatDuration, seconds } from '../../core/time.ts';
import { ownErrors } from './metrics.ts';

/** The parts of MAAS that report errors (class `COMPONENT` in its enum.py), by a short name of our own. */
const COMPONENTS: Readonly<Record<string, string>> = {
  'provisioning server': 'provisioning',
  'maas-import-pxe-files script': 'images',
  'Image importer': 'images',
  clusters: 'clusters',
};
const NAMES = ['clusters', 'images', 'provisioning', 'other'] as const;

/** An error, or a warning, that MAAS shows to its administrators. */
export interface OwnError {
  /** The component of 1.x, or the ident of a notification. */
  readonly about: string;
  readonly says: string;
  readonly age: number;
  /** A mere warning is told, and counts for nothing: some stand for ever. */
  readonly warning?: boolean;
}

export function ownErrorNotes(errors: readonly OwnError[]): readonly Note[] {
  const counted = errors
    .filter(({ warning = false }) => !warning)
    .map(({ about }) => COMPONENTS[about] ?? 'other');
  return [
    ...NAMES.map((component) =>
      observe(ownErrors, counted.filter((each) => each === component).length, { component }),
    ),
    ...errors.map(({ about, says, age, warning = false }) =>
      evidence(
        about === '' ? 'MAAS' : about,
        `MAAS ${warning ? 'warns' : 'shows an error'}, ${formatDuration(seconds(age))} old: ${says}`,
      ),
    ),
  ];
}
