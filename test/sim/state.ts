import { NODES, peer, ZONES, type Node } from './plan.ts';
import type { SimZone } from './dns-server.ts';

/** What runs on a node, PostgreSQL and the slave DNS apart. */
export type Program = 'pgpool' | 'region' | 'maas-dns';

/** A database server as pgpool keeps it. */
export interface Backend {
  attached: boolean;
  /** What the newest look saw there; `silent` = it accepts and says nothing. */
  seen: 'up' | 'closed' | 'silent';
  /** Looks in a row that found it closed or silent. */
  misses: number;
  /** Epoch seconds of the last attaching or detaching. */
  changed: number;
}

/** What a fault did, and where: enough to heal it. */
export interface Done {
  readonly host: Node;
  readonly did: string;
}

/** The whole simulated region at one moment. Everything that answers reads it; faults change it. */
export interface State {
  /** Whose network holds the virtual address; undefined = nobody's. */
  holder: Node | undefined;
  /** The watchdog's leader. */
  leader: Node | undefined;
  /** The leader's pgpool cannot bring the virtual address up. */
  vipRefused: boolean;
  readonly running: Readonly<Record<Node, Record<Program, boolean>>>;
  /** Turns in a row in which the watchdog did not hear of this node's pgpool. */
  readonly unheard: Record<Node, number>;
  /** The server that pgpool takes for the primary. */
  primary: Node | undefined;
  readonly backends: Readonly<Record<Node, Backend>>;
  /** What PostgreSQL on a node really is. */
  readonly postgres: Record<Node, 'primary' | 'standby' | 'dead' | 'frozen'>;
  /** The zone files of the DNS master on each node. */
  readonly zones: Readonly<Record<Node, ReadonlyMap<string, SimZone>>>;
  readonly faults: Map<string, Done>;
}

const FIRST_SERIAL = 100;

/** Turns of silence after which the watchdog counts a pgpool out. */
const LOST_AFTER = 4;

const each = <T>(make: () => T): Record<Node, T> => ({ rc1: make(), rc2: make() });

/** rc1 leads, holds the address and is primary; nothing is broken. */
export const healthyState = (now: number): State => ({
  holder: 'rc1',
  leader: 'rc1',
  vipRefused: false,
  running: each(() => ({ pgpool: true, region: true, 'maas-dns': true })),
  unheard: each(() => 0),
  primary: 'rc1',
  backends: each(() => ({ attached: true, seen: 'up', misses: 0, changed: now })),
  postgres: { rc1: 'primary', rc2: 'standby' },
  zones: each(() => new Map(ZONES.map((zone) => [zone, { serial: FIRST_SERIAL }]))),
  faults: new Map(),
});

/** Whether the watchdog has counted a node's pgpool out. */
export const isLost = (state: State, node: Node): boolean => state.unheard[node] >= LOST_AFTER;

/** One turn of both watchdogs: who was heard of, and who leads now and so brings the address up. */
export function watchdogTurn(state: State): void {
  for (const node of NODES)
    state.unheard[node] = state.running[node].pgpool ? 0 : state.unheard[node] + 1;
  if (state.leader !== undefined && !isLost(state, state.leader)) return;
  state.leader = NODES.find((node) => state.running[node].pgpool);
  if (state.leader !== undefined) state.holder = state.vipRefused ? undefined : state.leader;
}

/** Whether the region can use its database through the virtual address. */
export function hasDatabase({ primary, backends, postgres }: State): boolean {
  if (primary === undefined) return false;
  return backends[primary].attached && postgres[primary] === 'primary';
}

/** What keeps the region from redundant health, a sentence each; `served` = serials at the slaves. */
export function missing(state: State, served: Record<Node, readonly number[]>): readonly string[] {
  const { holder, leader, running, backends, postgres } = state;
  return [
    ...(holder === undefined ? ['nobody holds the virtual address'] : []),
    ...(leader === undefined ? ['no pgpool leads'] : []),
    ...(holder !== undefined && holder !== leader
      ? [`${holder} holds the address, not the leader`]
      : []),
    ...NODES.flatMap((node) => [
      ...Object.entries(running[node]).flatMap(([name, up]) =>
        up ? [] : [`${name} on ${node} is dead`],
      ),
      ...(backends[node].attached ? [] : [`pgpool has detached ${node}`]),
      ...(['dead', 'frozen'].includes(postgres[node])
        ? [`PostgreSQL on ${node} is ${postgres[node]}`]
        : []),
      ...(isStale(state, served[node]) ? [`the slave DNS on ${node} is behind`] : []),
    ]),
    ...(NODES.some((node) => postgres[node] === 'primary' && postgres[peer(node)] === 'standby')
      ? []
      : ['there is no primary with a standby']),
  ];
}

const isStale = ({ holder, zones }: State, served: readonly number[]): boolean =>
  holder !== undefined &&
  [...zones[holder].values()].some(({ serial }, index) => serial !== served[index]);
