import { z } from 'zod';
import type { Question } from './ask.ts';
import { age, truth, whole, words } from './rows.ts';

/*
 * The questions to MAAS's tables, in SQL that PostgreSQL 9.3 understands. Everything comes as text, ages are taken
 * on the server, and answers are bounded. Tables are found by their bare names, as MAAS itself finds them.
 */

const question = <Shape extends z.ZodType>(given: Question<Shape>): Question<Shape> => given;

const AGE = (column: string): string => `extract(epoch FROM now() - ${column})::text`;

/** MAAS 1.5 to 1.9. The table is unlogged and made by the region itself when it starts. */
export const eventLoops = question({
  subject: 'event loops',
  primaryOnly: true,
  tables: ['eventloops'],
  sql: `
SELECT name, host(address) AS address, port::text AS port, ${AGE('updated')} AS age
  FROM eventloops ORDER BY updated DESC LIMIT 200`,
  shape: z.object({ name: words(80), address: words(45), port: whole, age }),
});

/** Interfaces that MAAS is to serve DHCP on: elsewhere another DHCP server is what the operator wants. */
export const foreignServers = question({
  subject: 'foreign DHCP',
  tables: ['maasserver_nodegroup', 'maasserver_nodegroupinterface'],
  sql: `
SELECT g.uuid, g.cluster_name, g.name AS zone, i.interface, host(i.ip) AS ip, host(i.foreign_dhcp_ip) AS foreign_ip
  FROM maasserver_nodegroup g JOIN maasserver_nodegroupinterface i ON i.nodegroup_id = g.id
 WHERE g.status = 1 AND i.management <> 0 AND i.foreign_dhcp_ip IS NOT NULL
 ORDER BY g.cluster_name, i.interface LIMIT 200`,
  shape: z.object({
    uuid: words(36),
    cluster_name: words(100),
    zone: words(80),
    interface: words(80),
    ip: words(45),
    foreign_ip: words(45),
  }),
});

/** The banner errors of the web interface. */
export const componentErrors = question({
  subject: 'errors that MAAS shows',
  tables: ['maasserver_componenterror'],
  sql: `
SELECT component, left(error, 1000) AS error, ${AGE('updated')} AS age
  FROM maasserver_componenterror ORDER BY updated DESC LIMIT 50`,
  shape: z.object({ component: words(40), error: words(), age }),
});

export const zoneSerial = question({
  subject: 'zone serials',
  primaryOnly: true,
  tables: ['maasserver_zone_serial_seq'],
  sql: `
SELECT last_value::text AS last_value, is_called::text AS is_called FROM maasserver_zone_serial_seq`,
  shape: z.object({
    last_value: whole.pipe(z.int().min(1).max(0xffff_ffff)),
    is_called: truth,
  }),
});

/** One row per process of each region controller; one without a process where there is none. */
export const regionProcesses = question({
  subject: 'region processes',
  tables: ['maasserver_node', 'maasserver_regioncontrollerprocess'],
  sql: `
SELECT n.hostname, p.pid::text AS pid, ${AGE('p.updated')} AS age
  FROM maasserver_node n LEFT JOIN maasserver_regioncontrollerprocess p ON p.region_id = n.id
 WHERE n.node_type IN (3, 4) ORDER BY n.hostname, p.pid LIMIT 500`,
  shape: z.object({ hostname: words(255), pid: whole.nullable(), age: age.nullable() }),
});

export const services = question({
  subject: 'services',
  tables: ['maasserver_node', 'maasserver_service'],
  sql: `
SELECT n.hostname, s.name, s.status, left(s.status_info, 255) AS info
  FROM maasserver_service s JOIN maasserver_node n ON n.id = s.node_id
 WHERE n.node_type IN (2, 3, 4) ORDER BY n.hostname, s.name LIMIT 2000`,
  shape: z.object({ hostname: words(255), name: words(40), status: words(10), info: words() }),
});

