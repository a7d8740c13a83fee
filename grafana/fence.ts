import { most, movedUp } from './asks.ts';
import { yesIsBad } from './look.ts';
import { lines, timeline, type Board } from './panels.ts';

/** Panels of the board `services`: whether the passive node is kept from the database. */
export const FENCE: Board['panels'] = {
  fence: timeline({
    title: 'Fence of the passive node',
    about:
      'Whether the node that does not hold the address gets at PostgreSQL as MAAS, by all witnesses together and by each. Of the active node nothing is said. A witness that sees nothing of it says no; that is a proof only of the report and the application.',
    asks: [
      most('maasha_fence_open', '{{node}}'),
      movedUp(10, 'maasha_fence_witness', '{{node}}: {{witness}}'),
    ],
    absent: 'active, or unknown',
    words: {
      ...yesIsBad('kept out', 'open', 'bad'),
      10: ['nothing seen', 'good'],
      11: ['seen at the database', 'bad'],
    },
  }),
  fenceSessions: lines({
    title: 'Sessions of MAAS by node',
    about:
      'Sessions of MAAS’s role on all PostgreSQL servers, by the node whose address they have: behind a pgpool that is the pgpool’s node. Those that a pgpool merely keeps are left out.',
    asks: [most('maasha_fence_sessions', '{{node}}')],
    unit: 'none',
    absent: 'unknown',
    min: 0,
  }),
  fenceReports: lines({
    title: 'Age of each node’s own report',
    about: 'Since the node itself last said whether its fence holds.',
    asks: [most('maasha_fence_report_age_seconds', '{{node}}')],
    unit: 's',
    absent: 'none came, or none is configured',
    limits: ['maasha_fence_report_age_seconds'],
    min: 0,
  }),
  fenceHba: timeline({
    title: 'pgpool’s own line of the fence',
    about:
      'Whether the node’s pgpool would ask the monitor, which is no node, for MAAS’s password. Where the packet filter alone is the fence, open is by design.',
    asks: [most('maasha_fence_pool_hba_open', '{{node}}')],
    absent: 'unknown',
    words: yesIsBad('refuses', 'open', 'warn'),
  }),
};
