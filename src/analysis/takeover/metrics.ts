import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* Whether all that belongs to the virtual address followed it. */

export const missing = gauge({
  name: 'maasha_failover_part_missing',
  help: 'Whether this part has not followed the virtual address since it last moved (1), or it has, or nothing has moved since the monitor looks (0); one look alone shows whether the part works for the present holder.',
  labels: ['part'],
});
export const laggards = gauge({
  name: 'maasha_failover_laggards',
  help: 'Parts that have not followed the virtual address in the time that they have: 60 s for http, dns and proxy, 120 s for rpc, 180 s for clusters; 0 is right.',
  labels: [],
});
export const completed = gauge({
  name: 'maasha_failover_completed_seconds',
  help: 'How long it took from when the monitor saw the virtual address at its present holder until all parts had followed; absent until then.',
  labels: [],
});

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaFailoverIncomplete',
    severity: 'critical',
    // One alert for all parts: what restarts one of them restarts all of them.
    metric: laggards,
    when: { above: 0 },
    // The patience is in the metric.
    for: seconds(0),
    inhibitedBy: [
      // Nothing can follow an address that is nowhere, or at two places.
      { alert: 'MaasHaVipUnreachable' },
      { alert: 'MaasHaVipAllServicesDown' },
      { alert: 'MaasHaVipDuplicate' },
      { alert: 'MaasHaVipTwoOwners' },
      { alert: 'MaasHaVipStranger' },
      // Without a database no part of MAAS works, wherever the address is.
      { alert: 'MaasHaPgpoolBackendHangs' },
      { alert: 'MaasHaPgpoolNoPrimary' },
      { alert: 'MaasHaNoPrimary' },
    ],
    summary:
      'The virtual address moved, and {value} of the parts that belong to it did not follow: restart them where it is now',
  },
];
