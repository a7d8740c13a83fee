import { z } from 'zod';
import type { FoundCluster, Given, Seen } from './found.ts';
import { seen } from './probe.ts';
import { jsonOf, listNodegroups, STATUS } from '../clusters/nodegroups.ts';
import { maasZones } from '../dns/maas-zones.ts';
import { ask, type Reader } from '../maas/ask.ts';
import { looksLike, openMaas } from '../maas/database.ts';
import { foreignServers, rackConnections } from '../maas/questions.ts';
import { addressed, askRegion, type RpcInfo } from '../region/rpc-info.ts';
import { CheckFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';

/* What MAAS tells of itself: by HTTP to everybody, and in its database to who may read that. */

const ASK = { timeout: seconds(4) };

/** Where MAAS answers by default: behind Apache2 or nginx, over https, and regiond by itself (2.0 and later). */
const placesAt = (vip: string): readonly string[] => {
  const host = vip.includes(':') ? `[${vip}]` : vip;
  return [`http://${host}/MAAS`, `http://${host}:5240/MAAS`, `https://${host}/MAAS`];
};

export interface Application {
  readonly url: string;
  readonly info: RpcInfo;
}

/** The best of the places: one that answers from its database, else one where a region is. */
export async function findApplication(
  io: Ports,
  region: Region,
  given: Given,
): Promise<Application> {
  const urls = given.maasUrl === undefined ? placesAt(given.vip) : [given.maasUrl];
  const answers = await Promise.all(
    urls.map(async (url) => ({ url, ...(await askRegion(io, { ...region, maasUrl: url }, ASK)) })),
  );
  const told = answers.flatMap(({ url, info }) => (info instanceof Error ? [] : [{ url, info }]));
  const best =
    told.find(({ info }) => info.state === 'active') ??
    told.find(({ info }) => info.state === 'no_database' || info.state === 'starting');
  if (best !== undefined) return best;
  const says = answers.map(
    ({ url, info }) => `${url}: ${info instanceof Error ? info.message : info.says}`,
  );
  throw new CheckFailure('unreachable', says.join('; '));
}

const VERSION = z.object({ version: z.string().max(60) });

/** MAAS 1.x serves its API as 1.0, later ones as 2.0; both tell their version to everybody. */
export async function generationByApi(io: Ports, region: Region): Promise<1 | 2> {
  const serves = async (api: string): Promise<boolean> => {
    const { url, tls } = addressed(region, `api/${api}/version/`);
    return VERSION.safeParse(jsonOf(await io.http.get(url, { ...ASK, maxBytes: 65_536, tls })))
      .success;
  };
  const [second, first] = await Promise.all([serves('2.0'), serves('1.0')]);
  if (second) return 2;
  if (first) return 1;
  throw new CheckFailure(
    'version',
    'neither api/1.0/version/ nor api/2.0/version/ tells a version',
  );
}

/** The clusters that MAAS 1.x has accepted, with their zones. */
export async function openList(io: Ports, region: Region) {
  const all = await listNodegroups(io, region, ASK);
  const accepted = all.filter(({ status }) => status === STATUS.accepted);
  return {
    clusters: accepted.map(({ cluster_name: name, uuid }): FoundCluster => ({ name, uuid })),
    zones: accepted.map(({ name }) => name),
  };
}

export interface InDatabase {
  readonly primary?: string;
  readonly generation?: 1 | 2;
  readonly zones: readonly string[];
  readonly clusters: Seen<readonly FoundCluster[]>;
}

/** @throws CheckFailure when no database could be asked. */
export async function readDatabase(io: Ports, region: Region): Promise<InDatabase> {
  const server = region.postgres;
  if (server === undefined) throw new CheckFailure('config', 'no account was given');
  const { desk, notes } = await openMaas(region, server, io);
  const [blind] = notes.filter((note) => note.kind === 'gap');
  if (desk === undefined) throw blind?.failure ?? new CheckFailure('dependency', 'nobody answered');
  const generation = looksLike(desk);
  const primary = desk.recovering ? {} : { primary: desk.node.name };
  if (generation === undefined)
    return { ...primary, zones: [], clusters: { not: 'the database holds no tables of MAAS' } };
  const of = { ...region, generation };
  const reader = { region: of, desk, role: server.user, check: 'dns-zones' };
  const { zones } = await maasZones(reader);
  const clusters = await seen(generation === 1 ? firstClusters(reader) : racks(reader));
  return { ...primary, generation, zones: zones?.names ?? [], clusters };
}

async function firstClusters(reader: Reader): Promise<readonly FoundCluster[]> {
  const { rows, notes } = await ask({ ...reader, check: 'maas-database' }, INTERFACES);
  if (rows === undefined) throw unread(notes);
  return rows.map(({ uuid, cluster_name: name, ip: address }) => ({ name, uuid, address }));
}

/** As the question about foreign DHCP servers, whose columns are granted, without asking for one. */
const INTERFACES = {
  ...foreignServers,
  subject: 'clusters',
  sql: `
SELECT g.uuid, g.cluster_name, g.name AS zone, min(i.interface) AS interface, min(host(i.ip)) AS ip, '' AS foreign_ip
  FROM maasserver_nodegroup g JOIN maasserver_nodegroupinterface i ON i.nodegroup_id = g.id
 WHERE g.status = 1 AND i.management <> 0 GROUP BY 1, 2, 3 ORDER BY 2 LIMIT 200`,
};

async function racks(reader: Reader): Promise<readonly FoundCluster[]> {
  const { rows, notes } = await ask({ ...reader, check: 'rack-connections' }, rackConnections);
  if (rows === undefined) throw unread(notes);
  return [...new Set(rows.map(({ hostname }) => hostname))].map((name) => ({ name }));
}

const unread = (notes: readonly { readonly kind: string }[]): CheckFailure =>
  new CheckFailure(
    'no_privilege',
    `MAAS's tables may not be read (${notes[0]?.kind ?? 'no answer'})`,
  );
