import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { markers } from '../maas.ts';
import { nobodyListens } from '../services/apache.ts';

const fault: Fault = {
  about:
    'The web server of the active node lives, and nobody behind it serves pages: 503, with its RPC alive.',
  sees: ['MaasHaAppBackendGone vip no_backend'],
  async inject() {
    const host = await activeNode();
    writeFileSync(markers.deaf(host), '');
    await nobodyListens(host);
    return { host, did: `made the region of ${host}, the active node, serve no pages any more` };
  },
  async heal({ host }) {
    rmSync(markers.deaf(asNode(host)), { force: true });
  },
};

export default fault;