/** VLANs that MAAS is to serve DHCP on. */
export const dhcpVlans = question({
  subject: 'DHCP',
  tables: ['maasserver_vlan', 'maasserver_node', 'maasserver_regionrackrpcconnection'],
  sql: `
SELECT v.id::text AS id, v.vid::text AS vid, pr.hostname AS primary_rack, sr.hostname AS secondary_rack,
       host(v.external_dhcp) AS external_dhcp,
       EXISTS (SELECT 1 FROM maasserver_regionrackrpcconnection c
                WHERE c.rack_controller_id = v.primary_rack_id)::text AS primary_up,
       EXISTS (SELECT 1 FROM maasserver_regionrackrpcconnection c
                WHERE c.rack_controller_id = v.secondary_rack_id)::text AS secondary_up
  FROM maasserver_vlan v LEFT JOIN maasserver_node pr ON pr.id = v.primary_rack_id
  LEFT JOIN maasserver_node sr ON sr.id = v.secondary_rack_id
 WHERE v.dhcp_on ORDER BY v.id LIMIT 1000`,
  shape: z.object({
    id: whole,
    vid: whole,
    primary_rack: words(255).nullable(),
    secondary_rack: words(255).nullable(),
    external_dhcp: words(45).nullable(),
    primary_up: truth,
    secondary_up: truth,
  }),
});

export const controllerVersions = question({
  subject: 'versions',
  tables: ['maasserver_node', 'maasserver_controllerinfo'],
  sql: `
SELECT n.hostname, i.version FROM maasserver_controllerinfo i JOIN maasserver_node n ON n.id = i.node_id
 WHERE i.version IS NOT NULL ORDER BY n.hostname LIMIT 500`,
  shape: z.object({ hostname: words(255), version: words(80) }),
});

export const notifications = question({
  subject: 'errors that MAAS shows',
  tables: ['maasserver_notification'],
  sql: `
SELECT coalesce(ident, '') AS ident, category, left(message, 1000) AS message, ${AGE('updated')} AS age
  FROM maasserver_notification
 WHERE admins AND category IN ('error', 'warning') ORDER BY category, updated DESC LIMIT 50`,
  shape: z.object({ ident: words(40), category: words(10), message: words(), age }),
});

export const sharedEndpoints = question({
  subject: 'region addresses',
  tables: [
    'maasserver_node',
    'maasserver_regioncontrollerprocess',
    'maasserver_regioncontrollerprocessendpoint',
  ],
  sql: `
SELECT host(e.address) AS address, e.port::text AS port, string_agg(DISTINCT n.hostname, ' and ') AS regions
  FROM maasserver_regioncontrollerprocessendpoint e
  JOIN maasserver_regioncontrollerprocess p ON p.id = e.process_id
  JOIN maasserver_node n ON n.id = p.region_id
 GROUP BY e.address, e.port HAVING count(DISTINCT p.region_id) > 1 ORDER BY 1, 2 LIMIT 100`,
  shape: z.object({ address: words(45), port: whole, regions: words() }),
});

/** One row for each pair of a rack and a process that it has a connection to, and one for a rack without any. */
export const rackConnections = question({
  subject: 'racks',
  tables: [
    'maasserver_node',
    'maasserver_regioncontrollerprocess',
    'maasserver_regioncontrollerprocessendpoint',
    'maasserver_regionrackrpcconnection',
  ],
  sql: `
SELECT DISTINCT n.hostname, n.system_id, e.process_id::text AS process
  FROM maasserver_node n
  LEFT JOIN maasserver_regionrackrpcconnection c ON c.rack_controller_id = n.id
  LEFT JOIN maasserver_regioncontrollerprocessendpoint e ON e.id = c.endpoint_id
 WHERE n.node_type IN (2, 4) ORDER BY n.hostname LIMIT 5000`,
  shape: z.object({ hostname: words(255), system_id: words(41), process: words(20).nullable() }),
});

/** The processes that racks should be connected to. */
export const liveProcesses = question({
  subject: 'racks',
  tables: ['maasserver_regioncontrollerprocess'],
  sql: `
SELECT id::text AS id, ${AGE('updated')} AS age FROM maasserver_regioncontrollerprocess ORDER BY id LIMIT 500`,
  shape: z.object({ id: words(20), age }),
});
