import { doubts, violationsIn } from './checker.ts';
import type { History } from './history.ts';
import { play, type Theatre } from './play.ts';
import { LABELS, scriptOf } from './script.ts';

/** What many histories came to. */
export interface Tally {
  readonly runs: number;
  /** `seed 12: P2 …` */
  readonly violations: readonly string[];
  readonly deaths: Readonly<Record<string, number>>;
  /** Histories in which the monitor never died. */
  readonly unscathed: number;
  readonly messages: number;
  /** Attempts of which nobody could know whether they were taken. */
  readonly doubts: number;
  readonly duplicates: number;
}

/** Whoever wants more, or one that was seen to fail: MAASHA_CRASHES=200 MAASHA_CRASH_SEED=17. */
export const wanted = (usual: number): { readonly first: number; readonly runs: number } => ({
  first: Number(process.env['MAASHA_CRASH_SEED'] ?? 1),
  runs: process.env['MAASHA_CRASH_SEED'] === undefined ? usual : 1,
});

/** Plays one history for each seed, two at a time. */
export async function tally(
  { first, runs }: ReturnType<typeof wanted>,
  theatre: () => Promise<Theatre>,
): Promise<Tally> {
  const histories: History[] = [];
  let next = first;
  const work = async (): Promise<void> => {
    while (next < first + runs) {
      const seed = next;
      next += 1;
      const stage = await theatre();
      try {
        histories.push(await play(scriptOf(seed), stage));
      } finally {
        await stage.ends.close();
      }
    }
  };
  await Promise.all([work(), work()]);
  return summed(histories);
}

function summed(histories: readonly History[]): Tally {
  const deaths = histories.flatMap((history) => history.deaths);
  const accepted = histories.flatMap(({ book }) => book.accepted);
  return {
    runs: histories.length,
    violations: histories.flatMap((history) =>
      violationsIn(history).map((violation) => `seed ${history.script.seed}: ${violation}`),
    ),
    deaths: Object.fromEntries(
      [...LABELS, 'idle'].map((label) => [
        label,
        deaths.filter((death) => death.label === label).length,
      ]),
    ),
    unscathed: histories.filter((history) => history.deaths.length === 0).length,
    messages: new Set(accepted.map(({ id }) => id)).size,
    doubts: histories
      .flatMap((history) =>
        history.deliveries.map(({ id }) => doubts(id, history.book.accepted, history.deaths)),
      )
      .reduce((sum, each) => sum + each, 0),
    duplicates: accepted.length - new Set(accepted.map(({ id }) => id)).size,
  };
}
