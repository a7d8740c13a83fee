import type { Content } from './content.ts';
import type { Identity } from './known.ts';
import * as metrics from './metrics.ts';
import { judgeIdentity, type Verdict } from './verdict.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import type { CheckFailure } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';
import { describeSource } from '../../core/ports/facts.ts';
import type { Backup, Cluster, Region } from '../../core/region.ts';
import { formatDuration, seconds } from '../../core/time.ts';

/** What lies where a cluster's backup should be. */
export interface Copy {
  readonly cluster: Cluster;
  readonly backup: Backup;
  /** `missing`: nothing is there. A failure: nobody knows. */
  readonly found: (Content & { readonly at?: number }) | 'missing' | CheckFailure;
}

/** What the region lists; `unsaid` where nothing that is configured tells, a failure where it did not say. */
export type Known = readonly Identity[] | 'unsaid' | CheckFailure;

/** Clocks of healthy hosts differ by less. */
const SKEW = 300;

/** What the backups of a region come to. @param now epoch seconds */
export function notesOnBackups(
  region: Region,
  copies: readonly Copy[],
  known: Known,
  now: number,
): readonly Note[] {
  const twins = twinsAmong(copies);
  return [
    ...copies.flatMap((copy) => notesOnCopy(region, copy, { known, now, twins })),
    ...region.clusters
      .filter(({ backup }) => backup === undefined)
      .flatMap((cluster) => nothingAbout(cluster, true)),
  ];
}

interface Given {
  readonly known: Known;
  readonly now: number;
  readonly twins: ReadonlySet<string>;
}

/** Identities that more than one backup has: at least one of those is not its cluster's. */
function twinsAmong(copies: readonly Copy[]): ReadonlySet<string> {
  const ids = copies.flatMap(({ found }) => (isContent(found) ? oneOf(found.ids) : []));
  return new Set(ids.filter((id, index) => ids.indexOf(id) < index));
}

const isContent = (found: Copy['found']): found is Content =>
  found !== 'missing' && !(found instanceof Error);

const oneOf = (ids: readonly string[]): readonly string[] => (ids.length === 1 ? ids : []);

function notesOnCopy(region: Region, copy: Copy, given: Given): readonly Note[] {
  const { cluster, backup, found } = copy;
  const labels = { cluster: cluster.name };
  const place = describeSource(backup.source);
  if (found === 'missing')
    return [
      observe(metrics.present, 0, labels),
      ...nothingAbout(cluster, false),
      evidence(cluster.name, `has no backup: ${place} does not exist`),
    ];
  if (!isContent(found)) return [gap(cluster.name, found)];
  return [
    observe(metrics.present, 1, labels),
    ...notesOnAge(copy, found.at, given.now),
    ...notesOnContent(region, copy, found, given),
    ...(isOnItself(copy)
      ? [evidence(cluster.name, 'its backup is kept on itself: it is lost together with it')]
      : []),
  ];
}

const nothingAbout = ({ name: cluster }: Cluster, whole: boolean): readonly Note[] =>
  [...(whole ? [metrics.present] : []), metrics.content, metrics.ageState].map((metric) =>
    doesNotApply(metric, { cluster }),
  );

const isOnItself = ({ cluster, backup: { source } }: Copy): boolean =>
  source.from === 'url' && new URL(source.url).hostname.replace(/^\[|\]$/g, '') === cluster.address;

function notesOnAge({ cluster: { name }, backup }: Copy, at: number | undefined, now: number) {
  const labels = { cluster: name };
  const place = describeSource(backup.source);
  const told = (state: metrics.AgeState, says: string): readonly Note[] => [
    ...observeState(metrics.ageState, state, labels),
    evidence(name, `its backup (${place}) ${says}`),
  ];
  if (at === undefined) return told('unknown', 'says nothing of its age');
  const age = now - at;
  if (age < -SKEW) return told('future', `is dated ${formatDuration(seconds(-age))} in the future`);
  const old = Math.max(0, age);
  const state = old > backup.maxAge ? 'old' : 'fresh';
  const limit = state === 'old' ? `, and ${formatDuration(backup.maxAge)} is allowed` : '';
  return [
    observe(metrics.age, old, labels),
    ...told(state, `is ${formatDuration(seconds(old))} old${limit}`),
  ];
}

function notesOnContent(
  region: Region,
  { cluster }: Copy,
  { ids }: Content,
  { known, twins }: Given,
): readonly Note[] {
  const labels = { cluster: cluster.name };
  const told = ({ state, says }: Verdict): readonly Note[] => [
    ...observeState(metrics.content, state, labels),
    evidence(cluster.name, `its backup holds ${says}`),
  ];
  const [id, ...others] = ids;
  if (id === undefined) return told({ state: 'no_uuid', says: 'no UUID' });
  if (others.length > 0)
    return told({
      state: 'no_uuid',
      says: `${ids.length} UUIDs, and says of none that it is the cluster's`,
    });
  const verdict = judgeIdentity(cluster, id, region, listOf(known));
  // The region's word decides, unless what is wrong does not depend on it.
  if (known instanceof Error && verdict.state !== 'other_cluster')
    return [gap(cluster.name, known)];
  if (verdict.state === 'unproven' && twins.has(id))
    return told({
      state: 'other_cluster',
      says: `${id}, and so does the backup of another cluster`,
    });
  return told(verdict);
}

const listOf = (known: Known): readonly Identity[] | undefined =>
  known === 'unsaid' || known instanceof Error ? undefined : known;
