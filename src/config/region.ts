import type { Region } from '../core/region.ts';
import type { Secret } from '../core/secret.ts';
import { seconds } from '../core/time.ts';
import type { RawRegion } from './schema.ts';

type ReadSecret = (path: readonly PropertyKey[], file: string) => Secret;

/** A region as the file words it, as the checks see it; `secret` reads the file that stands at a path. */
export function toRegion(raw: RawRegion, secret: ReadSecret): Region {
  const { postgres, pgpool, dns, rpc } = raw;
  return {
    name: raw.name,
    vip: raw.vip,
    generation: raw.generation,
    maasUrl: raw.maas_url.replace(/\/+$/, ''),
    nodes: raw.nodes.map(({ name, address, postgres_port }) => ({
      name,
      address,
      ...(postgres_port !== undefined && { postgresPort: postgres_port }),
    })),
    trustedServers: raw.trusted_servers,
    clusters: raw.clusters.map(({ name, address, uuid, services }) => ({
      name,
      address,
      services,
      ...(uuid !== undefined && { uuid }),
    })),
    rpc: {
      interval: seconds(rpc.every),
      ...(rpc.secret_file !== undefined && {
        secret: secret(['rpc', 'secret_file'], rpc.secret_file),
      }),
    },
    ...(raw.interface !== undefined && { interface: raw.interface }),
    ...(raw.declared_primary !== undefined && { declaredPrimary: raw.declared_primary }),
    ...(postgres !== undefined && { postgres: toPostgres(postgres, secret) }),
    ...(pgpool !== undefined && { pgpool: toPgpool(pgpool, secret) }),
    ...(dns !== undefined && {
      dns: { masterPort: dns.master_port, slavePort: dns.slave_port, zones: dns.zones },
    }),
    ...(raw.proxy !== undefined && { proxy: raw.proxy }),
  };
}

const toPostgres = (
  { port, user, database, password_file }: NonNullable<RawRegion['postgres']>,
  secret: ReadSecret,
): NonNullable<Region['postgres']> => ({
  port,
  user,
  database,
  ...(password_file !== undefined && {
    password: secret(['postgres', 'password_file'], password_file),
  }),
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
