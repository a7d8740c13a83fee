import { most, stateOf } from './asks.ts';
import { yesIsGood } from './look.ts';
import { lines, stat, timeline, type PanelSpec } from './panels.ts';

/* What clusters serve to anybody who asks over the network. */

export const SERVED: Readonly<Record<string, PanelSpec>> = {
  clustersServing: stat({
    title: 'Clusters that serve',
    about: 'Cluster controllers of which at least one service answers.',
    asks: [most('maasha_clusters_serving')],
    unit: 'none',
    absent: 'unknown, or nothing is asked',
    words: { 0: ['none', 'bad'], '1..': ['', 'good'] },
  }),
  served: timeline({
    title: 'Services of clusters',
    about:
      'Serving: it has what it was asked for. Lacking: it answers, and has not. Garbled: what answers is not this service. Unheard: it never answers, and nothing refused it.',
    asks: [stateOf('maasha_cluster_service_state', '{{cluster}} {{service}}')],
    absent: 'unknown, or nothing is asked',
    words: { statesOf: 'maasha_cluster_service_state' },
  }),
  servedUp: timeline({
    title: 'Services of clusters: do they answer',
    about: 'Whether the service answers in its own protocol, whatever it has to give.',
    asks: [most('maasha_cluster_service_up', '{{cluster}} {{service}}')],
    absent: 'unknown, or nothing is asked',
    words: yesIsGood('no', 'yes', 'warn'),
  }),
  servedCount: lines({
    title: 'Services of a cluster that answer',
    about: 'Of those that are asked; 0 while its host answers is told at once.',
    asks: [most('maasha_cluster_services_answering', '{{cluster}}')],
    unit: 'short',
    absent: 'unknown, or nothing is asked',
    min: 0,
  }),
  serviceTime: lines({
    title: 'Services of clusters: time to answer',
    about: 'The whole exchange: one block of a file, one page, the list of targets.',
    asks: [most('maasha_cluster_service_seconds', '{{cluster}} {{service}}')],
    unit: 's',
    absent: 'unknown, or nothing is asked',
    min: 0,
  }),
};
