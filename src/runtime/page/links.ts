import type { CheckResult } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, valueOf } from '../../core/seen.ts';
import { formatDuration, seconds } from '../../core/time.ts';
import type { Sign } from './signs.ts';

/** How one node's database gets its data. */
export interface Link {
  /** The primary; absent: not exactly one node is that. */
  readonly from?: string;
  readonly to: string;
  readonly is: 'streaming' | 'broken' | 'unknown';
  readonly sign: Sign;
  readonly says: string;
}

/** Replication, one link to each node that is not the only primary. */
export function linksOf(region: Region, results: readonly CheckResult[]): readonly Link[] {
  if (region.postgres === undefined) return [];
  const primaries = namesWhere(results, 'maasha_postgres_role', 'node', { state: 'primary' });
  if (primaries.length > 1)
    return primaries.slice(1).map((to) => ({
      from: primaries[0] ?? '',
      to,
      is: 'broken',
      sign: 'bad',
      says: 'TWO PRIMARIES: no replication',
    }));
  const [from] = primaries;
  const nodes = region.nodes.map(({ name }) => name);
  // Which of them is the standby is not known either: one link says it for all.
  if (from === undefined)
    return nodes.slice(1).map((to) => ({
      to,
      is: 'unknown',
      sign: 'unknown',
      says: 'replication not known',
    }));
  return nodes.filter((name) => name !== from).map((to) => linkTo(to, from, results));
}

function linkTo(to: string, from: string, results: readonly CheckResult[]): Link {
  const connected = valueOf(results, 'maasha_postgres_replication_connected', { standby: to });
  if (connected === undefined)
    return { from, to, is: 'unknown', sign: 'unknown', says: 'replication not known' };
  if (connected === 0) return { from, to, is: 'broken', sign: 'bad', says: 'NOT streaming' };
  const sign = lateness(to, results);
  const paused = valueOf(results, 'maasha_postgres_replay_paused', { node: to }) === 1;
  const says = ['streaming', paused ? 'replay PAUSED' : '', behind(to, results)];
  return {
    from,
    to,
    is: 'streaming',
    sign: paused && sign === 'good' ? 'warning' : sign,
    says: says.filter((each) => each !== '').join(', '),
  };
}

/** How far it is behind, as coarse as a person reads it. */
function behind(standby: string, results: readonly CheckResult[]): string {
  const lag = valueOf(results, 'maasha_postgres_replication_lag_seconds', { standby });
  const stage = { standby, stage: 'replay' };
  const bytes = valueOf(results, 'maasha_postgres_replication_lag_bytes', stage);
  if (lag === undefined && bytes === undefined) return 'lag not known';
  const size = bytes === undefined || bytes < 65_536 ? '' : ` (${legibleBytes(bytes)})`;
  if (lag === undefined) return size === '' ? 'level in bytes' : `behind${size}`;
  return lag < 1
    ? `lag under 1s${size}`
    : `${formatDuration(seconds(Math.round(lag)))} behind${size}`;
}

const legibleBytes = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.round(bytes / 1024)} KiB`
    : `${Number((bytes / 1024 / 1024).toPrecision(3))} MiB`;

/** As bad as what was found about the standby's lag. */
function lateness(standby: string, results: readonly CheckResult[]): Sign {
  const found = results
    .flatMap(({ findings }) => findings)
    .filter(({ rule, labels }) => rule.includes('Lag') && labels['standby'] === standby);
  if (found.some(({ severity }) => severity === 'critical')) return 'bad';
  if (found.some(({ severity }) => severity === 'warning')) return 'warning';
  const measured = samplesOf(results, 'maasha_postgres_replication_lag_seconds', { standby });
  return measured.length === 0 ? 'unknown' : 'good';
}
