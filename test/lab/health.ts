import { existsSync } from 'node:fs';
import { injected } from './faults.ts';
import { masterName, serials, type Serials } from './dns.ts';
import { connectedLoops, eventLoops } from './maas.ts';
import { holdsVip, namespaces } from './net.ts';
import { backends, watchdogView, type Backend, type WatchdogView } from './pgpool.ts';
import { ADDRESS, CLUSTERS, NODES, paths, peer, PORT, VIP, ZONES } from './plan.ts';
import type { Cluster, Host, Node } from './plan.ts';
import { postgresState, type PostgresState } from './postgres.ts';
import { daemonState, type DaemonState } from './processes.ts';
import { allDaemons, SERVICES } from './services.ts';

/** Everything that the lab knows of itself at one moment. */
export type Status = {
  readonly healthy: boolean;
  /** What keeps it from being healthy, a sentence each. */
  readonly missing: readonly string[];
  readonly faults: readonly string[];
  readonly daemons: readonly { host: Host; name: string; state: DaemonState }[];
  readonly vipOwners: readonly Node[];
  /** The node that answers DNS at the virtual address. */
  readonly dnsMaster: string | undefined;
  /** The event loops that HTTP at the virtual address lists; undefined when it does not answer. */
  readonly eventLoops: readonly string[] | undefined;
  readonly postgres: Readonly<Record<Node, PostgresState>>;
  readonly watchdog: Readonly<Record<Node, WatchdogView | undefined>>;
  /** The backends as the leading pgpool sees them. */
  readonly backends: Readonly<Record<Node, Backend>> | undefined;
  readonly serials: Readonly<Record<'vip' | Node, Serials>>;
  /** The event loops that each cluster is connected to; undefined when it does not say. */
  readonly clusters: Readonly<Record<Cluster, readonly string[] | undefined>>;
};

/** Whether there is a lab at all, in whatever state. */
export const exists = (): boolean => existsSync(paths.root) && namespaces().length > 0;

/** Looks at every part of the lab, all at once; takes a few seconds at most, whatever is broken. */
export async function look(): Promise<Status> {
  const held = Promise.all(NODES.map(holdsVip));
  const [owners, dnsMaster, loops, postgres, watchdog, fromVip, slaves, seen, more] =
    await Promise.all([
      held.then((holds) => NODES.filter((_, index) => holds[index])),
      masterName(),
      eventLoops(),
      ofNodes(postgresState),
      ofNodes(watchdogView),
      serials(VIP, PORT.master),
      ofNodes((node) => serials(ADDRESS[node], PORT.slave)),
      ofNodes(backends),
      Promise.all(SERVICES.map(async (service) => service.look?.() ?? [])),
    ]);
  const [leads] = leadersOf(watchdog);
  const facts = {
    faults: [...injected().keys()],
    daemons: allDaemons().map((one) => ({ ...one, state: daemonState(one.host, one.name) })),
    vipOwners: owners,
    dnsMaster,
    eventLoops: loops,
    postgres,
    watchdog,
    backends: leads === undefined ? undefined : seen[leads],
    serials: { vip: fromVip, ...slaves },
    clusters: { cc1: connectedLoops('cc1'), cc2: connectedLoops('cc2') },
  };
  const missing = [
    ...facts.faults.map((name) => `the fault ${name} is injected`),
    ...facts.daemons
      .filter(isNotUp)
      .map(({ host, name, state }) => `${name} on ${host} is ${state}`),
    ...vipProblems(facts),
    ...watchdogProblems(facts),
    ...postgresProblems(facts),
    ...dnsProblems(facts),
    ...maasProblems(facts),
    ...more.flat(),
  ];
  return { ...facts, healthy: missing.length === 0, missing };
}

type Facts = Omit<Status, 'healthy' | 'missing'>;

const isNotUp = ({ state }: { state: DaemonState }) => state !== 'up';

async function ofNodes<T>(ask: (node: Node) => Promise<T>): Promise<Record<Node, T>> {
  const [rc1, rc2] = await Promise.all([ask('rc1'), ask('rc2')]);
  return { rc1, rc2 };
}

