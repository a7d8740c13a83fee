import { secondGenerationRows } from './maas-schema.ts';

/* A healthy MAAS of 2.0 and later as rows, and what can go wrong with them. */

export const HEALTHY = secondGenerationRows({
  regions: { rc1: '172.31.16.32', rc2: '172.31.16.33' },
  racks: ['maas4.example.net', 'MAAS5', 'rack-of-nobody'],
});

export const idOf = (hostname: string): string =>
  `(SELECT id FROM maasserver_node WHERE hostname = '${hostname}')`;
export const older = (minutes: number, where = 'true'): string =>
  `UPDATE maasserver_regioncontrollerprocess SET updated = now() - interval '${minutes} minutes' WHERE ${where};`;
export const cutOff = (rack: string, most = 100): string =>
  `DELETE FROM maasserver_regionrackrpcconnection WHERE id IN (
     SELECT id FROM maasserver_regionrackrpcconnection WHERE rack_controller_id = ${idOf(rack)} LIMIT ${most});`;
export const service = (host: string, name: string, status: string, info = ''): string =>
  `UPDATE maasserver_service SET status = '${status}', status_info = '${info}'
    WHERE node_id = ${idOf(host)} AND name = '${name}';`;
