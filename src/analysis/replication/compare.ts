import { sampledLag, type Lag, type WalHistory } from './lag.ts';
import type { Node } from '../../core/region.ts';
import type { Instant, Seconds } from '../../core/time.ts';

/** One row of `pg_stat_replication`: a standby as the primary sees it. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Undefined where the account may not see it. */
  readonly state: string | undefined;
  /** The primary's own position in the same moment. */
  readonly primaryFlushed: bigint;
  readonly sent: bigint | undefined;
  readonly flushed: bigint | undefined;
  readonly replayed: bigint | undefined;
}

/** The process on a standby that receives WAL, as `pg_stat_wal_receiver` shows it. */
export type Receiver =
  | { readonly is: 'absent' }
  /** It runs, and the account may not see more. */
  | { readonly is: 'hidden' }
  | {
      readonly is: 'present';
      readonly status: string;
      readonly timeline: number | undefined;
      /** Since the last message of its sender, keepalives included, by the standby's own clock. */
      readonly silent: Seconds | undefined;
    };

/** Where a standby stands. A position that is not known is undefined. */
export interface StandbyState {
  readonly flushed: bigint | undefined;
  readonly replayed: bigint | undefined;
  /** A pause was asked for, and may not have come into effect yet. */
  readonly paused: boolean;
  /** In the words of `pg_get_wal_replay_pause_state`; undefined before 14. */
  readonly pauseState: string | undefined;
  /** By how much replay is kept back on purpose (`recovery_min_apply_delay`); undefined before 12. */
  readonly delay: Seconds | undefined;
  /** The slot on its primary that it uses; undefined when it uses none, or cannot tell. */
  readonly slot: string | undefined;
  readonly receiver: Receiver;
}

/** What one look at a node came to. */
export type NodeView = { readonly node: Node; readonly system?: string | undefined } & (
  | { readonly is: 'primary'; readonly flushed: bigint; readonly timeline: number }
  | {
      readonly is: 'standby';
      readonly timeline: number | undefined;
      /** Undefined when the second question was not answered. */
      readonly state: StandbyState | undefined;
    }
  /** It is silent, closed or not serving: whatever it was, it is no primary now. */
  | { readonly is: 'down' }
  /** We could not look. */
  | { readonly is: 'unknown' }
);

export type PrimaryView = Extract<NodeView, { is: 'primary' }>;

/**
 * How many primaries there are; undefined when a node that could not be looked at might change the
 * answer from good to bad. Two are two, whatever the rest may be.
 */
export function countPrimaries(views: readonly NodeView[]): number | undefined {
  const found = views.filter(({ is }) => is === 'primary').length;
  return found < 2 && views.some(({ is }) => is === 'unknown') ? undefined : found;
}

/** Whether all that is known is one and the same; undefined when fewer than two are known. */
export function agree(values: readonly (string | number | undefined)[]): boolean | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < 2 ? undefined : new Set(known).size === 1;
}

const stateOf = (view: NodeView): StandbyState | undefined =>
  view.is === 'standby' ? view.state : undefined;

export const timelineOf = (view: NodeView): number | undefined =>
  view.is === 'primary' || view.is === 'standby' ? view.timeline : undefined;

/** They take WAL, but are no standbys: a base backup that runs from a standby's host, an archiver. */
const TOOLS: readonly string[] = ['pg_basebackup', 'pg_receivewal', 'pg_receivexlog'];

/** Sends or catches up; the other states are a beginning (`startup`), a backup or an end (`stopping`). */
const CONNECTED: readonly string[] = ['streaming', 'catchup'];

/** The sender that feeds a node: by its address where that is unique, else by the name it gave. */
function senderOf(
  node: Node,
  nodes: readonly Node[],
  senders: readonly Sender[],
): Sender | undefined {
  const real = senders.filter(({ name }) => !TOOLS.includes(name));
  const alone = nodes.every((each) => each === node || each.address !== node.address);
  const found = alone ? real.filter(({ address }) => address === node.address) : [];
  const candidates = found.length > 0 ? found : real.filter(({ name }) => name === node.name);
  return candidates.find(isConnected) ?? candidates[0];
}

const isConnected = ({ state }: Sender): boolean =>
  state !== undefined && CONNECTED.includes(state);

/** A standby against its primary. What cannot be known is undefined. */
export interface StandbyPicture {
  readonly node: Node;
  readonly connected: boolean | undefined;
  /** How far the primary's flushed WAL is ahead, in bytes. */
  readonly bytes: Readonly<Record<'sent' | 'flush' | 'replay', number | undefined>>;
  readonly lag: Lag | undefined;
  /** How far it has the WAL on its disk, and on which timeline; undefined when nobody knows. */
  readonly stands: { readonly lsn: bigint; readonly timeline: number } | undefined;
}

export interface Comparison {
  readonly nodes: readonly Node[];
  readonly primary: PrimaryView | undefined;
  /** Undefined when the primary did not tell. */
  readonly senders: readonly Sender[] | undefined;
  readonly history: WalHistory | undefined;
  readonly now: Instant;
  readonly staleAfter: Seconds;
}

const behind = (ahead: bigint | undefined, position: bigint | undefined): number | undefined =>
  ahead === undefined || position === undefined
    ? undefined
    : Number(ahead > position ? ahead - position : 0n);

/**
 * One expected standby. Its own word counts, read after the primary's, so that a race can only
 * under-state; while it gives none, what it last told a primary that it is connected to.
 */
export function compare(view: NodeView, comparison: Comparison): StandbyPicture {
  const { nodes, primary, senders } = comparison;
  const sender = senders && senderOf(view.node, nodes, senders);
  const fed = sender && (isConnected(sender) ? sender : undefined);
  const position = stateOf(view) ?? fed;
  const timeline = timelineOf(view) ?? primary?.timeline;
  return {
    node: view.node,
    connected: connection(senders, sender),
    bytes: bytesBehind(flushedOn(timeline, primary), position, fed),
    lag: lagOf(position?.replayed, timeline, comparison),
    stands: timeline === undefined ? undefined : standsAt(position?.flushed, timeline),
  };
}

const standsAt = (lsn: bigint | undefined, timeline: number): StandbyPicture['stands'] =>
  lsn === undefined ? undefined : { lsn, timeline };

/** Positions of different timelines are not comparable: what follows the fork is other WAL. */
const flushedOn = (
  timeline: number | undefined,
  primary: PrimaryView | undefined,
): bigint | undefined => (primary?.timeline === timeline ? primary?.flushed : undefined);

const bytesBehind = (
  ahead: bigint | undefined,
  position: Pick<StandbyState, 'flushed' | 'replayed'> | undefined,
  fed: Sender | undefined,
): StandbyPicture['bytes'] => ({
  sent: behind(fed?.primaryFlushed, fed?.sent),
  flush: behind(ahead, position?.flushed),
  replay: behind(ahead, position?.replayed),
});

function lagOf(
  replayed: bigint | undefined,
  timeline: number | undefined,
  { primary, history, now, staleAfter }: Comparison,
): Lag | undefined {
  if (replayed === undefined || timeline === undefined) return undefined;
  const primaryRead = primary !== undefined;
  return sampledLag(history, { now, replayed, timeline, primaryRead, staleAfter });
}

/** A row whose state is hidden may be anybody's: then "missing" cannot be said. */
function connection(
  senders: readonly Sender[] | undefined,
  sender: Sender | undefined,
): boolean | undefined {
  if (senders === undefined) return undefined;
  if (sender?.state !== undefined) return isConnected(sender);
  return senders.some(({ state }) => state === undefined) ? undefined : false;
}
