import type { Look } from './look.ts';
import * as metrics from './metrics.ts';
import type { ServiceState } from './service.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';

/** What all looks of one run come to, cluster by cluster and of all clusters. */
export function notesOn(looks: readonly Look[]): readonly Note[] {
  const names = [...new Set(looks.map(({ cluster }) => cluster.name))];
  const counts = names.map((name) => {
    const own = looks.filter((look) => look.cluster.name === name && !isUnheard(look));
    return { name, of: own.length, count: countOf(own) };
  });
  return [
    ...looks.flatMap(notesOnLook),
    ...counts.flatMap(({ name, of, count }): readonly Note[] => {
      const labels = { cluster: name };
      // Of a single service that is no news.
      if (of < 2) return [doesNotApply(metrics.answering, labels)];
      return count === undefined ? [] : [observe(metrics.answering, count, labels)];
    }),
    ...notesOnAll(counts.filter(({ of }) => of > 0).map(({ count }) => count)),
  ];
}

/** Of the clusters of which anything can be known; where there is a gap, one that serves is enough to know. */
function notesOnAll(counts: readonly (number | undefined)[]): readonly Note[] {
  if (counts.length === 0) return [doesNotApply(metrics.serving, {})];
  const serving = counts.filter((count) => count !== undefined && count > 0).length;
  return serving > 0 || !counts.includes(undefined) ? [observe(metrics.serving, serving, {})] : [];
}

/** How many answer; unknown where none does and one could not be asked. */
function countOf(looks: readonly Look[]): number | undefined {
  const count = looks.filter(
    ({ found }) => !(found instanceof CheckFailure) && answers(found.state),
  ).length;
  return count > 0 || looks.every(({ found }) => !(found instanceof CheckFailure))
    ? count
    : undefined;
}

/** Nothing is known of it, and never will be: it counts neither way. */
const isUnheard = ({ found }: Look): boolean =>
  !(found instanceof CheckFailure) && found.state === 'unheard';

const answers = (state: ServiceState): boolean => state === 'serving' || state === 'lacking';

function notesOnLook({ cluster, service, title, found }: Look): readonly Note[] {
  const subject = `${cluster.name} ${service}`;
  if (found instanceof CheckFailure) return [gap(subject, found)];
  const labels = { cluster: cluster.name, service };
  const { state, says, took } = found;
  return [
    // Where it was refused before, that is over; more cannot be said.
    state === 'unheard'
      ? doesNotApply(metrics.up, labels)
      : observe(metrics.up, answers(state), labels),
    ...observeState(metrics.state, state, labels),
    ...(took === undefined ? [] : [observe(metrics.time, took, labels)]),
    evidence(
      subject,
      answers(state) || state === 'unheard' ? `${title} ${says}` : `${state}: ${says}`,
    ),
  ];
}
