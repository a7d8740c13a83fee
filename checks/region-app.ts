import { askPages, notesOnPages } from '../src/analysis/app/look.ts';
import * as metrics from '../src/analysis/app/metrics.ts';
import { rules } from '../src/analysis/app/rules.ts';
import { uptimeNotes } from '../src/analysis/app/uptime.ts';
import { defineCheck } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';

/** Longer than a slow page takes, so that a slow one is told from one that hangs. */
const PAGE = { timeout: seconds(6) };

export default defineCheck({
  name: 'region-app',
  about:
    "Whether MAAS's own pages (login and API) come from its URL and from each node: what answers there, what it waits for, and since when it runs.",
  every: '30s',
  timeout: seconds(8),
  metrics: [metrics.state, metrics.serves, metrics.answerTime, metrics.phaseTime, metrics.started],
  rules,
  run: async (region, { io, clock }) => {
    const statusPath = region.app?.statusPath;
    const [url, nodes, since] = await Promise.all([
      askPages(io, region, { ...PAGE, server: 'vip' }),
      Promise.all(
        region.nodes.map(({ name: server, address: host }) =>
          askPages(io, region, { ...PAGE, server, host }),
        ),
      ),
      Promise.all(
        statusPath === undefined
          ? []
          : region.nodes.map((node) => uptimeNotes({ io, clock }, region, node, statusPath)),
      ),
    ]);
    return [...[url, ...nodes].flatMap((asked) => notesOnPages(region, asked)), ...since.flat()];
  },
});
