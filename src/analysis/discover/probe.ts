import type { Given, Seen } from './found.ts';
import { toFailure, type CheckFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { WatchdogView, BackendView } from '../../core/ports/pcp.ts';
import { printable } from '../../core/printable.ts';
import type { Secret } from '../../core/secret.ts';
import { seconds } from '../../core/time.ts';
import { readMarker } from '../owner/marker.ts';
import { hostnameOf, readZone } from '../dns/zone.ts';

/* One exchange each: each question that discovery asks, and how its answer reads. */

const CONNECT = { timeout: seconds(2) };
const ASK = { timeout: seconds(3) };
const DNS = { timeout: seconds(3), tries: 2 };

const why = (failure: CheckFailure): string => printable(failure.message, 160);

/** The value, or in words why it could not be seen. */
export const seen = <Value>(asking: Promise<Value>): Promise<Seen<Value>> =>
  asking.then(
    (is) => ({ is }),
    (error: unknown) => ({ not: why(toFailure(error)) }),
  );

export const listens = ({ tcp }: Ports, host: string, port: number): Promise<Seen<true>> =>
  seen(tcp.connect({ host, port }, CONNECT).then((): true => true));

export interface PcpLook {
  readonly watchdog: WatchdogView;
  readonly backends: readonly BackendView[];
}

/** What a pgpool says; its list of databases can hang where a database does, and is left out then. */
export async function lookAtPcp(
  { pcp }: Ports,
  host: string,
  account: { readonly user: string; readonly password: Secret },
): Promise<PcpLook> {
  const session = await pcp.login({ host, port: 9898, ...account }, ASK);
  const watchdog = await session.watchdogInfo(ASK);
  const backends = await session.nodeInfo(ASK).catch(() => []);
  return { watchdog, backends };
}

/** By `hostname.bind`: a server that keeps its name to itself is there all the same. */
export async function masterName({ dns }: Ports, vip: string): Promise<string> {
  const reply = await dns.query(
    { host: vip, port: 5353 },
    { name: 'hostname.bind', type: 'TXT', class: 'CH' },
    DNS,
  );
  return hostnameOf(reply) ?? '';
}

/** Any answer proves a server. */
export const answersDns = ({ dns }: Ports, host: string): Promise<Seen<true>> =>
  seen(
    dns
      .query({ host, port: 53 }, { name: 'version.bind', type: 'TXT', class: 'CH' }, DNS)
      .then((): true => true),
  );

/** Those of the candidates that the master serves with authority. */
export async function servedZones(
  { dns }: Ports,
  vip: string,
  candidates: readonly string[],
): Promise<readonly string[]> {
  const answers = await Promise.all(
    candidates.map(async (zone) => {
      const reply = await dns.query({ host: vip, port: 5353 }, { name: zone, type: 'SOA' }, DNS);
      return 'soa' in readZone(zone, reply) ? [zone] : [];
    }),
  );
  return answers.flat();
}

/** The node that the marker page at the virtual address names, if each node serves its own name there. */
export async function readMarkers({ http }: Ports, { vip, nodes }: Given): Promise<string> {
  const page = async (address: string): Promise<string> => {
    const host = address.includes(':') ? `[${address}]` : address;
    const said = readMarker(
      await http.get(`http://${host}/node`, { ...ASK, maxBytes: 4096 }),
      nodes,
    );
    if (said instanceof Error) throw said;
    return said.node;
  };
  const [holder, ...own] = await Promise.all(
    [vip, ...nodes.map(({ address }) => address)].map(page),
  );
  if (holder !== undefined && own.every((name, index) => name === nodes[index]?.name))
    return holder;
  throw new Error('a node names another one');
}
