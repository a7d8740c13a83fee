import { most } from './asks.ts';
import { BACKUP } from './clusters-backup.ts';
import { SERVED } from './cluster-services.ts';
import { BMC, DHCP } from './clusters-segments.ts';
import { REGION_EVENTS } from './events.ts';
import { yesIsGood } from './look.ts';
import { timeline, type Board } from './panels.ts';

export const clusters: Board = {
  name: 'clusters',
  title: 'Cluster services',
  about: 'What each cluster or rack controller serves to the machines that boot and deploy by it.',
  variables: [
    {
      name: 'cluster',
      label: 'Cluster',
      of: 'maasha_cluster_reachable',
      by: 'cluster',
      narrows: ['cluster'],
    },
  ],
  events: REGION_EVENTS,
  panels: {
    there: timeline({
      title: 'Cluster controllers: there',
      about: 'Whether the host answers; what it serves is asked for all the same.',
      asks: [most('maasha_cluster_reachable', '{{cluster}}')],
      absent: 'unknown, or there are none',
      words: yesIsGood('no', 'yes', 'warn'),
    }),
    ...SERVED,
    ...DHCP,
    ...BMC,
    ...BACKUP,
  },
};
