import type { Drift } from './generated-files.ts';

/** What a run of `maasha generate` found. */
export interface Report {
  readonly root: string;
  readonly source: string;
  readonly files: number;
  readonly drift: readonly Drift[];
  readonly refused: readonly Refusal[];
}

/** A generator that cannot make its files of these declarations. */
export interface Refusal {
  readonly generator: string;
  readonly why: string;
}

/** Who makes nothing, and why. */
export const refusal = ({ generator, why }: Refusal): string =>
  `${generator}: cannot be generated: ${why}`;

/** What was written, file by file. */
export function written({ root, source, files, drift }: Report): string {
  const gone = drift.filter(({ is }) => is === 'left over').length;
  const lines = drift.map(({ path, is }) => `${is === 'left over' ? 'removed' : 'wrote'}  ${path}`);
  const same = files - (drift.length - gone);
  return [
    ...lines,
    `${files} files in ${root} from ${source}: ${drift.length - gone} written, ${gone} removed, ${same} as they were`,
    '',
  ].join('\n');
}

/** What is not as it should be, file by file, and what mends it. */
export function compared(report: Report, mendedBy: string): string {
  const { root, source, files, drift, refused } = report;
  const made = `made from ${source}`;
  if (drift.length + refused.length === 0)
    return `${files} files in ${root} are as they should be, ${made}\n`;
  const count = drift.length === 1 ? '1 file is' : `${drift.length} files are`;
  const first = refused.map(({ generator }) => generator).join(', ');
  const mend =
    refused.length === 0
      ? `To mend it: ${mendedBy}`
      : `First mend what stands in the way of ${first}, then: ${mendedBy}`;
  const summary = `In ${root} ${count} not as they should be, ${made}. ${mend}`;
  return [...refused.map(refusal), ...drift.map(worded), summary, ''].join('\n');
}

function worded(drift: Drift): string {
  if (drift.is === 'missing') return `${drift.path}: missing`;
  if (drift.is === 'left over') return `${drift.path}: not generated any more`;
  const { path, line, found, expected } = drift;
  if (found === undefined && expected === undefined)
    return `${path}: differs in the newline at its end`;
  const at = firstDifference(found ?? '', expected ?? '');
  return [
    `${path}:${line}: differs`,
    `  is:        ${found === undefined ? '(the end of the file)' : excerpt(found, at)}`,
    `  should be: ${expected === undefined ? '(the end of the file)' : excerpt(expected, at)}`,
  ].join('\n');
}

const firstDifference = (a: string, b: string): number => {
  const index = Array.from(a).findIndex((letter, at) => letter !== b[at]);
  return index === -1 ? a.length : index;
};

const WIDTH = 140;

/** As much of a line as shows where it differs. */
function excerpt(line: string, at: number): string {
  const from = line.length <= WIDTH ? 0 : Math.max(0, Math.min(at - 40, line.length - WIDTH));
  const text = line.slice(from, from + WIDTH);
  return `${from > 0 ? '… ' : ''}${text}${from + WIDTH < line.length ? ' …' : ''}`;
}
