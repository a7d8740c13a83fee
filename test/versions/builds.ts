import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '../support/postgres-process.ts';

/** Every major version that npm has servers of; older ones are rendered in tests, and not run. */
const MAJORS = [10, 11, 12, 13, 14, 15, 16, 17, 18] as const;

/** The builds that are installed in this folder. */
export const builds = (): readonly Build[] =>
  MAJORS.map((major) => ({
    major,
    bin: join(import.meta.dirname, 'node_modules', `postgres-${major}`, 'native', 'bin'),
  })).filter(({ bin }) => existsSync(join(bin, 'postgres')));
