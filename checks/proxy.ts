import { askProxy } from '../src/analysis/proxy/ask.ts';
import * as metrics from '../src/analysis/proxy/metrics.ts';
import { AT_VIP, notesOnProxies, type Looked } from '../src/analysis/proxy/notes.ts';
import { rules } from '../src/analysis/proxy/rules.ts';
import { defineCheck, skip } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';

export default defineCheck({
  name: 'proxy',
  about:
    'Whether the caching proxy really fetches a small object, at the virtual address and on each node.',
  every: '30s',
  timeout: seconds(12),
  absence: ({ proxy }) =>
    proxy === undefined ? 'no proxy is configured (section `proxy`)' : undefined,
  metrics: Object.values(metrics),
  rules,
  run: async ({ vip, nodes, proxy }, { io }) => {
    if (proxy === undefined) return [skip('proxy', 'config', 'no proxy is configured')];
    const { ports, object } = proxy;
    const look = async (server: string, host: string): Promise<Looked> => ({
      server,
      ports: await Promise.all(
        ports.map(async (port) => ({ port, seen: await askProxy(io, { host, port }, object) })),
      ),
    });
    const [atVip, ...atNodes] = await Promise.all([
      look(AT_VIP, vip),
      ...nodes.map(({ name, address }) => look(name, address)),
    ]);
    return notesOnProxies(atVip, atNodes);
  },
});
