import type { CheckResult } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from '../../core/seen.ts';
import { formatDuration, seconds, type Instant, type Seconds } from '../../core/time.ts';
import { REPAIRS } from './repairs.ts';

/*
 * What must be at the node that holds the virtual address, part by part, as other checks saw it there.
 */

export const PARTS = ['http', 'dns', 'proxy', 'rpc', 'clusters'] as const;
export type Part = (typeof PARTS)[number];

/**
 * The time that each part has to follow. What the hook restarts is there at once. A region advertises its
 * loops at a refresh that comes each minute, and clusters look for them every 30 s (maasserver's
 * regionservice.py, provisioningserver's clusterservice.py); the monitor proves them once a minute.
 */
export const ALLOWED: Readonly<Record<Part, Seconds>> = {
  http: seconds(60),
  dns: seconds(60),
  proxy: seconds(60),
  rpc: seconds(120),
  clusters: seconds(180),
};

export interface Situation {
  readonly region: Region;
  readonly holder: string;
  readonly results: readonly CheckResult[];
  /** By the wall clock. */
  readonly now: Instant;
  /** Only looks from then on count; absent in a one-off look. */
  readonly since?: Instant;
  /** A process that runs for longer than this is of before the move; absent: not judged. */
  readonly oldFrom?: Seconds;
  /** Clusters and racks that were connected before the move; absent: all that are seen. */
  readonly attached?: readonly string[];
}

export interface Judged {
  readonly part: Part;
  /** `none`: there is no such part here, or nothing ever showed it. */
  readonly is: 'here' | 'missing' | 'unknown' | 'none';
  readonly says: string;
  readonly repair?: string;
}

type Verdict = Omit<Judged, 'part'>;

export function judgeParts(situation: Situation): readonly Judged[] {
  const seen = { ...situation, results: lookedSince(situation) };
  return PARTS.map((part) => ({ part, ...JUDGES[part](seen) }));
}

/** The move is known to whole seconds. */
const lookedSince = ({ results, since }: Situation): readonly CheckResult[] =>
  since === undefined ? results : results.filter(({ startedAt }) => startedAt > since - 1000);

const here = (says: string): Verdict => ({ is: 'here', says });
const missing = (says: string, repair: string): Verdict => ({ is: 'missing', says, repair });
const none = (says: string): Verdict => ({ is: 'none', says });
const unknown = (says: string): Verdict => ({ is: 'unknown', says });
const UNKNOWN = unknown('nobody has looked since');

/** What needs a database is not judged while there is none: that is no matter of what was restarted. */
const WITHOUT_DATABASE = unknown('the database does not work by way of the virtual address');

const hasDatabase = (results: readonly CheckResult[]): boolean =>
  valueOf(results, 'maasha_vip_sql_up') !== 0 && valueOf(results, 'maasha_vip_sql_writable') !== 0;

const JUDGES: Readonly<Record<Part, (situation: Situation) => Verdict>> = {
  http: judgeHttp,
  dns: judgeDns,
  proxy: judgeProxy,
  rpc: judgeRpc,
  clusters: judgeClusters,
};

function judgeHttp(situation: Situation): Verdict {
  const { region, results, holder } = situation;
  const serves = valueOf(results, 'maasha_app_serves', { server: 'vip' });
  if (serves === undefined) return UNKNOWN;
  if (serves === 1) return judgeAge(situation);
  if (!hasDatabase(results)) return WITHOUT_DATABASE;
  const state = stateOf(results, 'maasha_app_state', { server: 'vip' }) ?? '';
  return missing(
    `the pages of MAAS do not come: ${state.replace('_', ' ')}`,
    REPAIRS.http(region, holder, state),
  );
}

/** Pages that come may still be those of a web server that nobody restarted. */
function judgeAge(situation: Situation): Verdict {
  const { region, holder, oldFrom } = situation;
  const age = ageOf(situation);
  if (age === undefined)
    return oldFrom === undefined || region.app?.statusPath === undefined
      ? here('the pages of MAAS come')
      : unknown(`the web server of ${holder} does not say since when it runs`);
  const runs = `the pages of MAAS come from a web server that runs for ${formatDuration(age)}`;
  return oldFrom !== undefined && age > oldFrom
    ? missing(
        `${runs}, since before the move: nobody restarted it`,
        REPAIRS.http(region, holder, 'serves'),
      )
    : here(runs);
}

