#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, UsageError } from './exit.ts';
import { program } from './program.ts';

try {
  await program.parseAsync();
} catch (error) {
  report(error);
}

/** Mistakes of the caller are told in words; a stack is for defects of ours. */
function report(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  if (error instanceof CommanderError) {
    // It has said already what is wrong (or shown the help that was asked for).
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return;
  }
  const known =
    error instanceof UsageError ||
    ['ConfigError', 'CatalogueError', 'RunbookError', 'CauseError', 'RecordError'].includes(
      error.name,
    );
  process.stderr.write(`maasha: ${known ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = error instanceof UsageError ? error.code : EXIT.usage;
}
