import type { CheckResult } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, stateOf, valueOf } from '../../core/seen.ts';
import type { Incident } from './incidents.ts';
import type { Look } from './looks.ts';
import type { Sign } from './signs.ts';
import type { Topology } from './topology.ts';

/** The answer to one of the operator's two questions. */
export interface Answer {
  readonly sign: Sign;
  /** In capitals, at one glance. */
  readonly word: string;
  readonly says: string;
  /** What it is missing, or what cannot be seen. */
  readonly more: readonly string[];
}

/** Is it up? Would it survive one more failure? */
export interface Verdict {
  readonly up: Answer;
  readonly spare: Answer;
  /** The virtual address or the primary moved a moment ago: what follows it may still be on its way. */
  readonly moved?: string;
}

interface Seen {
  readonly region: Region;
  readonly results: readonly CheckResult[];
  readonly topology: Topology;
  readonly looks: readonly Look[];
  readonly incidents: readonly Incident[];
}

export function verdictOf(seen: Seen): Verdict {
  const moved = movedLately(seen);
  return { up: upOf(seen), spare: spareOf(seen), ...(moved !== undefined && { moved }) };
}

const answer = (sign: Sign, word: string, says: string, more: readonly string[] = []): Answer => ({
  sign,
  word,
  says,
  more,
});

function upOf(seen: Seen): Answer {
  const { results, looks, region } = seen;
  if (looks.every(({ at }) => at === undefined))
    return answer('unknown', 'NOT KNOWN', 'Nothing has been looked at yet.');
  if (valueOf(results, 'maasha_monitor_isolated') === 1)
    return answer(
      'unknown',
      'NOT KNOWN',
      'The monitor itself is cut off: nothing at all answers it, so it cannot tell.',
    );
  const down = downBecause(region, results);
  if (down.length > 0)
    return answer(
      'bad',
      'DOWN',
      down[0] ?? '',
      few([...down, ...disputeIn(seen), ...graveIn(seen)]),
    );
  if (valueOf(results, 'maasha_vip_up') === undefined)
    return answer('unknown', 'NOT KNOWN', 'Whether the virtual address answers could not be seen.');
  return servingOf(seen);
}

const APPLICATION: Readonly<Record<string, string>> = {
  no_database: 'has no database',
  starting: 'is still starting',
  hangs: 'hangs: it takes the question and never answers',
  unreachable: 'cannot be reached',
};

/** Why clients get nothing, the plainest reason first. */
function downBecause({ vip }: Region, results: readonly CheckResult[]): readonly string[] {
  const is = (metric: string, value: number): boolean => valueOf(results, metric) === value;
  const url = stateOf(results, 'maasha_region_url_state');
  const ports = is('maasha_vip_ports_open', 0);
  if (is('maasha_vip_up', 0)) return [`The virtual address ${vip} does not answer.`];
  return [
    ...(ports ? ['No service at the virtual address accepts a connection.'] : []),
    ...(url !== undefined && !['active', 'other'].includes(url)
      ? [`The region application at the virtual address ${APPLICATION[url] ?? `is ${url}`}.`]
      : []),
    ...(is('maasha_vip_sql_up', 0) ? ['SQL by way of the virtual address does not answer.'] : []),
    ...(is('maasha_vip_sql_writable', 0)
      ? ['The database behind the virtual address takes no writes.']
      : []),
  ];
}

/** More than one of what there must be one of. */
const disputeIn = ({ topology: { vip, links } }: Seen): readonly string[] => [
  ...(vip.holder.is === 'disputed' ? [`The virtual address is ${vip.holder.says}.`] : []),
  ...(links.some(({ says }) => says.startsWith('TWO'))
    ? ['More than one database takes writes: what is written to one is missing in the other.']
    : []),
];

const graveIn = ({ incidents }: Seen): readonly string[] =>
  incidents.filter(({ sign }) => sign === 'bad').map(({ summary }) => summary);

/** It answers: is that all? */
function servingOf(seen: Seen): Answer {
  const { incidents, looks, topology } = seen;
  const of = (sign: Sign) => looks.filter((look) => look.sign === sign);
  const { holder } = topology.vip;
  // What is an incident already need not be said again by its check.
  const told = [...disputeIn(seen), ...graveIn(seen)];
  const grave = told.length > 0 ? told : of('bad').map(({ says }) => says);
  if (grave.length > 0) return answer('bad', 'UP, IN DANGER', grave[0] ?? '', few(grave));
  const warned = incidents.filter(({ sign }) => sign === 'warning');
  const warnings =
    warned.length > 0
      ? warned.map(({ summary }) => summary)
      : of('warning').map(({ says }) => says);
  if (warnings.length > 0)
    return answer('warning', 'UP, WITH WARNINGS', warnings[0] ?? '', few(warnings));
  const blind = of('unknown').map(({ check }) => check);
  if (blind.length > 0)
    return answer(
      'unknown',
      'UP, AS FAR AS SEEN',
      `It answers; ${blind.join(', ')} could not see everything.`,
    );
  return answer('good', 'UP', `The virtual address answers, ${holder.says}.`);
}

/** The rest of them, each said once; what is more is counted. */
function few(all: readonly string[]): readonly string[] {
  const rest = [...new Set(all)].slice(1);
  return rest.length <= 3 ? rest : [...rest.slice(0, 3), `… and ${rest.length - 3} more`];
}

function spareOf({ region, results }: Seen): Answer {
  if (region.nodes.length < 2)
    return answer('warning', 'NO SPARE', 'One node: no failure of it is survivable.');
  const redundant = valueOf(results, 'maasha_region_redundant');
  const result = results.find(({ check }) => check === 'redundancy');
  const missing = (result?.evidence ?? []).map(({ subject, says }) => `${subject}: ${says}`);
  if (redundant === 0)
    return answer('warning', 'NO SPARE', 'One more failure is NOT survivable. Missing:', missing);
  if (redundant === 1)
    return answer('good', 'YES', 'One more failure is survivable: every part has a working spare.');
  const says = 'It is not proven that one more failure is survivable.';
  return answer('unknown', 'NOT KNOWN', says, [...missing, ...blindness(result)]);
}

/** Why the check could not tell. */
const blindness = (result: CheckResult | undefined): readonly string[] =>
  result === undefined
    ? ['no check has told yet']
    : [
        ...(result.failure === undefined ? [] : [result.failure.message]),
        ...result.gaps.map(({ failure }) => failure.message),
        ...result.skips.map(({ reason }) => reason),
      ];

const WHAT: Readonly<Record<string, string>> = {
  vip: 'The virtual address',
  primary: 'The primary database',
};

/** By the check that follows who holds what: within the last two minutes. */
function movedLately({ results, topology }: Seen): string | undefined {
  const moved = namesWhere(results, 'maasha_failover_recent', 'of');
  if (moved.length === 0) return undefined;
  const primary = namesWhere(results, 'maasha_postgres_role', 'node', { state: 'primary' });
  const now: Readonly<Record<string, readonly string[]>> = {
    vip: topology.vip.holder.names,
    primary,
  };
  return moved
    .map((of) => {
      const [to, ...others] = now[of] ?? [];
      const whom = to !== undefined && others.length === 0 ? ` to ${to}` : '';
      return `${WHAT[of] ?? of} moved${whom} within the last two minutes.`;
    })
    .join(' ');
}
