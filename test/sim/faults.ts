import type { Pair } from '../support/postgres.ts';
import type { SimSlave } from './dns-slave.ts';
import { attach, detach } from './pgpool.ts';
import { NODES, peer, SIDE, type Node } from './plan.ts';
import type { Done, State } from './state.ts';

/** What a fault may lay hands on. */
export interface Breakable {
  readonly state: State;
  readonly pair: Pair;
  readonly slaves: Readonly<Record<Node, SimSlave>>;
  /** Epoch seconds. */
  readonly now: () => number;
  /** Waits until the region has come to something by itself. @throws Error that names it when it does not. */
  readonly comes: (what: string, look: () => boolean) => Promise<void>;
}

export interface SimFault {
  /** One sentence: what breaks. */
  readonly about: string;
  /** What the monitor shows meanwhile. */
  readonly shows: string;
  inject(region: Breakable): Promise<Done>;
  /** The operator's steps back; the caller waits for health. */
  heal(region: Breakable, done: Done): Promise<void>;
}

/** By name; the same names as in the lab of real components, where that has them. */
export const FAULTS: Readonly<Record<string, SimFault>> = {
  'pg-primary-crash': {
    about: "The primary's PostgreSQL dies at once (SIGKILL); pgpool promotes the standby.",
    shows: 'NoPrimary until the standby is promoted; PostgresDown, BackendDetached, not redundant.',
    inject: async ({ state, pair }) => {
      const host = primaryNode(state);
      await pair.crash(SIDE[host]);
      state.postgres[host] = 'dead';
      return { host, did: `killed PostgreSQL on ${host}, the primary` };
    },
    heal: takeBack,
  },
  'pg-primary-freeze': {
    about: "The primary's PostgreSQL accepts connections and never answers (SIGSTOP).",
    shows: 'PgpoolBackendHangs until pgpool gives it up; then as with pg-primary-crash.',
    inject: async ({ state, pair }) => {
      const host = primaryNode(state);
      pair.freeze(SIDE[host]);
      state.postgres[host] = 'frozen';
      return { host, did: `stopped every process of PostgreSQL on ${host}, the primary` };
    },
    // Not thawed: pgpool has promoted the other one, and a thawed primary would be a second.
    heal: takeBack,
  },
  'backend-detached': {
    about: 'Somebody has detached the standby from pgpool (pcp_detach_node); it streams on.',
    shows: 'PgpoolBackendDetached, not redundant; replication stays ok.',
    inject: async ({ state, now }) => {
      const host = peer(primaryNode(state));
      if (!state.backends[host].attached) throw new Error(`${host} is detached already`);
      detach(state, host, now());
      return { host, did: `detached ${host}, the standby, from pgpool` };
    },
    heal: async ({ state, now }, { host }) => {
      attach(state, host, now());
    },
  },
  'pgpool-leader-crash': {
    about: "The leader's pgpool dies at once; the other one takes the virtual address over.",
    shows: 'PgpoolDown, WatchdogPeerLost; the VIP moves. (Real nodes then both hold it; not here.)',
    inject: async ({ state }) => {
      const host = state.leader;
      if (host === undefined) throw new Error('no pgpool leads');
      state.running[host].pgpool = false;
      return { host, did: `killed pgpool on ${host}, the leader` };
    },
    heal: async ({ state, comes }, { host }) => {
      const other = peer(host);
      if (state.running[other].pgpool) await comes(`${other} leads`, () => state.leader === other);
      state.running[host].pgpool = true;
    },
  },
  'vip-nowhere': {
    about: 'The virtual address is on no node, and pgpool cannot bring it up again.',
    shows: 'VipServiceDown for all, DnsMasterDown. (It still answers ping: loopback always does.)',
    inject: async ({ state }) => {
      const host = activeNode(state);
      state.holder = undefined;
      state.vipRefused = true;
      return { host, did: `took the virtual address from ${host}` };
    },
    heal: async ({ state }, { host }) => {
      state.vipRefused = false;
      state.holder = state.leader ?? host;
    },
  },
  'dns-slave-stale': {
    about: "The passive node's slave cannot reach maas-dns and keeps serving an old serial.",
    shows: 'DnsZoneBehind for that slave, in all zones.',
    inject: async ({ state, slaves }) => {
      const active = activeNode(state);
      const host = peer(active);
      slaves[host].cut = true;
      for (const zone of state.zones[active].values()) zone.serial += 100;
      await slaves[active].refresh();
      return { host, did: `cut ${host} off from maas-dns and raised the serials by 100` };
    },
    heal: async ({ state, slaves }, { host }) => {
      slaves[host].cut = false;
      await slaves[host].refresh();
      evenZones(state);
    },
  },
  'dns-master-dead': {
    about: 'maas-dns on the active node is dead; the slaves go on until their copies expire.',
    shows: 'DnsMasterDown, VipServiceDown for dns.',
    inject: async ({ state }) => {
      const host = activeNode(state);
      state.running[host]['maas-dns'] = false;
      return { host, did: `killed maas-dns on ${host}, the active node` };
    },
    heal: async ({ state }, { host }) => {
      state.running[host]['maas-dns'] = true;
    },
  },
  'region-rpc-dead': {
    about: "The active node's region is dead: no HTTP, no /MAAS/rpc/, nothing on its RPC port.",
    shows: 'VipServiceDown for http, RegionRpcDown.',
    inject: async ({ state }) => {
      const host = activeNode(state);
      state.running[host].region = false;
      return { host, did: `killed the region on ${host}, the active node` };
    },
    heal: async ({ state }, { host }) => {
      state.running[host].region = true;
    },
  },
};

/** Makes a failed primary the standby of the one that was promoted instead, and attaches it. */
async function takeBack(region: Breakable, { host }: Done): Promise<void> {
  const { state, pair } = region;
  await region.comes(`pgpool gives ${host} up`, () => !state.backends[host].attached);
  if (state.postgres[peer(host)] === 'primary') {
    await pair.rebuild(SIDE[host]);
    state.postgres[host] = 'standby';
  } else {
    // Nobody was promoted: it holds the newest data, and is still the primary.
    if (state.postgres[host] === 'frozen') pair.thaw(SIDE[host]);
    else await pair.start(SIDE[host]);
    state.postgres[host] = 'primary';
    state.primary = host;
  }
  attach(state, host, region.now());
}

/** Copies the newest zones to both nodes, as a regeneration from the one database would. */
function evenZones(state: State): void {
  for (const zone of state.zones.rc1.keys()) {
    const files = NODES.flatMap((node) => state.zones[node].get(zone) ?? []);
    const newest = Math.max(...files.map(({ serial }) => serial));
    for (const file of files) file.serial = newest;
  }
}

function activeNode({ holder }: State): Node {
  if (holder === undefined) throw new Error('no node holds the virtual address');
  return holder;
}

function primaryNode({ postgres }: State): Node {
  const [node, second] = NODES.filter((one) => postgres[one] === 'primary');
  if (node === undefined || second !== undefined) throw new Error('no node is the one primary');
  return node;
}
