import type { Severity } from '../src/core/rule.ts';
import type { Instant } from '../src/core/time.ts';
import type { Labels } from './identity.ts';
import type { Told } from './transition.ts';

/** What can be told: those of a transition, and `test`, with which a person tries a channel. */
export type NoticeKind = Told | 'test';

/** How an episode stands, as a word that is shown. */
export type Shown =
  | 'firing'
  | 'acknowledged'
  | 'recovering'
  | 'flapping'
  /** It cannot be seen at present: neither better nor worse. */
  | 'stale'
  /** Another alert explains it. */
  | 'explained'
  | 'silenced'
  | 'resolved'
  /** No longer monitored, which is no recovery. */
  | 'retired';

/** An alert that is not told by itself because this one explains it. */
export interface Explained {
  readonly rule: string;
  readonly labels: Labels;
  readonly summary: string;
}

/**
 * What people are told of one episode: everything that a channel needs in order to say it, so that it
 * can be said hours later, by another process. Plain data, the same after `JSON.parse(JSON.stringify(…))`.
 *
 * All texts may hold what came from the network: a channel escapes them for its own markup.
 */
export interface Notice {
  readonly kind: NoticeKind;
  /** Why it is told, in a few words. */
  readonly reason: string;
  readonly at: Instant;
  readonly region: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly labels: Labels;
  /** The alert's one sentence. */
  readonly summary: string;
  readonly standing: Shown;
  readonly episode: {
    /** A ULID. */
    readonly id: string;
    readonly startsAt: Instant;
    readonly endsAt?: Instant;
  };
  /** Who takes care of it. */
  readonly owner?: { readonly by: string; readonly via: string };
  /** What explains it, when it is told although it is explained. */
  readonly root?: { readonly rule: string; readonly episode: string };
  readonly explains: readonly Explained[];
  /** What the witnesses said, a sentence each; the most telling ones first. */
  readonly evidence: readonly string[];
  /** Who holds what at present: `VIP: rc1 (2 witnesses)`. */
  readonly holders: readonly string[];
  readonly runbook?: {
    /** Absent when the monitor's HTTP face has no address that others can reach. */
    readonly url?: string;
    /** The first steps, rendered for this site. */
    readonly steps: readonly string[];
    /** The whole of it, rendered; Markdown. Only in what begins an episode. */
    readonly text?: string;
  };
  readonly dashboard?: string;
  /** Something that has to be said besides: that the notice comes late, who silenced it and until when. */
  readonly remark?: string;
  /** The episode's begin and end in one: its begin could not be delivered before it was over. */
  readonly collapsed?: boolean;
  /** How often it was good for a moment and bad again lately. */
  readonly relapses?: number;
  /** Of an escalation: how far it has gone, from 1. */
  readonly level?: number;
}

/** The last characters of an episode's id: enough for people to tell two of them apart. */
export const shortId = (episode: string): string => episode.slice(-6);

/** Those that begin an episode for whoever receives them: each is owed an end. */
export const begins = ({ kind }: Pick<Notice, 'kind'>): boolean =>
  kind === 'open' || kind === 'escalate';

/** Those that end one. */
export const ends = ({ kind }: Pick<Notice, 'kind'>): boolean =>
  kind === 'close' || kind === 'retire';
