import type { Node, Region, Tls } from '../core/region.ts';
import type { Secret } from '../core/secret.ts';
import { seconds } from '../core/time.ts';
import type { RawRegion } from './schema.ts';
import { toCluster } from './sections/cluster.ts';
import { toServices } from './sections/services.ts';

type ReadSecret = (path: readonly PropertyKey[], file: string) => Secret;

/** A region as the file words it, as the checks see it; `secret` reads the file that stands at a path. */
export function toRegion(raw: RawRegion, secret: ReadSecret): Region {
  const { postgres, pgpool, dns, rpc } = raw;
  return {
    name: raw.name,
    vip: raw.vip,
    generation: raw.generation,
    maasUrl: raw.maas_url.replace(/\/+$/, ''),
    nodes: raw.nodes.map(toNode),
    trustedServers: raw.trusted_servers,
    clusters: raw.clusters.map(toCluster),
    rpc: {
      interval: seconds(rpc.every),
      ...(rpc.secret_file !== undefined && {
        secret: secret(['rpc', 'secret_file'], rpc.secret_file),
      }),
    },
    ...toWitnesses(raw),
    ...(raw.maas_tls !== undefined && { maasTls: toTls(raw.maas_tls, ['maas_tls'], secret) }),
    ...(raw.declared_primary !== undefined && { declaredPrimary: raw.declared_primary }),
    ...(postgres !== undefined && { postgres: toPostgres(postgres, secret) }),
    ...(pgpool !== undefined && { pgpool: toPgpool(pgpool, secret) }),
    ...(dns !== undefined && { dns: toDns(dns) }),
    ...toServices(raw),
  };
}

const toNode = ({ name, address, postgres_port, mac }: RawRegion['nodes'][number]): Node => ({
  name,
  address,
  ...(postgres_port !== undefined && { postgresPort: postgres_port }),
  ...(mac !== undefined && { mac }),
});

/** What belongs to the virtual address, and by what its holder is known. */
const toWitnesses = (raw: RawRegion): Pick<Region, 'alsoVips' | 'marker' | 'interface'> => ({
  ...(raw.also_vips.length > 0 && { alsoVips: raw.also_vips }),
  ...(raw.marker !== undefined && { marker: raw.marker }),
  ...(raw.interface !== undefined && { interface: raw.interface }),
});

const toTls = (
  { ca_file, server_name }: NonNullable<RawRegion['maas_tls']>,
  at: readonly PropertyKey[],
  secret: ReadSecret,
): Tls => ({
  ...(ca_file !== undefined && { ca: secret([...at, 'ca_file'], ca_file) }),
  ...(server_name !== undefined && { serverName: server_name }),
});

const toDns = (dns: NonNullable<RawRegion['dns']>): NonNullable<Region['dns']> => ({
  masterPort: dns.master_port,
  slavePort: dns.slave_port,
  zones: dns.zones,
  ...(dns.slaves !== undefined && { slaves: dns.slaves }),
  ...(dns.outside_name !== undefined && { outsideName: dns.outside_name }),
  ...(dns.inside_name !== undefined && { insideName: dns.inside_name }),
  ...(dns.transfer && { transfer: true }),
});

const toPostgres = (
  { port, user, database, password_file, tls, canary }: NonNullable<RawRegion['postgres']>,
  secret: ReadSecret,
): NonNullable<Region['postgres']> => ({
  port,
  user,
  database,
  ...(password_file !== undefined && {
    password: secret(['postgres', 'password_file'], password_file),
  }),
  ...(tls !== undefined && { tls: toTls(tls, ['postgres', 'tls'], secret) }),
  ...(canary !== undefined && { canary }),
});

const toPgpool = (
  { port, pcp_port, pcp_user, pcp_password_file }: NonNullable<RawRegion['pgpool']>,
  secret: ReadSecret,
): NonNullable<Region['pgpool']> => ({
  port,
  ...(pcp_user !== undefined &&
    pcp_password_file !== undefined && {
      pcp: {
        port: pcp_port,
        user: pcp_user,
        password: secret(['pgpool', 'pcp_password_file'], pcp_password_file),
      },
    }),
});
