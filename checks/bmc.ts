import { lookAtBmc } from '../src/analysis/bmc/ask.ts';
import { notesOnBmcs } from '../src/analysis/bmc/notes.ts';
import * as metrics from '../src/analysis/bmc/rules.ts';
import { defineCheck, skip } from '../src/core/check.ts';
import type { Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

export default defineCheck({
  name: 'bmc',
  about:
    'Whether the power controllers (BMCs) of machines answer: without them MAAS can switch nothing on or off. Asked without a login.',
  every: '1m',
  timeout: seconds(8),
  absence: (region) =>
    bmcsOf(region).length === 0
      ? 'no cluster names power controllers (`bmcs` of a cluster)'
      : undefined,
  metrics: [metrics.up, metrics.hostUp, metrics.upCount],
  rules: metrics.rules,
  run: async (region, { io }) => {
    const clusters = bmcsOf(region);
    if (clusters.length === 0) return [skip('bmc', 'config', 'no cluster has `bmcs`')];
    const notes = clusters.map(async ({ name, bmcs }) =>
      notesOnBmcs(name, await Promise.all(bmcs.map((bmc) => lookAtBmc(io, bmc)))),
    );
    return (await Promise.all(notes)).flat();
  },
});

const bmcsOf = ({ clusters }: Region) =>
  clusters.flatMap(({ name, bmcs = [] }) => (bmcs.length === 0 ? [] : [{ name, bmcs }]));
