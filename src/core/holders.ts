import type { CheckResult } from './check.ts';
import { namesWhere, samplesOf } from './seen.ts';

/** Who holds what: the three that move independently of each other. Absent = not known at present. */
export interface Holders {
  readonly vip?: string;
  readonly leader?: string;
  readonly primary?: string;
}

const WORDS: Readonly<Record<keyof Holders, string>> = {
  vip: 'the VIP is held by',
  leader: 'the watchdog is led by',
  primary: 'the primary is',
};

const one = (names: readonly string[]): string | undefined =>
  names.length === 0 ? undefined : names.join(' AND ');

/** The holders as the newest results of one region show them. */
export function holdersOf(results: readonly CheckResult[]): Holders {
  const vip = one(vipHolders(results));
  const leader = one(
    namesWhere(results, 'maasha_pgpool_watchdog_node_state', 'peer', { state: 'leader' }),
  );
  const primary = one(namesWhere(results, 'maasha_postgres_role', 'node', { state: 'primary' }));
  return {
    ...(vip !== undefined && { vip }),
    ...(leader !== undefined && { leader }),
    ...(primary !== undefined && { primary }),
  };
}

/** By what the witnesses agree on, where that is known; else the node of which pgpool says that it should. */
const vipHolders = (results: readonly CheckResult[]): readonly string[] =>
  namesWhere(
    results,
    samplesOf(results, 'maasha_vip_owner').length > 0
      ? 'maasha_vip_owner'
      : 'maasha_pgpool_watchdog_escalated',
    'node',
  );

/** What moved, as sentences: `the primary is now rc2 (it was rc1)`. What is not known has not moved. */
export const moves = (before: Holders, after: Holders): readonly string[] =>
  (Object.keys(WORDS) as (keyof Holders)[]).flatMap((what) => {
    const [was, is] = [before[what], after[what]];
    return was === undefined || is === undefined || was === is
      ? []
      : [`${WORDS[what]} now ${is} (before: ${was})`];
  });
