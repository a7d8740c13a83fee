import { shortId } from '../../alerts/notice.ts';
import type { Alert, Alerts } from '../../alerts/state.ts';
import { isoTime } from '../core/time.ts';
import type { Entry } from '../store/store.ts';
import { NothingFound } from './alert-commands.ts';
import { alertView, type AlertView } from './api-views.ts';
import { wordsOfEntry } from './entry-words.ts';
import type { Picture } from './picture.ts';

/* Why something was told, held, folded or not told: from the journal and from how it stands now. */

export interface LineView {
  readonly at: string;
  readonly episode?: string;
  readonly what: Entry['what'];
  /** As a sentence. */
  readonly words: string;
  readonly says: Entry['says'];
}

/** One alert's past and present. */
export interface Explanation {
  readonly fingerprint: string;
  /** Absent: nothing is known of it any more but its journal. */
  readonly present?: AlertView;
  /** Oldest first. */
  readonly lines: readonly LineView[];
}

export interface ExplainView {
  readonly at: string;
  readonly alerts: readonly Explanation[];
}

export interface Wish {
  /** A fingerprint, an episode's id or its last characters, or an alert's name. */
  readonly what: string;
  readonly region?: string;
  /** Journal lines of each alert. */
  readonly most: number;
}

/** How far back the journal is searched for what is remembered nowhere else, in lines. */
const SCANNED = 5000;

/** @throws NothingFound */
export function explainView(picture: Picture, wish: Wish): ExplainView {
  const known = picture.states
    .filter(({ region }) => wish.region === undefined || region === wish.region)
    .flatMap((state) => Object.values(state.alerts).map((alert) => ({ alert, state })))
    .filter(({ alert }) => fits(alert, wish.what));
  const fingerprints = new Set([
    ...known.map(({ alert }) => alert.fingerprint),
    ...journalled(picture, wish),
  ]);
  if (fingerprints.size === 0) throw nothing(picture, wish.what);
  return {
    at: isoTime(picture.now),
    alerts: [...fingerprints].map((fingerprint) =>
      explanation(
        fingerprint,
        known.find(({ alert }) => alert.fingerprint === fingerprint),
        picture,
        wish.most,
      ),
    ),
  };
}

function fits({ fingerprint, rule, episode }: Alert, what: string): boolean {
  const id = episode?.id ?? '';
  return [fingerprint, rule, id].includes(what) || shortId(id) === what.toUpperCase();
}

/** The alerts that the journal knows by this name. */
function journalled(picture: Picture, { what, region }: Wish): readonly string[] {
  const lines = picture.journal({ most: SCANNED, ...(region !== undefined && { region }) });
  return lines.flatMap(({ fingerprint, episode = '', says }) =>
    fingerprint !== undefined &&
    ([fingerprint, episode, says['rule']].includes(what) || shortId(episode) === what.toUpperCase())
      ? [fingerprint]
      : [],
  );
}

function nothing({ catalogue, states }: Picture, what: string): NothingFound {
  if (catalogue?.rules.has(what) === true)
    return new NothingFound(`${what} has not been bad as far as the journal goes back`);
  const names = states.flatMap(({ alerts }) => Object.values(alerts).map(({ rule }) => rule));
  return new NothingFound(
    `neither an alert nor the journal knows ${what}; ${names.length === 0 ? 'there is no alert at present' : `there is ${[...new Set(names)].join(', ')}`}`,
  );
}

const explanation = (
  fingerprint: string,
  known: { readonly alert: Alert; readonly state: Alerts } | undefined,
  picture: Picture,
  most: number,
): Explanation => ({
  fingerprint,
  ...(known !== undefined && { present: alertView(known.alert, known.state, picture) }),
  lines: linesOf(fingerprint, picture, most).map((entry) => ({
    at: isoTime(entry.at),
    ...(entry.episode !== undefined && { episode: entry.episode }),
    what: entry.what,
    words: wordsOfEntry(entry),
    says: entry.says,
  })),
});

/** An alert's own lines, and those about its episodes: what became of its deliveries. */
function linesOf(fingerprint: string, picture: Picture, most: number): readonly Entry[] {
  const own = picture.journal({ fingerprint, most });
  const episodes = new Set(own.flatMap(({ episode }) => episode ?? []));
  const others = [...episodes]
    .flatMap((episode) => picture.journal({ episode, most }))
    .filter((entry) => entry.fingerprint === undefined);
  return [...own, ...others].sort((a, b) => a.at - b.at).slice(-most);
}
