import { connect } from 'node:net';
import type { Endpoint } from '../../src/core/ports/network.ts';
import type { Pair } from '../support/postgres.ts';
import { SimDnsServer } from './dns-server.ts';
import { OUTSIDE } from './dns-slave.ts';
import { tcpServer, type Address, type Running } from './listener.ts';
import type { Open } from './outlets.ts';
import { pcpServer } from './pcp-server.ts';
import { pgpoolView } from './pgpool.ts';
import { NODES, PORT, SIDE, type Addresses, type Node } from './plan.ts';
import { eventLoopServer, rpcInfoServer, type SimRpcInfo } from './region-server.ts';
import { hasDatabase, type State } from './state.ts';

/** What the listeners answer from. */
export interface Answers {
  readonly state: State;
  readonly addresses: Addresses;
  readonly pair: Pair;
  readonly pcp: { readonly user: string; readonly password: string };
  readonly rpcSecret: string;
}

/** Everything that should listen at this moment, by a name that tells which node serves it. */
export function listeners(answers: Answers): ReadonlyMap<string, Open> {
  const { state, addresses } = answers;
  const { holder } = state;
  return new Map([
    ...NODES.flatMap((node) => nodeListeners(answers, node, addresses.node[node])),
    ...NODES.filter((node) => state.running[node].pgpool).map((node) => pcp(answers, node)),
    ...(holder === undefined ? [] : nodeListeners(answers, holder, addresses.vip)),
    ...(holder !== undefined && state.running[holder]['maas-dns'] ? [master(answers, holder)] : []),
  ]);
}

/** What listens on every address that a node has. */
function nodeListeners(answers: Answers, node: Node, host: string): readonly [string, Open][] {
  const { pgpool, region } = answers.state.running[node];
  const name = (what: string) => `${what} of ${node} at ${host}`;
  const at = (port: number): Address => ({ host, port });
  return [
    ...(pgpool ? [entry(name('pgpool'), () => forwarder(answers, at(PORT.pgpool)))] : []),
    ...(region
      ? [
          entry(name('http'), () => rpcInfoServer(rpcInfo(answers, node)).start(at(PORT.http))),
          entry(name('rpc'), () => eventLoop(answers.rpcSecret, at(PORT.rpc))),
        ]
      : []),
  ];
}

const entry = (name: string, open: Open): [string, Open] => [name, open];

const eventLoop = (secret: string, at: Address): Promise<Running> =>
  eventLoopServer({ generation: 1, secret, mode: 'well', heard: [] }).start(at);

/** Only the region that can reach its database says anything of use: the active one. */
const rpcInfo = ({ state, addresses }: Answers, node: Node): SimRpcInfo => ({
  clusters: addresses.clusters.map(({ name }) => name),
  get status() {
    return state.holder === node && hasDatabase(state) ? 200 : 500;
  },
  get eventloops(): Record<string, [string, number][]> {
    const hosts = [addresses.node[node], ...(state.holder === node ? [addresses.vip] : [])];
    return { [`${node}:pid=1042`]: hosts.map((host) => [host, PORT.rpc]) };
  },
});

/** pgpool's port: whoever connects speaks with the PostgreSQL that is the primary at that moment. */
const forwarder = ({ state, pair }: Answers, at: Address): Promise<Running> =>
  tcpServer(at, (client) => {
    const { primary } = state;
    if (primary === undefined || !state.backends[primary].attached) {
      client.destroy();
      return;
    }
    const server = connect(pair.place[SIDE[primary]]);
    server.on('error', () => client.destroy());
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    client.pipe(server).pipe(client);
  });

function pcp({ state, addresses, pcp: account }: Answers, node: Node): [string, Open] {
  const at = { host: addresses.node[node], port: PORT.pcp };
  return [`pcp of ${node}`, () => pcpServer(pgpoolView(state, node, addresses, account)).start(at)];
}

function master({ state, addresses }: Answers, node: Node): [string, Open] {
  const start = async (): Promise<SimDnsServer> => {
    const server = await dnsServer({ host: addresses.vip, port: PORT.master });
    server.hostname = node;
    server.outside.set(OUTSIDE.name, OUTSIDE.address);
    for (const [zone, file] of state.zones[node]) server.zones.set(zone, file);
    return server;
  };
  return [`maas-dns of ${node}`, start];
}

/** @throws Error with the address in it, which a datagram socket's own error lacks at times. */
export async function dnsServer(at: Endpoint): Promise<SimDnsServer> {
  try {
    return await SimDnsServer.start(at);
  } catch (error) {
    throw Object.assign(error as Error, { address: at.host, port: at.port });
  }
}
