import type { State } from '../core/check.ts';

/** What a command ends with. 0 to 3 are those of the Nagios plugin interface. */
export const EXIT = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
  usage: 2,
  interrupted: 130,
} as const;

/** The exit code of a state; what was skipped is nobody's problem. */
export const exitCode = (state: State): number => (state === 'skipped' ? EXIT.ok : EXIT[state]);

/** Ends a command with a message for the person who typed it, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: number;

  constructor(message: string, code: number = EXIT.usage) {
    super(message);
    this.code = code;
  }
}
