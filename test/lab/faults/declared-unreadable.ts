import { rmSync } from 'node:fs';
import { asNode, primaryNode, type Fault } from '../faults.ts';
import { declare, HIERA } from '../services/declared.ts';

const fault: Fault = {
  about: 'The file in which configuration management declares the primary is gone: it was moved.',
  sees: ['MaasHaDeclaredPrimaryUnknown'],
  async inject() {
    const host = await primaryNode();
    rmSync(HIERA);
    return { host, did: `took away ${HIERA}, which declared ${host}` };
  },
  heal: async ({ host }) => {
    declare(asNode(host));
  },
};

export default fault;
