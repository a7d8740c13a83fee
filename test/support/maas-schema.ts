import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grantStatement, maasGrants } from '../../src/analysis/maas/grants.ts';

/*
 * MAAS's own tables in a real PostgreSQL: made as MAAS makes them, filled as a healthy region fills them, and
 * readable for the monitor only where the grants say so. Everything is SQL text, for whoever runs it.
 */

const golden = join(import.meta.dirname, '..', 'golden', 'maas');

/** Makes the tables of one generation; to be run as the role that is to own them. */
export const maasTables = (generation: 1 | 2): string =>
  readFileSync(join(golden, `generation-${generation}.sql`), 'utf8');

/** Gives the monitor's role what the checks need, and no more. */
export const maasGrantsFor = (generation: 1 | 2, role = 'maasha'): string =>
  maasGrants(generation)
    .map((grant) => grantStatement(grant, role))
    .join('\n');

/** Zone, cluster and address of each cluster controller of the seed's kind. */
export interface ClusterRow {
  readonly uuid: string;
  readonly name: string;
  readonly zone: string;
  readonly address: string;
}

/** The rows of MAAS 1.x in health, without event loops: those are a living region's. */
export const firstGenerationRows = (clusters: readonly ClusterRow[], serial = 100_000): string => `
${clusters
  .map(
    ({ uuid, name, zone, address }) => `
WITH added AS (
  INSERT INTO maasserver_nodegroup (created, updated, name, api_token_id, api_key, dhcp_key, uuid, status,
                                    cluster_name, maas_url, default_disable_ipv4)
  VALUES (now(), now(), '${zone}', 1, 'a-secret', 'a-secret', '${uuid}', 1, '${name}', '', false) RETURNING id)
INSERT INTO maasserver_nodegroupinterface (created, updated, ip, nodegroup_id, management, interface, name,
                                           subnet_mask, broadcast_ip, router_ip)
SELECT now(), now(), '${address}', id, 2, 'eth0', 'eth0', '255.255.255.0', '${address}', '${address}' FROM added;`,
  )
  .join('\n')}
INSERT INTO maasserver_config (name, value) VALUES ('rpc_shared_secret', 'a-secret');
SELECT setval('maasserver_zone_serial_seq', ${serial});`;

/** One event loop of MAAS 1.x that has just refreshed its row. */
export const eventLoop = (name: string, address: string, age = 5): string => `
DELETE FROM eventloops WHERE address = '${address}';
INSERT INTO eventloops (name, address, port, updated)
VALUES ('${name}', '${address}', 5250, now() - interval '${age} seconds');`;

export interface Controllers {
  /** Host name to address. */
  readonly regions: Readonly<Record<string, string>>;
  readonly racks: readonly string[];
}

const REGION_SERVICES = ['regiond', 'bind9', 'proxy', 'ntp_region', 'syslog_region'];
const RACK_SERVICES = ['rackd', 'http', 'tftp', 'dhcpd', 'dhcpd6', 'ntp_rack', 'dns_rack'];

/** Empties the tables of MAAS 2.0 and later and fills them as a healthy region does: all of it is fresh. */
export const secondGenerationRows = (
  { regions, racks }: Controllers,
  { serial = 100_000, processes = 4 } = {},
): string => `
TRUNCATE maasserver_node, maasserver_vlan, maasserver_domain, maasserver_subnet, maasserver_dnspublication,
         maasserver_notification RESTART IDENTITY CASCADE;
INSERT INTO maasserver_node (system_id, hostname, node_type) VALUES
${[...Object.keys(regions).map((name) => [name, 3]), ...racks.map((name) => [name, 2])]
  .map(([name, type]) => `  ('id-${name}', '${name}', ${type})`)
  .join(',\n')};
INSERT INTO maasserver_regioncontrollerprocess (pid, region_id, updated)
SELECT 1000 + step, id, now() - interval '20 seconds'
  FROM maasserver_node, generate_series(1, ${processes}) AS step WHERE node_type = 3;
INSERT INTO maasserver_regioncontrollerprocessendpoint (address, port, process_id)
SELECT CASE n.hostname ${Object.entries(regions)
  .map(([name, address]) => `WHEN '${name}' THEN inet '${address}'`)
  .join(' ')} END, 4249 + p.pid % 1000, p.id
  FROM maasserver_regioncontrollerprocess p JOIN maasserver_node n ON n.id = p.region_id;
INSERT INTO maasserver_regionrackrpcconnection (endpoint_id, rack_controller_id)
SELECT e.id, n.id FROM maasserver_regioncontrollerprocessendpoint e, maasserver_node n WHERE n.node_type = 2;
INSERT INTO maasserver_service (name, status, node_id)
SELECT service, CASE service WHEN 'dhcpd6' THEN 'off' ELSE 'running' END, id
  FROM maasserver_node, unnest(CASE node_type WHEN 3 THEN ARRAY[${listOf(REGION_SERVICES)}]
                                              ELSE ARRAY[${listOf(RACK_SERVICES)}] END) AS service;
INSERT INTO maasserver_controllerinfo (node_id, version)
SELECT id, '3.5.1-16317-g.' || id FROM maasserver_node;
INSERT INTO maasserver_vlan (vid, dhcp_on, primary_rack_id, secondary_rack_id)
SELECT 0, true, (SELECT min(id) FROM maasserver_node WHERE node_type = 2),
       (SELECT max(id) FROM maasserver_node WHERE node_type = 2);
INSERT INTO maasserver_subnet (cidr, vlan_id) SELECT '172.31.16.0/24', min(id) FROM maasserver_vlan;
INSERT INTO maasserver_domain (name, authoritative) VALUES ('maas3', true), ('elsewhere', false);
SELECT setval('maasserver_zone_serial_seq', ${serial});
INSERT INTO maasserver_dnspublication (serial, source) VALUES (${serial}, 'initial');`;

const listOf = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
