import { isatty } from 'node:tty';
import picocolors from 'picocolors';
import type { State } from '../core/check.ts';

type Paint = (text: string) => string;

/** Colours on a terminal that shows them, plain text everywhere else (and with NO_COLOR). */
export function colours(stream: NodeJS.WriteStream & { readonly fd: number }): {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly state: (state: State) => Paint;
} {
  // Asked of the system: `isTTY` is absent on a pipe, and picocolors takes an absent choice as its own.
  const terminal = isatty(stream.fd) && process.env['TERM'] !== 'dumb';
  const wanted = terminal && process.env['NO_COLOR'] === undefined;
  const { bold, dim, green, yellow, red, magenta } = picocolors.createColors(wanted);
  const byState = { ok: green, warning: yellow, critical: red, unknown: magenta, skipped: dim };
  return { bold, dim, state: (state) => byState[state] };
}
