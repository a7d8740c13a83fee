import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { between, formatDuration, seconds, type Instant, type Seconds } from '../../core/time.ts';
import type { Move } from './memory.ts';
import { completed, laggards, missing } from './metrics.ts';
import { ALLOWED, type Judged } from './parts.ts';

/* How what became of the parts is told: under way, done, and in a look that knows of no move. */

const isThere = ({ is }: Judged): boolean => is !== 'none';

/** Nothing moved, or all followed: whatever a part is like now is told elsewhere. */
export const settledNotes = (
  judged: readonly Judged[],
  move: Move | undefined,
  now: Instant,
): readonly Note[] => [
  ...judged.filter(isThere).map(({ part }) => observe(missing, 0, { part })),
  observe(laggards, 0, {}),
  ...(move?.completed === undefined ? [] : [observe(completed, move.completed, {})]),
  evidence('takeover', settledWords(move, now)),
];

function settledWords(move: Move | undefined, now: Instant): string {
  if (move === undefined) return 'the virtual address has not moved since the monitor looks';
  const took = formatDuration(seconds(move.completed ?? 0));
  return `${wordsOf(move, now)}; all that belongs to it had followed after ${took}`;
}

const wordsOf = ({ from, to, at }: Move, now: Instant): string =>
  `the virtual address moved from ${from} to ${to} ${formatDuration(between(at, now))} ago`;

/** Until all have followed: which have not, what brings them, and which are late. */
export function movingNotes(judged: readonly Judged[], move: Move, now: Instant): readonly Note[] {
  const elapsed = between(move.at, now);
  const late = judged.filter((each) => isThere(each) && elapsed > ALLOWED[each.part]);
  const lagging = late.filter(({ is }) => is === 'missing');
  const unseen = late.filter(({ is }) => is === 'unknown');
  return [
    evidence('takeover', wordsOf(move, now)),
    ...judged.flatMap((each) => partNotes(each, elapsed)),
    // One that is late is enough to be told; with none, those that nobody saw may be late.
    ...(lagging.length > 0 || unseen.length === 0 ? [observe(laggards, lagging.length, {})] : []),
    ...unseen.map(({ part, says }) =>
      gap(part, new CheckFailure('dependency', `whether it followed is not known: ${says}`)),
    ),
  ];
}

function partNotes(judged: Judged, elapsed: Seconds): readonly Note[] {
  const { part, is } = judged;
  const left = seconds(ALLOWED[part] - elapsed);
  const patience = is === 'missing' && left > 0 ? `; it has ${formatDuration(left)} yet` : '';
  return [
    ...(is === 'here' || is === 'missing' ? [observe(missing, is === 'missing', { part })] : []),
    ...told(judged, patience),
  ];
}

const told = ({ part, is, says, repair }: Judged, more = ''): readonly Note[] =>
  is === 'none'
    ? []
    : [evidence(part, `${WORDS[is]}${says}${repair === undefined ? '' : `; ${repair}`}${more}`)];

const WORDS = { here: '', missing: 'has not followed: ', unknown: '' } as const;

/** One look knows of no move: it shows what works for the holder, and judges nobody. */
export const lookNotes = (judged: readonly Judged[], holder: string): readonly Note[] => [
  evidence(
    'takeover',
    `${holder} holds the virtual address; one look cannot tell whether it has just moved there`,
  ),
  ...judged.flatMap((each): readonly Note[] => [
    ...(each.is === 'here' || each.is === 'missing'
      ? [observe(missing, each.is === 'missing', { part: each.part })]
      : []),
    ...(each.is === 'none'
      ? []
      : [
          evidence(
            each.part,
            `${each.says}${each.repair === undefined ? '' : `; if it has moved: ${each.repair}`}`,
          ),
        ]),
  ]),
];
