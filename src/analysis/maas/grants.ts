/** A table (or sequence) that a check reads, and what it needs of it. */
export interface MaasGrant {
  readonly table: string;
  /** Absent: the whole table, because nothing in it is worth keeping secret. */
  readonly columns?: readonly string[];
  /** The names of the checks that need it. */
  readonly for: readonly string[];
}

const DATABASE = 'maas-database';
const RACKS = 'rack-connections';
const ZONES = 'dns-zones';

/** MAAS 1.5 to 1.9. The other columns of a nodegroup hold the keys of its API account and of DHCP. */
const FIRST: readonly MaasGrant[] = [
  { table: 'eventloops', for: [DATABASE] },
  {
    table: 'maasserver_nodegroup',
    columns: ['id', 'uuid', 'name', 'cluster_name', 'status'],
    for: [DATABASE, ZONES],
  },
  {
    table: 'maasserver_nodegroupinterface',
    columns: ['nodegroup_id', 'interface', 'ip', 'management', 'foreign_dhcp_ip'],
    for: [DATABASE],
  },
  {
    table: 'maasserver_nodegroupinterface',
    columns: ['nodegroup_id', 'ip', 'subnet_mask', 'management'],
    for: [ZONES],
  },
  { table: 'maasserver_componenterror', for: [DATABASE] },
  { table: 'maasserver_zone_serial_seq', for: [DATABASE] },
];

/** MAAS 2.0 and later. The other columns of a node hold its BMC's parameters and keys. */
const SECOND: readonly MaasGrant[] = [
  {
    table: 'maasserver_node',
    columns: ['id', 'system_id', 'hostname', 'node_type'],
    for: [DATABASE, RACKS],
  },
  { table: 'maasserver_regioncontrollerprocess', for: [DATABASE, RACKS] },
  { table: 'maasserver_regioncontrollerprocessendpoint', for: [DATABASE, RACKS] },
  { table: 'maasserver_regionrackrpcconnection', for: [DATABASE, RACKS] },
  { table: 'maasserver_service', for: [DATABASE] },
  { table: 'maasserver_controllerinfo', for: [DATABASE] },
  { table: 'maasserver_vlan', for: [DATABASE] },
  { table: 'maasserver_notification', for: [DATABASE] },
  { table: 'maasserver_zone_serial_seq', for: [DATABASE] },
  { table: 'maasserver_dnspublication', for: [ZONES] },
  { table: 'maasserver_domain', for: [ZONES] },
  { table: 'maasserver_subnet', for: [ZONES] },
];

/**
 * Everything that the checks read in MAAS's own database, and nothing more: least privilege. Never granted:
 * `maasserver_config`, the secrets table and `piston_*`, which hold the RPC secret and the API keys.
 */
export const maasGrants = (generation: 1 | 2): readonly MaasGrant[] =>
  generation === 1 ? FIRST : SECOND;

/** The SQL that gives a role what a check needs of these tables; to be run by their owner. Safe to repeat. */
export const grantStatements = (
  generation: 1 | 2,
  wanted: { readonly check: string; readonly tables: readonly string[]; readonly role: string },
): readonly string[] =>
  maasGrants(generation)
    .filter((grant) => wanted.tables.includes(grant.table) && grant.for.includes(wanted.check))
    .map((grant) => grantStatement(grant, wanted.role));

/** `GRANT SELECT` on a table, on columns of it, or on a sequence (which PostgreSQL takes for a table here). */
export const grantStatement = ({ table, columns }: MaasGrant, role: string): string =>
  `GRANT SELECT${columns === undefined ? '' : ` (${columns.join(', ')})`} ON ${table} TO ${quoted(role)};`;

/** A role as SQL wants it: quoted where it is not plain (PostgreSQL manual, section 4.1.1). */
const quoted = (role: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(role) ? role : `"${role.replaceAll('"', '""')}"`;
