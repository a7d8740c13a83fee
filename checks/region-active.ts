import {
  certificateRemaining,
  notesOnActive,
  ready,
  regionsActive,
  regionState,
  twoActive,
} from '../src/analysis/region/active.ts';
import { askRegion } from '../src/analysis/region/rpc-info.ts';
import { defineCheck } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';

const HTTP = { timeout: seconds(5) };
const DAY = 86_400;

export default defineCheck({
  name: 'region-active',
  about:
    "Which nodes' region applications work, asked at their own addresses: of generation 1 exactly one may, of generation 2 all should; and when a certificate expires.",
  every: '30s',
  timeout: seconds(8),
  metrics: [regionState, regionsActive, twoActive, ready, certificateRemaining],
  rules: [
    {
      name: 'MaasHaRegionTwoActive',
      severity: 'critical',
      metric: twoActive,
      when: { equal: 1 },
      for: seconds(0),
      confirm: true,
      summary:
        'Two region applications write at the same time: what either does may be lost or done twice',
    },
    {
      name: 'MaasHaRegionNotReady',
      severity: 'warning',
      metric: ready,
      when: { equal: 0 },
      for: seconds(120),
      inhibitedBy: [
        { alert: 'MaasHaNodeDown', on: { node: 'node' } },
        // What does not work for anybody is told once, and where it is felt.
        { alert: 'MaasHaRegionRpcDown' },
        { alert: 'MaasHaVipServiceDown', where: { service: 'http' } },
        { alert: 'MaasHaRegionDown' },
        { alert: 'MaasHaFailover' },
      ],
      summary: 'The region application of {node} does not work: nothing would take over there',
    },
    {
      name: 'MaasHaTlsCertificateExpires',
      severity: 'warning',
      metric: certificateRemaining,
      when: { below: 14 * DAY },
      for: seconds(60),
      inhibitedBy: [{ alert: 'MaasHaTlsCertificateExpiresSoon' }],
      summary: 'A certificate of the region expires within two weeks ({value} s are left)',
    },
    {
      name: 'MaasHaTlsCertificateExpiresSoon',
      severity: 'critical',
      metric: certificateRemaining,
      when: { below: 3 * DAY },
      for: seconds(60),
      summary:
        'A certificate of the region expires within three days, or has ({value} s are left): then nobody can use it',
    },
  ],
  run: async (region, { io, clock }) => {
    const [url, nodes] = await Promise.all([
      askRegion(io, region, HTTP),
      Promise.all(
        region.nodes.map(async ({ name, address }) => ({
          node: name,
          ...(await askRegion(io, region, { ...HTTP, host: address })),
        })),
      ),
    ]);
    return notesOnActive(region, { url, nodes }, clock.now());
  },
});
