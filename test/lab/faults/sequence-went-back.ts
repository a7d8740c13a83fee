import { primaryNode, type Fault } from '../faults.ts';
import { FIRST_SERIAL } from '../maas-tables.ts';
import { runSql } from '../postgres.ts';

const setTo = async (serial: number) => {
  const host = await primaryNode();
  await runSql(host, 'maasdb', `SELECT setval('maasserver_zone_serial_seq', ${serial})`);
  return host;
};

const fault: Fault = {
  about:
    "MAAS's sequence of zone serials is behind the slaves, as after a failover to a late standby.",
  sees: ['MaasHaSerialSequenceWentBack'],
  async inject() {
    const host = await setTo(50);
    return { host, did: `set the sequence of zone serials to 50 on ${host}, the primary` };
  },
  // Above everything that was ever handed out.
  async heal() {
    await setTo(FIRST_SERIAL + 100);
  },
};

export default fault;
