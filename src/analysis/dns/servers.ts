import { CheckFailure, isSilence, toFailure } from '../../core/failure.ts';
import type { DnsReply, Question } from '../../core/ports/dns.ts';
import type { Endpoint, Limit } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { readZone, type Served, type ZoneAnswer } from './zone.ts';

/** What a server says of a zone; a failure is no answer. */
export type Said = ZoneAnswer | CheckFailure;

/** A server and what it said of every zone that it was asked for. */
export interface Server {
  /** As in the configuration; the master is called `vip`. */
  readonly name: string;
  readonly said: ReadonlyMap<string, Said>;
  /** Of its answers, in seconds; undefined where there is none. */
  readonly slowest: number | undefined;
}

/** What the metrics and the runbooks call the master. */
export const MASTER = 'vip';

/** Where the master and the slaves of a region answer. */
export interface Place extends Endpoint {
  readonly name: string;
}

export const masterOf = ({ vip }: Region, { masterPort }: NonNullable<Region['dns']>): Place => ({
  name: MASTER,
  host: vip,
  port: masterPort,
});

export const slavePlaces = (region: Region): readonly Place[] =>
  slavesOf(region).map(({ name, address }) => ({
    name,
    host: address,
    port: region.dns?.slavePort ?? 53,
  }));

const LIMIT = { timeout: seconds(2), tries: 3 };

/** One question, to which a failure is an answer too. */
export const query = (
  { dns }: Ports,
  { host, port }: Endpoint,
  question: Question,
  options: Partial<Limit> & { readonly tries?: number; readonly transport?: 'udp' | 'tcp' } = {},
): Promise<DnsReply | CheckFailure> =>
  dns.query({ host, port }, question, { ...LIMIT, ...options }).catch(toFailure);

/** Asks one server for the SOA of every zone, and with `expire` how long its copies live. */
export async function ask(
  io: Ports,
  at: Place,
  zones: readonly string[],
  { expire = false } = {},
): Promise<Server> {
  const took: number[] = [];
  const said = await Promise.all(
    zones.map(async (zone): Promise<[string, Said]> => {
      const reply = await query(io, at, { name: zone, type: 'SOA', ...(expire && { expire }) });
      if (reply instanceof CheckFailure) return [zone, reply];
      took.push(reply.took);
      return [zone, readZone(zone, reply)];
    }),
  );
  return {
    name: at.name,
    said: new Map(said),
    slowest: took.length === 0 ? undefined : Math.max(...took),
  };
}

/** The zone as this server has it, where it does. */
export function servedBy({ said }: Server, zone: string): Served | undefined {
  const answer = said.get(zone);
  return answer !== undefined && 'soa' in answer ? answer : undefined;
}

/** True where the server says that it is no server of the zone. */
export function isGone({ said }: Server, zone: string): boolean {
  const answer = said.get(zone);
  return answer !== undefined && 'gone' in answer && answer.gone;
}

/** Whether a server answers anything: false where all is silence, undefined where the reason lies with us. */
export function isAlive({ said }: Server): boolean | undefined {
  const all = [...said.values()];
  if (all.some((each) => !(each instanceof CheckFailure))) return true;
  return all.every((each) => each instanceof CheckFailure && isSilence(each)) ? false : undefined;
}
