import fc from 'fast-check';
import type { Alerts } from '../../alerts/state.ts';
import { histories, type Act } from './acts.ts';
import { live, type Subject } from './history.ts';
import { PROPERTIES, type Watching } from './properties.ts';
import { endAnnounced, journalTellsAll, mirrorIsWhole, urgedInTime } from './properties-more.ts';
import { standing } from './truth.ts';

export type Property = (typeof PROPERTIES)[number];

/** Every property: its name, what it says, and a new watcher for each history. */
export const ALL: readonly Property[] = [
  ...PROPERTIES,
  ['P12', 'the journal tells how each alert is shown, why, and who knows', journalTellsAll],
  ['B.3', 'people are urged when it is due, and only then', urgedInTime],
  ['silence', 'the end of a silence is announced once for what still stands', endAnnounced],
  ['B.9', 'a mirror is shown all that goes on, and each once', () => mirrorIsWhole],
];

/** One history, and in the end health until nothing stands any more. */
export function watchOver(
  subject: Subject,
  acts: readonly Act[],
  watching: readonly Watching[],
): void {
  let last: Alerts | undefined;
  live(subject, acts, (seen) => {
    last = seen.outcome.state;
    for (const watch of watching) watch(seen);
  });
  const left = last === undefined ? [] : standing(last).map(({ rule }) => rule);
  if (left.length > 0) throw new Error(`end: ${left.join()} still stands`);
}

/** That these properties hold in whatever history. */
export const holdsFor = (subject: Subject, properties: readonly Property[] = ALL) =>
  fc.property(histories, (acts) => {
    watchOver(
      subject,
      acts,
      properties.map(([, , begin]) => begin()),
    );
  });
