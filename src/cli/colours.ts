import picocolors from 'picocolors';
import type { State } from '../core/check.ts';

type Paint = (text: string) => string;

/** Colours on a terminal that shows them, plain text everywhere else (and with NO_COLOR). */
export function colours(stream: NodeJS.WriteStream): {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly state: (state: State) => Paint;
} {
  const wanted =
    stream.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
  const { bold, dim, green, yellow, red, magenta } = picocolors.createColors(wanted);
  const byState = { ok: green, warning: yellow, critical: red, unknown: magenta, skipped: dim };
  return { bold, dim, state: (state) => byState[state] };
}
