import { doesNotApply, type Inapplicable } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import type { PgpoolLook } from './look.ts';
import * as metrics from './metrics.ts';
import * as views from './views.ts';

/**
 * What the answers of the pgpools show not to exist (any more). A pgpool that is silent shows nothing: a
 * closed port does not say that what was wrong behind it is over.
 */
export const absencesIn = (
  region: Region,
  looks: readonly PgpoolLook[],
): readonly Inapplicable[] => [
  ...looks.flatMap((look) => [...absentPeers(region, look), ...withoutWatchdog(look)]),
  ...(looks.every(views.isWatchdogOff) ? [doesNotApply(metrics.leaders, {})] : []),
  ...views
    .nodesWithoutBackend(region, looks)
    .map((backend) => doesNotApply(metrics.backendDetached, { backend })),
  // One view alone cannot disagree.
  ...(region.nodes.length > 1 ? [] : [doesNotApply(metrics.agree, {})]),
];

/** Whoever is no member of the watchdog in the view of this node, itself left out. */
function absentPeers(region: Region, look: PgpoolLook): readonly Inapplicable[] {
  const view = views.watchdogOf(look);
  if (view === undefined || view.peers.length === 0) return [];
  const node = look.node.name;
  const members = new Set(view.peers.map(({ host }) => views.nameByHost(region, host)));
  return [...region.nodes.map(({ name }) => name), views.UNCONFIGURED]
    .filter((peer) => peer !== node && !members.has(peer))
    .map((peer) => doesNotApply(metrics.peerLost, { node, peer }));
}

/** Where the watchdog is switched off, which takes a restart: the headless one, too, is gone then. */
function withoutWatchdog(look: PgpoolLook): readonly Inapplicable[] {
  const node = look.node.name;
  return views.isWatchdogOff(look)
    ? [
        doesNotApply(metrics.peerLost, { node }),
        doesNotApply(metrics.quorum, { node }),
        doesNotApply(metrics.headless, { node }),
      ]
    : [];
}
