import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The directory of this user's simulation: its control socket, its configuration. */
export const simulationDirectory = (): string =>
  join(tmpdir(), `maasha-simulation-${process.getuid?.() ?? 'user'}`);

/** False for a directory that somebody else has made in the common place: it is not to be trusted. */
export function isOurs(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

/** Makes the directory for this user alone. @throws Error when somebody else has it. */
export function claimDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!isOurs(directory)) throw new Error(`${directory} belongs to somebody else`);
}

/** Removes the directory, unless somebody has put something of his own there. */
export function releaseDirectory(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It is not empty, or it is gone.
  }
}
