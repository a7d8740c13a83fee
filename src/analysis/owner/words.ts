import type { CheckResult } from '../../core/check.ts';
import { namesWhere, valueOf } from '../../core/seen.ts';
import { CALLED, type Statement, type Witness } from './statements.ts';
import type { Verdict } from './verdict.ts';

/* What the witnesses come to, as sentences. */

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;

const names = (witnesses: readonly Witness[]): string =>
  list(witnesses.map((witness) => CALLED[witness]));

const said = ({ witness, nodes }: Statement): string =>
  `${CALLED[witness]} says ${nodes.length === 0 ? 'nobody' : list(nodes)}`;

/** Who holds it and who says so, what contradicts that, and what is not counted. */
export function describeVerdict(
  verdict: Verdict,
  results: readonly CheckResult[],
): readonly string[] {
  const { disagree, fresh, stale } = verdict;
  const against = fresh.map(said).join('; ');
  return [
    holding(verdict, results),
    ...(disagree ? [`the witnesses disagree: ${against}`] : []),
    ...(stale.length === 0
      ? []
      : [`not counted, for they looked before the last change: ${stale.map(said).join('; ')}`]),
    ...besidesPrimary(verdict, results),
  ];
}

function holding({ holders, by, fresh }: Verdict, results: readonly CheckResult[]): string {
  const [holder, ...others] = holders ?? [];
  if (holders === undefined) {
    const silent = valueOf(results, 'maasha_vip_up') === 0;
    const claims = fresh.length === 0 ? '' : ` (${fresh.map(said).join('; ')})`;
    return silent
      ? `who should hold it does not make it answer${claims}`
      : `it is not known who holds it${claims}`;
  }
  if (holder === undefined) return 'nobody holds it';
  if (others.length > 0) return `${list(holders)} hold it at once: ${names(by)} shows them`;
  return by.length === 1
    ? `probably ${holder} holds it: only ${names(by)} says so`
    : `${holder} holds it: so say ${names(by)}`;
}

/** Owner and primary move for reasons of their own: that they differ is no fault. */
function besidesPrimary({ holders }: Verdict, results: readonly CheckResult[]): readonly string[] {
  const [primary, ...more] = namesWhere(results, 'maasha_postgres_role', 'node', {
    state: 'primary',
  });
  const [holder] = holders ?? [];
  return primary === undefined || more.length > 0 || holder === undefined || holder === primary
    ? []
    : [`the primary is ${primary}, another node: that is by design`];
}

/** Why a node has the address besides the leader, and what to do about it. */
export function describeLeftover(
  node: string,
  leader: string,
  results: readonly CheckResult[],
): readonly string[] {
  const dead = valueOf(results, 'maasha_pgpool_up', { node }) === 0;
  const why = dead
    ? `its pgpool does not answer, and left the address behind when it was killed or froze: PCP of ${leader} sees nothing wrong`
    : `its pgpool does not lead, and ${leader} does`;
  return [
    `has the address besides ${leader}: ${why}`,
    `delete the address on ${node} first, and only then start anything there`,
  ];
}
