import { connect } from 'node:net';
import type { Endpoint } from '../../src/core/ports/network.ts';
import type { Pair } from '../support/postgres.ts';
import { simBackend, type SimBackend, type SimPgpool, type SimWatchdog } from './pcp-server.ts';
import { NODES, peer, PORT, SIDE, type Addresses, type Node } from './plan.ts';
import { isLost, type Backend, type State } from './state.ts';

/*
 * A small pgpool: it looks at its databases, detaches one that is gone, and promotes the standby of a
 * primary that is. As the real one, it never attaches anything by itself.
 */

/** Looks in a row after which a database is given up. */
const PATIENCE = 3;
/** Milliseconds. */
const LOOK_LIMIT = 1_500;

/** The eight bytes with which a client asks for encryption; whatever lives answers with one. */
const SSL_REQUEST = Buffer.of(0, 0, 0, 8, 4, 210, 22, 47);

/** Whether a PostgreSQL answers; a frozen one accepts and stays silent. */
export const lookAt = (place: Endpoint): Promise<Backend['seen']> =>
  new Promise((resolve) => {
    const socket = connect(place);
    const end = (seen: Backend['seen']) => () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    const timer = setTimeout(end('silent'), LOOK_LIMIT);
    socket.on('connect', () => socket.write(SSL_REQUEST));
    socket.on('data', end('up'));
    socket.on('error', end('closed'));
    socket.on('end', end('closed'));
  });

/** One turn of the leader's health check, with a failover where it comes to that. */
export async function healthTurn(state: State, pair: Pair, now: () => number): Promise<void> {
  const { leader } = state;
  if (leader === undefined || !state.running[leader].pgpool) return;
  await Promise.all(
    NODES.map(async (node) => {
      const backend = state.backends[node];
      backend.seen = await lookAt(pair.place[SIDE[node]]);
      backend.misses = backend.seen === 'up' ? 0 : backend.misses + 1;
    }),
  );
  for (const node of NODES) {
    const backend = state.backends[node];
    if (!backend.attached || backend.misses < PATIENCE) continue;
    if (state.primary === node) await failOver(state, pair, peer(node));
    // Last, so that a database that is detached is one about which all has been decided.
    detach(state, node, now());
  }
}

async function failOver(state: State, pair: Pair, to: Node): Promise<void> {
  state.primary = undefined;
  if (!state.backends[to].attached || state.backends[to].seen !== 'up') return;
  await pair.promote(SIDE[to]);
  state.postgres[to] = 'primary';
  state.primary = to;
}

/** What `pcp_detach_node` does. */
export function detach(state: State, node: Node, now: number): void {
  Object.assign(state.backends[node], { attached: false, changed: now });
}

/** What `pcp_attach_node` does. */
export function attach(state: State, node: Node, now: number): void {
  Object.assign(state.backends[node], { attached: true, seen: 'up', misses: 0, changed: now });
}

/** The pgpool of one node as its PCP port shows it: always what the state says at that moment. */
export const pgpoolView = (
  state: State,
  node: Node,
  addresses: Addresses,
  account: Pick<SimPgpool, 'user' | 'password'>,
): SimPgpool => ({
  ...account,
  version: '4.3',
  // pcp_node_info asks the databases, and waits for one that hangs.
  get mode() {
    const hangs = NODES.some((one) => isAttached(state, one) && state.postgres[one] === 'frozen');
    return hangs ? 'hangs' : 'well';
  },
  get watchdog() {
    return watchdogView(state, node, addresses);
  },
  get backends() {
    return NODES.map((one) => backendView(state, one, addresses));
  },
});

const isAttached = (state: State, node: Node): boolean => state.backends[node].attached;

function watchdogView(state: State, node: Node, { vip, node: address }: Addresses): SimWatchdog {
  const alive = !isLost(state, peer(node));
  return {
    ...(state.leader === undefined ? {} : { leader: address[state.leader] }),
    // With half the votes being enough, one of two is on the edge.
    quorum: Number(alive),
    escalated: state.leader === node,
    aliveRemotes: Number(alive),
    members: [node, peer(node)].map((one) => ({
      id: NODES.indexOf(one),
      host: address[one],
      state: memberState(state, one),
      delegateIp: vip,
    })),
  };
}

/** 4 leader, 7 standby, 8 lost. */
function memberState(state: State, node: Node): number {
  if (isLost(state, node)) return 8;
  return state.leader === node ? 4 : 7;
}

function backendView(state: State, node: Node, { node: address }: Addresses): SimBackend {
  const { attached, seen, changed } = state.backends[node];
  const role = state.postgres[node];
  return simBackend(address[node], {
    port: PORT.postgres,
    status: attached ? 2 : 3,
    role: state.primary === node ? 2 : 3,
    pgStatus: seen === 'up' ? 'up' : 'down',
    pgRole: role === 'primary' || role === 'standby' ? role : 'unknown',
    changed,
  });
}
