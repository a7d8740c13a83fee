import { z } from 'zod';
import { seconds } from '../core/time.ts';
import { alertingSchema, type KnownChannel } from './alerting.ts';
import { address, duration, file, httpUrl, mac, name, port, text, zone } from './fields.ts';
import { cluster } from './sections/cluster.ts';
import { app, declaredIn, fencing, proxy } from './sections/services.ts';

/*
 * The shape of maasha.yaml, section by section. Defaults stand here and nowhere else. What one value
 * alone cannot show (two nodes with one address, a missing secret file) is in cross.ts and secret-files.ts.
 */

const node = z.strictObject(
  { name, address, postgres_port: port.optional(), mac: mac.optional() },
  'a node: { name: rc1, address: 172.31.16.32 }',
);

const tls = z.strictObject(
  { ca_file: file.optional(), server_name: text('the name in the certificate').optional() },
  'a section: { ca_file: /etc/maasha/ca.pem, server_name: maas.example.org }, or {}',
);

const TABLE = 'a table, with or without its schema: maasha.canary';
const canary = z.strictObject(
  { table: text(TABLE).regex(/^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/, TABLE) },
  'a section: { table: maasha.canary }',
);

const marker = z.strictObject(
  {
    port: port.default(80),
    path: text('a path such as /node').regex(/^\/\S*$/, 'a path such as /node'),
  },
  'a section: { port: 80, path: /node }',
);

const server = z.strictObject({ name, address }, 'a server: { name: ns1, address: 172.31.16.36 }');

const postgres = z.strictObject(
  {
    port: port.default(5432),
    user: text('the monitor’s database role'),
    password_file: file.optional(),
    database: text('the name of MAAS’s database').default('maasdb'),
    tls: tls.optional(),
    canary: canary.optional(),
  },
  'a section: { port: 5432, user: maasha, password_file: /etc/maasha/pg, database: maasdb }',
);

const pgpool = z.strictObject(
  {
    port: port.default(9999),
    pcp_port: port.default(9898),
    pcp_user: text('the PCP account’s name').optional(),
    pcp_password_file: file.optional(),
  },
  'a section: { port: 9999, pcp_port: 9898, pcp_user: root, pcp_password_file: /etc/maasha/pcp }',
);

const dns = z.strictObject(
  {
    master_port: port.default(5353),
    slave_port: port.default(53),
    zones: z.array(zone, 'a list of zone names').min(1, 'at least one zone name'),
    slaves: z.array(server, 'a list of servers; [] where there is no slave DNS').optional(),
    outside_name: zone.optional(),
    inside_name: zone.optional(),
    transfer: z.boolean('true or false').default(false),
  },
  'a section: { master_port: 5353, slave_port: 53, zones: [maas3] }',
);

const region = z.strictObject(
  {
    name,
    vip: address,
    also_vips: z.array(address, 'a list of addresses').default([]),
    marker: marker.optional(),
    interface: text('a network interface such as eth0').optional(),
    generation: z.literal([1, 2], '1 (MAAS 1.5 to 1.9) or 2 (MAAS 2.0 and later)').default(1),
    maas_url: httpUrl,
    maas_tls: tls.optional(),
    nodes: z
      .array(node, 'a list of region controller nodes')
      .min(1, 'at least one node; an HA region has two'),
    trusted_servers: z.array(address, 'a list of addresses').default([]),
    declared_primary: text('the name of one of the nodes').optional(),
    declared_in: declaredIn.optional(),
    postgres: postgres.optional(),
    pgpool: pgpool.optional(),
    dns: dns.optional(),
    proxy: proxy.optional(),
    app: app.optional(),
    fencing: fencing.optional(),
    rpc: z
      .strictObject(
        { secret_file: file.optional(), every: duration.default(seconds(60)) },
        'a section: { secret_file: /etc/maasha/rpc }',
      )
      .prefault({}),
    clusters: z.array(cluster, 'a list of clusters').default([]),
  },
  'a region: { name, vip, maas_url, nodes, … }',
);

const threshold = z.number('a number');

const ruleChange = z.strictObject(
  {
    above: threshold.optional(),
    below: threshold.optional(),
    equal: threshold.optional(),
    for: duration
      .or(z.literal(0, '0 or a duration such as 30s').transform(() => seconds(0)))
      .optional(),
    severity: z.enum(['critical', 'warning', 'info'], 'critical, warning or info').optional(),
  },
  'a change of a rule: { above: 120, for: 5m, severity: warning }, or false to switch it off',
);

const checkChange = z.strictObject(
  {
    enabled: z.boolean('true or false').default(true),
    every: text('a duration such as 10s, or a cron expression').optional(),
    timeout: duration.optional(),
    rules: z.record(z.string(), ruleChange.or(z.literal(false)), 'rules by name').default({}),
  },
  'a change of a check: { every: 10s, timeout: 5s, rules: { … } }',
);

const listen = z.union(
  [
    z.strictObject({ host: address.default('127.0.0.1'), port: port.default(9877) }),
    z.strictObject({ socket: text('the path of a Unix socket') }),
  ],
  'where to serve HTTP: { host: 127.0.0.1, port: 9877 } or { socket: /run/maasha/http.sock }',
);

/** The whole file, with the channels that are installed. */
export const schemaWith = (channels: readonly KnownChannel[]) =>
  z.strictObject(
    {
      listen: listen.prefault({}),
      regions: z.array(region, 'a list of regions').min(1, 'at least one region'),
      checks: z
        .record(z.string(), checkChange, 'changes of checks, by the check’s name')
        .default({}),
      alerting: alertingSchema(channels),
    },
    'a configuration that starts with `regions:`',
  );

/** The file's content after its shape was found right: still the file's words, secrets not yet read. */
export type RawConfig = z.infer<ReturnType<typeof schemaWith>>;
export type RawRegion = RawConfig['regions'][number];
export type CheckChange = RawConfig['checks'][string];
export type RuleChange = Exclude<CheckChange['rules'][string], false>;
