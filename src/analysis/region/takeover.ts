import { evidence, gap, type CheckResult, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from '../../core/seen.ts';
import { formatDuration, seconds, type Seconds } from '../../core/time.ts';

/*
 * Whether the region application followed the virtual address. What MAAS itself says of it, in the
 * operator's words: it must be restarted on failover, or the cluster controllers won't notice.
 */

export const stuck = gauge({
  name: 'maasha_region_stuck_after_failover',
  help: "Whether the node holds the virtual address, SQL works there, and its region application has not followed for 120 s: it uses no database, or the loops that it advertises are another node's (1), or not (0).",
  labels: ['node'],
});

/** Until then all of it is normal: the application restarts, and its loops come back within a minute. */
const GRACE = seconds(120);

/** What other checks saw of the takeover; absent is not known. */
interface Seen {
  readonly holder: string;
  /** How long the monitor has seen it there; a one-off look cannot tell. */
  readonly held: Seconds | undefined;
  /** Whether SQL works by way of the virtual address, writing included. */
  readonly sql?: boolean;
  /** What the application at maas_url is like. */
  readonly state: string | undefined;
  /** How it is known who holds the address, in words. */
  readonly witnesses: readonly string[];
  /** Advertised event loops by node; empty where nothing is advertised. */
  readonly loops: ReadonlyMap<string, number>;
}

/** What is known, or in words why too little is. */
export function seeTakeover(results: readonly CheckResult[], now: number): Seen | string {
  const holders = namesWhere(results, 'maasha_vip_owner', 'node');
  const [holder, ...others] = holders;
  if (holder === undefined) return 'nothing shows at present who holds the virtual address';
  if (others.length > 0) return `${holders.join(' and ')} both hold the virtual address`;
  const since = valueOf(results, 'maasha_vip_owner_since_timestamp_seconds');
  const sql = sqlWorks(results);
  return {
    holder,
    held: since === undefined ? undefined : seconds(Math.max(0, now / 1000 - since)),
    ...(sql !== undefined && { sql }),
    state: stateOf(results, 'maasha_region_url_state'),
    witnesses: results
      .filter(({ check }) => check === 'vip-owner')
      .flatMap((owner) => owner.evidence.find(({ subject }) => subject === 'vip')?.says ?? []),
    loops: new Map(
      samplesOf(results, 'maasha_region_rpc_node_event_loops').map(({ labels, value }) => [
        labels['node'] ?? '',
        value,
      ]),
    ),
  };
}

function sqlWorks(results: readonly CheckResult[]): boolean | undefined {
  const up = valueOf(results, 'maasha_vip_sql_up');
  if (up !== 1) return up === undefined ? undefined : false;
  return valueOf(results, 'maasha_vip_sql_writable') !== 0;
}

/** Two ways of having missed the failover; undefined where too little is known to say. */
function verdictOf({ holder, sql, state, loops }: Seen): boolean | undefined {
  if (isOthers(holder, loops)) return true;
  if (state === 'no_database') return sql;
  return state === 'active' && (loops.get(holder) ?? 0) > 0 ? false : undefined;
}

/** Loops are advertised, and none of them is the holder's. */
const isOthers = (holder: string, loops: Seen['loops']): boolean =>
  loops.get(holder) === 0 && [...loops.values()].some((count) => count > 0);

export function notesOnTakeover(region: Region, seen: Seen, once: boolean): readonly Note[] {
  const missed = verdictOf(seen);
  const isEarly = !once && (seen.held ?? 0) < GRACE;
  const told = tell(region, seen);
  if (missed === undefined)
    return [
      ...told,
      gap('region', new CheckFailure('dependency', 'whether the region followed is not known')),
    ];
  return [
    ...region.nodes.map(({ name: node }) =>
      observe(stuck, missed && !isEarly && node === seen.holder, { node }),
    ),
    ...told,
    ...(missed ? [evidence(seen.holder, conclusion(region, once, isEarly))] : []),
  ];
}

function tell(
  region: Region,
  { holder, held, sql, state, loops, witnesses }: Seen,
): readonly Note[] {
  const since = held === undefined ? '' : `, seen there for ${formatDuration(held)}`;
  const listed = [...loops].flatMap(([node, count]) => (count > 0 ? [`${count} of ${node}`] : []));
  return [
    evidence(holder, `holds the virtual address${since}`),
    ...witnesses.map((says) => evidence('vip', says)),
    ...(loops.size === 0
      ? []
      : [evidence('loops', `advertised are ${listed.join(', ') || 'none of any node'}`)]),
    ...(state === undefined
      ? []
      : [evidence('region', `at ${region.maasUrl} it is: ${state.replace('_', ' ')}`)]),
    ...(sql === undefined
      ? []
      : [evidence('database', `SQL by way of the virtual address ${sql ? 'works' : 'fails'}`)]),
  ];
}

const LESSON: Readonly<Record<Region['generation'], string>> = {
  1: 'apache2 must be restarted on failover, or the cluster controllers won’t notice',
  2: 'maas-regiond has to be restarted there',
};

function conclusion({ generation }: Region, once: boolean, isEarly: boolean): string {
  const said = `its region application has not followed the failover: ${LESSON[generation]}`;
  if (once) return `${said} (normal only within ${GRACE} s of the move; one look cannot tell)`;
  return isEarly ? `${said} (up to ${GRACE} s after the move that is normal)` : said;
}
