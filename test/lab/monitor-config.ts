import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESS, CLUSTERS, GATEWAYS, NODES, PASSWORD, paths } from './plan.ts';
import { OUTSIDE_NAME } from './dns.ts';
import { parse, stringify } from 'yaml';
import { SERVICES, type Section } from './services.ts';
import { PORT, RPC_SECRET, UUID, VIP, ZONES, type Node } from './plan.ts';

/**
 * Writes maasha.yaml and the secrets it names: the configuration of a monitor on the host `mon`. After a
 * failover it is written anew, because the operator declares the primary that there is then.
 */
export function writeMonitorConfig(declared: Node = 'rc1'): void {
  const secret = (name: string, value: string): string => {
    const file = join(paths.root, `secret-${name}`);
    writeFileSync(file, `${value}\n`, { mode: 0o600 });
    return file;
  };
  const text = `regions:
  - name: lab
    vip: ${VIP}
    interface: eth0
    marker: { port: 80, path: /node }
    generation: 1
    maas_url: http://${VIP}/MAAS
    nodes:
${NODES.map((node) => `      - { name: ${node}, address: ${ADDRESS[node]} }`).join('\n')}
    trusted_servers: [${GATEWAYS.join(', ')}]
    declared_primary: ${declared}
    postgres:
      port: ${PORT.postgres}
      user: maasha
      password_file: ${secret('postgres', PASSWORD.maasha)}
      database: maasdb
      canary: { table: maasha.canary }
    pgpool:
      port: ${PORT.pgpool}
      pcp_port: ${PORT.pcp}
      pcp_user: root
      pcp_password_file: ${secret('pcp', PASSWORD.pcp)}
    dns:
      master_port: ${PORT.master}
      slave_port: ${PORT.slave}
      zones: [${ZONES.join(', ')}]
      outside_name: ${OUTSIDE_NAME}
      transfer: true
    rpc:
      secret_file: ${secret('rpc', RPC_SECRET)}
    clusters:
${CLUSTERS.map(
  (cluster) => `      - { name: ${cluster}, address: ${ADDRESS[cluster]}, uuid: ${UUID[cluster]} }`,
).join('\n')}
checks:
  # What a stale slot holds back here in a minute.
  postgres-capacity: { rules: { MaasHaSlotRetainsMuch: { above: 33554432 } } }
`;
  writeFileSync(paths.config, withServices(text), { mode: 0o600 });
}

/** The configuration with what each service adds to its region. */
function withServices(text: string): string {
  const config = parse(text) as { regions: (Section & { clusters: Section[] })[] };
  for (const region of config.regions) for (const service of SERVICES) service.configure?.(region);
  return `# The built-in lab, as its own host "mon" sees it.\n${stringify(config)}`;
}