function vipProblems({ vipOwners }: Facts): string[] {
  if (vipOwners.length === 1) return [];
  return [vipOwners.length === 0 ? `nobody holds ${VIP}` : `both nodes hold ${VIP}`];
}

function watchdogProblems({ vipOwners, watchdog, backends: seen, postgres }: Facts): string[] {
  const leaders = leadersOf(watchdog);
  const [leads] = leaders;
  if (leads === undefined || leaders.length > 1) {
    return [leads === undefined ? 'no pgpool leads' : 'both pgpools lead'];
  }
  const wrongHolder = vipOwners.includes(leads) ? [] : [`${leads} leads without ${VIP}`];
  const partners = NODES.flatMap((node) => viewProblems(node, leads, watchdog[node]));
  const told =
    seen === undefined
      ? [`pgpool on ${leads} does not answer for its backends`]
      : NODES.flatMap((node) => backendProblems(node, seen[node], postgres[node]));
  return [...wrongHolder, ...partners, ...told];
}

/** A node must see itself and its peer in their places: one leader, one standby. */
function viewProblems(node: Node, leads: Node, view: WatchdogView | undefined): string[] {
  if (view === undefined) return [`pgpool on ${node} does not answer for its watchdog`];
  return NODES.flatMap((member) => {
    const wanted = member === leads ? 'LEADER' : 'STANDBY';
    const state = view.members[ADDRESS[member]] ?? 'unknown';
    return state === wanted ? [] : [`pgpool on ${node} has ${member} as ${state}, not ${wanted}`];
  });
}

const leadersOf = (watchdog: Facts['watchdog']) =>
  NODES.filter((node) => watchdog[node]?.state === 'LEADER');

function backendProblems(node: Node, backend: Backend, real: PostgresState): string[] {
  // "waiting" is healthy: nobody has come through this pgpool yet.
  if (!['up', 'waiting'].includes(backend.status)) {
    return [`pgpool has ${node}'s backend ${backend.status}`];
  }
  return backend.role === real.role
    ? []
    : [`pgpool takes ${node} for a ${backend.role}, and it is ${real.role}`];
}

function postgresProblems({ postgres }: Facts): string[] {
  const primary = NODES.filter((node) => postgres[node].role === 'primary');
  if (primary.length > 1) return ['both PostgreSQL servers are primaries'];
  const [first] = primary;
  if (first === undefined) return ['no PostgreSQL server is a primary'];
  const state = postgres[first];
  const standby = peer(first);
  const streams = state.role === 'primary' && state.streamsTo.includes(standby);
  const received = postgres[standby];
  if (received.role !== 'standby') return [`PostgreSQL on ${standby} is ${received.role}`];
  return streams && received.receiving ? [] : [`${standby} does not stream from ${first}`];
}

function dnsProblems({ serials: seen, dnsMaster, vipOwners }: Facts): string[] {
  const name =
    dnsMaster === vipOwners[0]
      ? []
      : [`${dnsMaster ?? 'nobody'} answers DNS at the virtual address`];
  // Presence alone proves nothing: a slave that no longer hears of changes answers perfectly well.
  const zones = ZONES.flatMap((zone) => {
    const master = seen.vip[zone];
    if (master === undefined) return [`zone ${zone} is not served at the virtual address`];
    return NODES.filter((node) => seen[node][zone] !== master).map(
      (node) => `zone ${zone} has serial ${seen[node][zone] ?? 'none'} on ${node}, not ${master}`,
    );
  });
  return [...name, ...zones];
}

function maasProblems({ eventLoops: loops, vipOwners, clusters }: Facts): string[] {
  const own = loops?.find((loop) => loop.startsWith(`${vipOwners[0]}:`));
  if (loops === undefined) return ['HTTP at the virtual address does not list event loops'];
  if (own === undefined) return ["the active node's event loop is not advertised"];
  return CLUSTERS.filter((cluster) => clusters[cluster]?.includes(own) !== true).map(
    (cluster) => `${cluster} is not connected to ${own}`,
  );
}
