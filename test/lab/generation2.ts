import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maasGrantsFor, maasTables, secondGenerationRows } from '../support/maas-schema.ts';
import { primaryNode } from './faults.ts';
import { ADDRESS, CLUSTERS, NODES, paths } from './plan.ts';
import { runSql } from './postgres.ts';

/*
 * MAAS 2.0 and later beside the lab's 1.x: a second database `maas2` with its tables, on the same real pair of
 * servers, and a configuration for it. Nothing keeps the rows fresh: run this right before each look.
 *
 *   node --import tsx test/lab/generation2.ts [FAULT]
 *   npm run lab -- exec -- npx maasha check rack-connections -c <the path that it prints>
 */

const RACK = CLUSTERS[0];
const idOf = (host: string) => `(SELECT id FROM maasserver_node WHERE hostname = '${host}')`;
const AGED = `UPDATE maasserver_regioncontrollerprocess SET updated = now() - interval '10 minutes'`;

/** What can be wrong, as MAAS's tables then show it. */
const FAULTS: Readonly<Record<string, string>> = {
  'rack-cut': `DELETE FROM maasserver_regionrackrpcconnection WHERE rack_controller_id = ${idOf(RACK)};
    UPDATE maasserver_service SET status = CASE WHEN name IN ('rackd', 'tftp', 'dhcpd', 'ntp_rack')
      THEN 'dead' ELSE 'unknown' END WHERE node_id = ${idOf(RACK)} AND status <> 'off'`,
  'rack-partly': `DELETE FROM maasserver_regionrackrpcconnection WHERE id =
      (SELECT min(id) FROM maasserver_regionrackrpcconnection WHERE rack_controller_id = ${idOf(RACK)});
    UPDATE maasserver_service SET status = 'degraded', status_info = '88% connected to region controllers.'
     WHERE node_id = ${idOf(RACK)} AND name = 'rackd'`,
  'racks-cut': 'DELETE FROM maasserver_regionrackrpcconnection',
  'region-dead': `${AGED} WHERE region_id = ${idOf('rc2')};
    UPDATE maasserver_service SET status = CASE name WHEN 'regiond' THEN 'dead' ELSE 'unknown' END
     WHERE node_id = ${idOf('rc2')}`,
  'regions-dead': AGED,
  'rogue-dhcp': `UPDATE maasserver_vlan SET external_dhcp = '172.31.16.77'`,
};

async function main(fault: string | undefined): Promise<void> {
  if (fault !== undefined && !Object.hasOwn(FAULTS, fault))
    throw new RangeError(`there is no ${fault}; there are ${Object.keys(FAULTS).join(', ')}`);
  const primary = await primaryNode();
  await create(primary);
  const regions = Object.fromEntries(NODES.map((node) => [node, ADDRESS[node]]));
  const rows = secondGenerationRows({ regions, racks: CLUSTERS });
  const wrong = fault === undefined ? '' : (FAULTS[fault] ?? '');
  await runSql(primary, 'maas2', `SET ROLE maas; BEGIN; ${rows} ${wrong}; COMMIT;`);
  process.stdout.write(`${writeConfig()}\n`);
}

async function create(primary: Awaited<ReturnType<typeof primaryNode>>): Promise<void> {
  try {
    await runSql(primary, 'postgres', 'CREATE DATABASE maas2 OWNER maas');
  } catch (error) {
    if (String(error).includes('already exists')) return;
    throw error;
  }
  await runSql(primary, 'maas2', `SET ROLE maas; ${maasTables(2)} ${maasGrantsFor(2)}`);
}

/** The lab's own configuration, but for the generation and the database. */
function writeConfig(): string {
  const file = join(paths.root, 'maasha-g2.yaml');
  const text = readFileSync(paths.config, 'utf8')
    .replace('generation: 1', 'generation: 2')
    .replace('database: maasdb', 'database: maas2');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

await main(process.argv[2]);
