import type { Queries } from './queries.ts';

/**
 * One number per region: 0 nothing was looked at, 1 healthy, 2 unknown, 3 degraded, 4 down; the worst of all
 * checks in the view of any monitor. A probe that Prometheus does not get counts as unknown, and where there
 * is nothing at all the answer is unknown too, without a region.
 */
export const verdict = (q: Queries): string => {
  const seen = ['ok', 'unknown', 'warning', 'critical']
    .map((state, index) => `${index + 1} * ${q.series('maasha_check_state', { state })}`)
    .join(' or ');
  const unanswered = `2 * (max by (region, check) (${q.foreign('up', { job: 'maasha-probe', region: '~$region' })}) == bool 0)`;
  const nothing = `2 * absent(${q.series('maasha_check_state')})`;
  return `max by (region) (${seen} or ${unanswered}) or ${nothing}`;
};
