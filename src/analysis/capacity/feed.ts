import type { Note } from '../../core/check.ts';
import type { Instant } from '../../core/time.ts';
import type { NodeView, PrimaryView, StandbyPicture } from '../replication/compare.ts';
import { recordWal, type WalHistory } from '../replication/lag.ts';
import type { Oldest } from './ask.ts';
import type { Known } from './memory.ts';
import { shrinking } from './pace.ts';
import { retain } from './retention.ts';
import type { Limits, Slot } from './rows.ts';
import { describeStock, noStock, unknownStock, type Witness } from './standby.ts';

/** One primary and those that it is to feed, as one look showed them. */
export interface Feed {
  readonly primary: PrimaryView;
  readonly standbys: readonly Fed[];
  readonly limits: Limits;
  readonly slots: readonly Slot[];
  readonly oldest: Oldest;
  readonly now: Instant;
}

export interface Fed {
  readonly view: NodeView;
  readonly picture: StandbyPicture;
}

/** A copy of another database has positions, too, and they mean nothing here. */
const isForeign = ({ view }: Fed, { primary }: Pick<Feed, 'primary'>): boolean =>
  view.system !== undefined && primary.system !== undefined && view.system !== primary.system;

type Stands = Pick<Feed, 'primary' | 'standbys' | 'now'>;

/** What is known after this look: a standby that is silent stays where it was last seen. */
export function remembered(before: Known, look: Stands): Omit<Known, 'idle'> {
  const { primary, now } = look;
  const standbys: Record<string, WalHistory> = { ...before.standbys };
  const slots: Record<string, string> = { ...before.slots };
  for (const fed of look.standbys) {
    const { view, picture } = fed;
    const { name } = view.node;
    if (isForeign(fed, look)) continue;
    if (picture.stands !== undefined)
      standbys[name] = recordWal(standbys[name], { at: now, ...picture.stands });
    if (view.is !== 'standby' || view.state === undefined) continue;
    if (view.state.slot === undefined) Reflect.deleteProperty(slots, name);
    else slots[name] = view.state.slot;
  }
  const { flushed: lsn, timeline } = primary;
  return { primary: recordWal(before.primary, { at: now, lsn, timeline }), standbys, slots };
}

export const describeFeed = (feed: Feed, known: Omit<Known, 'idle'>): readonly Note[] => [
  ...feed.standbys.flatMap((fed) => describeFed(fed, feed, known)),
  ...noStock(feed.primary.node.name),
];

function describeFed(fed: Fed, feed: Feed, known: Omit<Known, 'idle'>): readonly Note[] {
  const { primary, limits, oldest, now } = feed;
  const { connected, stands } = fed.picture;
  const { name } = fed.view.node;
  const history = known.standbys[name];
  const last = history?.samples.at(-1);
  if (isForeign(fed, feed)) return unknownStock(name, 'it is a copy of another database');
  if (history === undefined || last === undefined)
    return unknownStock(name, 'no look so far has seen where it stands (a single run cannot know)');
  if (history.timeline !== primary.timeline)
    return unknownStock(
      name,
      `it stands on timeline ${history.timeline}, and ${primary.node.name} on ${primary.timeline}`,
    );
  const slot = known.slots[name];
  const retention = retain({
    stands: last.lsn,
    flushed: primary.flushed,
    limits,
    slot: feed.slots.find((each) => each.name === slot),
    connected,
    oldest: oldest.number,
  });
  return describeStock({
    standby: name,
    primary: primary.node.name,
    witness: witnessOf(fed, stands !== undefined),
    connected,
    retention,
    slot,
    segment: limits.segment,
    misses: primary.flushed - last.lsn,
    keeps: limits.keep * limits.segment,
    shrinks:
      known.primary && shrinking(known.primary, connected === true ? history : undefined, now),
    oldest,
  });
}

const witnessOf = ({ view }: Fed, seen: boolean): Witness => {
  if (!seen) return 'memory';
  return view.is === 'standby' && view.state !== undefined ? 'itself' : 'the primary';
};
