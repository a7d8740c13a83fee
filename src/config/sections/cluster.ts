import { z } from 'zod';
import type { Cluster, ClusterProbes } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { address, duration, httpUrl, name, port, text, uuid } from '../fields.ts';
import { sourceWith, toSource } from './source.ts';

/* One cluster or rack controller: what it serves, how that is asked, and where its backup lies. */

const SERVICES = ['tftp', 'http', 'iscsi', 'dhcp', 'omapi', 'ntp', 'syslog'] as const;

const server = z.strictObject({ name, address }, 'a server: { name: bmc1, address: 172.31.16.90 }');

const probes = z.strictObject(
  {
    tftp_file: text('the name of a file that TFTP serves').optional(),
    boot_url: httpUrl.optional(),
    iscsi_target: text('the name of an iSCSI target').optional(),
    iscsi_port: port.optional(),
    omapi_port: port.optional(),
    syslog_tcp_port: port.optional(),
  },
  'a section: { tftp_file: pxelinux.0, boot_url: http://…, iscsi_target: iqn.… }',
);

const segment = z.strictObject(
  {
    interface: text('the monitor’s own network interface on that segment'),
    servers: z.array(address, 'a list of addresses').default([]),
    dns: z.array(address, 'a list of addresses').optional(),
  },
  'a section: { interface: eth1, servers: [172.31.17.34] }',
);

const BACKUP =
  'a section: { file: /path, max_age: 26h }, or with `url` or `pushed` instead of `file`';

export const cluster = z.strictObject(
  {
    name,
    address,
    uuid: uuid.optional(),
    services: z
      .array(z.enum(SERVICES, `one of ${SERVICES.join(', ')}`), 'a list of services')
      .default([]),
    probes: probes.optional(),
    segment: segment.optional(),
    backup: sourceWith({ max_age: duration.default(seconds(26 * 3600)) }, BACKUP).optional(),
    bmcs: z.array(server, 'a list of power controllers').default([]),
  },
  'a cluster: { name: maas4, address: 172.31.16.34 }',
);

type RawCluster = z.infer<typeof cluster>;

export const toCluster = (raw: RawCluster): Cluster => ({
  name: raw.name,
  address: raw.address,
  services: raw.services,
  ...(raw.uuid !== undefined && { uuid: raw.uuid }),
  ...(raw.probes !== undefined && { probes: toProbes(raw.probes) }),
  ...(raw.segment !== undefined && { segment: toSegment(raw.segment, raw.address) }),
  ...(raw.backup !== undefined && {
    backup: { source: toSource(raw.backup), maxAge: seconds(raw.backup.max_age) },
  }),
  ...(raw.bmcs.length > 0 && { bmcs: raw.bmcs }),
});

const toProbes = (raw: NonNullable<RawCluster['probes']>): ClusterProbes => ({
  ...(raw.tftp_file !== undefined && { tftpFile: raw.tftp_file }),
  ...(raw.boot_url !== undefined && { bootUrl: raw.boot_url }),
  ...(raw.iscsi_target !== undefined && { iscsiTarget: raw.iscsi_target }),
  ...(raw.iscsi_port !== undefined && { iscsiPort: raw.iscsi_port }),
  ...(raw.omapi_port !== undefined && { omapiPort: raw.omapi_port }),
  ...(raw.syslog_tcp_port !== undefined && { syslogTcpPort: raw.syslog_tcp_port }),
});

/** Where no server is named, the cluster itself is the only one that may answer. */
const toSegment = (
  { interface: leg, servers, dns }: NonNullable<RawCluster['segment']>,
  own: string,
): NonNullable<Cluster['segment']> => ({
  interface: leg,
  servers: servers.length === 0 ? [own] : servers,
  ...(dns !== undefined && { dns }),
});
