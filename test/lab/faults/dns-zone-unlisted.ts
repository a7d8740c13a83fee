import { primaryNode, type Fault } from '../faults.ts';
import { runSql } from '../postgres.ts';

const ZONE = 'maas6';

const fault: Fault = {
  about: 'MAAS has a zone that no server serves, and that nobody told the monitor of.',
  sees: ['MaasHaDnsZoneMissing vip'],
  async inject() {
    const host = await primaryNode();
    await runSql(
      host,
      'maasdb',
      `WITH added AS (
         INSERT INTO maasserver_nodegroup (created, updated, name, api_token_id, api_key, dhcp_key, uuid,
                                           status, cluster_name, maas_url, default_disable_ipv4)
         VALUES (now(), now(), '${ZONE}', 1, '', '', '${ZONE}', 1, '${ZONE}', '', false) RETURNING id)
       INSERT INTO maasserver_nodegroupinterface (created, updated, ip, nodegroup_id, management, interface,
                                                  name, subnet_mask)
       SELECT now(), now(), '172.31.16.36', id, 2, 'eth0', 'eth0', '255.255.255.0' FROM added`,
    );
    return { host, did: `added the zone ${ZONE} to the database on ${host}, the primary` };
  },
  // As if its cluster were rejected: MAAS keeps no zone for it then.
  async heal() {
    await runSql(
      await primaryNode(),
      'maasdb',
      `UPDATE maasserver_nodegroup SET status = 2, uuid = uuid || '-' || id WHERE uuid = '${ZONE}'`,
    );
  },
};

export default fault;
