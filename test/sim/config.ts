import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTSIDE } from './dns-slave.ts';
import { releaseDirectory } from './place.ts';
import { NODES, PORT, REGION, ZONES, type Addresses, type Node } from './plan.ts';

/** Where the monitor is to serve HTTP, in the words of maasha.yaml. */
export type Listen = { readonly host: string; readonly port: number } | { readonly socket: string };

export interface Secrets {
  readonly postgres: string;
  readonly pcp: string;
  readonly rpc: string;
}

export interface Written {
  readonly configFile: string;
  /** Removes what was written. */
  readonly remove: () => void;
}

/** Writes maasha.yaml and the secrets that it names into a directory, which is made if need be. */
export function writeConfig(
  dir: string,
  addresses: Addresses,
  listen: Listen,
  secrets: Secrets,
): Written {
  const made = mkdirSync(dir, { recursive: true, mode: 0o700 }) !== undefined;
  const configFile = join(dir, 'maasha.yaml');
  const files: Readonly<Record<string, string>> = {
    [configFile]: configText(addresses, listen),
    ...Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [join(dir, `secret-${name}`), `${value}\n`]),
    ),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(file, text, { mode: 0o600 });
  return {
    configFile,
    remove: () => {
      for (const file of Object.keys(files)) rmSync(file, { force: true });
      if (made) releaseDirectory(dir);
    },
  };
}

/** Writes down which node is the primary, as an operator does after a failover. */
export function declarePrimary(configFile: string, node: Node): void {
  const text = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, text.replace(/declared_primary: \w+/, `declared_primary: ${node}`));
}

const configText = (
  addresses: Addresses,
  listen: Listen,
): string => `# A SIMULATION, on this machine.
listen: ${JSON.stringify(listen)}
regions:
  - name: ${REGION}
    vip: ${addresses.vip}
    generation: 1
    maas_url: http://${addresses.vip}:${PORT.http}/MAAS
    nodes:
${NODES.map((node) => `      - { name: ${node}, address: ${addresses.node[node]} }`).join('\n')}
    trusted_servers: [${addresses.trusted.join(', ')}]
    declared_primary: rc1
    postgres: { port: ${PORT.postgres}, user: maasha, password_file: secret-postgres, database: maasdb }
    pgpool: { port: ${PORT.pgpool}, pcp_port: ${PORT.pcp}, pcp_user: root, pcp_password_file: secret-pcp }
    dns:
      master_port: ${PORT.master}
      slave_port: ${PORT.slave}
      zones: [${ZONES.join(', ')}]
      outside_name: ${OUTSIDE.name}
      transfer: true
    rpc: { secret_file: secret-rpc }
    clusters:
${addresses.clusters.map(({ name, address }) => `      - { name: ${name}, address: ${address} }`).join('\n')}
`;
