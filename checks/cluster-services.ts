import { lookAt } from '../src/analysis/cluster-services/look.ts';
import * as metrics from '../src/analysis/cluster-services/metrics.ts';
import { notesOn } from '../src/analysis/cluster-services/notes.ts';
import { SERVICES, servicesOf } from '../src/analysis/cluster-services/table.ts';
import { defineCheck, skip } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';

const ABSENT = `no cluster has any of the \`services:\` ${Object.keys(SERVICES).join(', ')}`;

export default defineCheck({
  name: 'cluster-services',
  about:
    'Asks each cluster controller for what machines boot and deploy by, one exchange for each service that the configuration names: a file by TFTP, boot resources over HTTP, iSCSI targets, and more.',
  every: '30s',
  timeout: seconds(10),
  absence: ({ clusters }) =>
    clusters.some((cluster) => servicesOf(cluster).length > 0) ? undefined : ABSENT,
  metrics: [metrics.state, metrics.up, metrics.time, metrics.answering, metrics.serving],
  rules: metrics.rules,
  run: async (region, context) => {
    const looks = region.clusters.flatMap((cluster) =>
      servicesOf(cluster).map((service) => lookAt(context, region, cluster, service)),
    );
    if (looks.length === 0) return [skip('cluster-services', 'config', ABSENT)];
    return notesOn(await Promise.all(looks));
  },
});