/** For how long the holder's web server runs, where it says so. */
function ageOf({ results, holder, now }: Situation): Seconds | undefined {
  const started = valueOf(results, 'maasha_app_started_timestamp_seconds', { node: holder });
  return started === undefined ? undefined : seconds(Math.max(0, now / 1000 - started));
}

function judgeDns({ region, results, holder }: Situation): Verdict {
  if (region.dns === undefined) return none('no DNS is configured');
  const up = valueOf(results, 'maasha_dns_master_up');
  const [node] = namesWhere(results, 'maasha_dns_master_node', 'node');
  if (up === undefined) return UNKNOWN;
  if (up === 0) return missing('the DNS master is silent there', REPAIRS.dns(region, holder));
  if (node !== undefined && node !== holder)
    return missing(`DNS is answered there by ${node}`, REPAIRS.dns(region, holder));
  return here(node === undefined ? 'the DNS master answers' : `the DNS master of ${node} answers`);
}

/** Of its states those in which it does not do its own work; what it cannot fetch is not its fault. */
const BROKEN_PROXY = ['no_proxy', 'hangs', 'hangs_up', 'closed', 'unreachable'];

function judgeProxy({ region, results, holder }: Situation): Verdict {
  const { proxy } = region;
  if (proxy === undefined) return none('no proxy is configured');
  const ports = proxy.ports.map((port) => {
    const at = { server: 'vip', service: `proxy-${port}` };
    return { port, state: stateOf(results, 'maasha_proxy_state', at) };
  });
  const broken = ports.filter(({ state = '' }) => BROKEN_PROXY.includes(state));
  if (broken.length > 0)
    return missing(
      broken.map(({ port, state = '' }) => `port ${port} is ${state.replace('_', ' ')}`).join(', '),
      REPAIRS.proxy(region, holder),
    );
  return ports.some(({ state }) => state === undefined) ? UNKNOWN : here('the proxy works');
}

function judgeRpc({ region, results, holder }: Situation): Verdict {
  const success = valueOf(results, 'maasha_region_rpc_http_success');
  const loops = valueOf(results, 'maasha_region_rpc_node_event_loops', { node: holder });
  const answers = valueOf(results, 'maasha_region_rpc_handshake_success', { node: holder });
  const repair = REPAIRS.rpc(region, holder);
  if ((success === 0 || loops === 0) && !hasDatabase(results)) return WITHOUT_DATABASE;
  if (success === 0)
    return missing('the region does not say where clusters are to connect', repair);
  if (loops === 0) return missing(`no event loop of ${holder} is advertised`, repair);
  if (answers === 0) return missing(`an event loop of ${holder} does not answer`, repair);
  return loops === undefined ? UNKNOWN : here(`the event loop of ${holder} is advertised`);
}

const ATTACHED = [
  { metric: 'maasha_cluster_connected', label: 'cluster' },
  { metric: 'maasha_rack_connected', label: 'rack' },
] as const;

/** Whether each cluster (of 1.x) or rack (from 2.0 on) is connected, as far as that was seen. */
const connections = (results: readonly CheckResult[]): ReadonlyMap<string, boolean> =>
  new Map(
    ATTACHED.flatMap(({ metric, label }) =>
      samplesOf(results, metric).map(({ labels, value }) => [labels[label] ?? '', value === 1]),
    ),
  );

/** The names of all that are connected: what is not seen at present is as it was. */
export function attachedNow(
  results: readonly CheckResult[],
  before: readonly string[],
): readonly string[] {
  const seen = connections(results);
  return [
    ...new Set([
      ...before.filter((name) => !seen.has(name)),
      ...[...seen].flatMap(([name, is]) => (is ? [name] : [])),
    ]),
  ];
}

function judgeClusters({ region, results, attached }: Situation): Verdict {
  const seen = connections(results);
  // What is not there at all is no matter of the move.
  const gone = samplesOf(results, 'maasha_cluster_reachable').flatMap(({ labels, value }) =>
    value === 0 ? [labels['cluster']] : [],
  );
  const wanted = (attached ?? [...seen.keys()]).filter((name) => !gone.includes(name));
  if (wanted.length === 0) return none('nothing shows which clusters were connected');
  const lost = wanted.filter((name) => seen.get(name) === false);
  if (lost.length > 0)
    return missing(`${lost.join(' and ')} did not come back`, REPAIRS.clusters(region, lost));
  return wanted.some((name) => !seen.has(name))
    ? UNKNOWN
    : here(`${wanted.length === 1 ? 'the cluster is' : `all ${wanted.length} are`} connected`);
}
