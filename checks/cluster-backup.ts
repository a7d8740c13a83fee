import { readContent } from '../src/analysis/backup/content.ts';
import { askKnown, parseKept, type Identity } from '../src/analysis/backup/known.ts';
import * as metrics from '../src/analysis/backup/metrics.ts';
import { notesOnBackups, type Copy, type Known } from '../src/analysis/backup/notes.ts';
import { rules } from '../src/analysis/backup/rules.ts';
import { defineCheck, evidence, remember, skip, type CheckContext } from '../src/core/check.ts';
import { toFailure } from '../src/core/failure.ts';
import type { Cluster, Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

/** Why nothing can be looked at in such a region. */
const absence = ({ clusters }: Region): string | undefined =>
  clusters.some(({ backup }) => backup !== undefined)
    ? undefined
    : 'no cluster has a section `backup`';

export default defineCheck({
  name: 'cluster-backup',
  about:
    'Looks whether the backup of each cluster controller is there, is recent, and holds the UUID by which the region knows that cluster.',
  every: '1m',
  timeout: seconds(15),
  metrics: metrics.all,
  rules,
  absence,
  async run(region, context) {
    const reason = absence(region);
    if (reason !== undefined) return [skip('backups', 'config', reason)];
    const before = parseKept(context.memory);
    const [told, ...copies] = await Promise.all([
      askKnown(region, context.io).catch(toFailure),
      ...region.clusters.flatMap((cluster) => read(region, cluster, context)),
    ]);
    const known: Known = told ?? 'unsaid';
    const now = context.clock.now() / 1000;
    if (!(known instanceof Error))
      return [
        ...notesOnBackups(region, copies, known, now),
        ...(known === 'unsaid' ? [] : [remember(known)]),
      ];
    // UUIDs do not change: while the region is silent, what it said before holds.
    const kept: readonly Identity[] | undefined = before;
    return [
      ...notesOnBackups(region, copies, kept ?? known, now),
      ...(kept === undefined
        ? []
        : [evidence('region', `does not say (${known.code}): ${AS_BEFORE}`), remember(kept)]),
    ];
  },
});

const AS_BEFORE = 'the backups are compared with what it said before';

const READ = { timeout: seconds(5), maxBytes: 262_144 };

function read(region: Region, cluster: Cluster, { io }: CheckContext): readonly Promise<Copy>[] {
  const { backup } = cluster;
  if (backup === undefined) return [];
  const reading = io.facts.read(backup.source, region.name, READ).then(
    (fact): Copy['found'] =>
      fact === undefined
        ? 'missing'
        : // What a copy says of itself survives being copied; a file's date does not.
          {
            ...(fact.at !== undefined && { at: fact.at }),
            ...readContent(fact.text, region.generation),
          },
    toFailure,
  );
  return [reading.then((found) => ({ cluster, backup, found }))];
}
