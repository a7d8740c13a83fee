import { gauge, stateset } from '../../core/metric.ts';
import { PROXY_STATES } from './answer.ts';

/* What is measured of the caching proxy; `rules.ts` says what is bad about it. */

export const state = stateset({
  name: 'maasha_proxy_state',
  help: 'What the caching proxy behind this port is like, as a request of the monitor for the configured object shows; works and cached are well.',
  labels: ['server', 'service'],
  states: PROXY_STATES,
});
export const fetchTime = gauge({
  name: 'maasha_proxy_fetch_seconds',
  help: 'Time from connecting to the proxy to the last byte of the configured object, freshly fetched from its origin.',
  labels: ['server', 'service'],
});
export const cacheHit = gauge({
  name: 'maasha_proxy_cache_hit',
  help: 'Whether the proxy answered a second, usual request for the configured object from its cache (1) or fetched it again (0); absent where the object may not be kept.',
  labels: ['server', 'service'],
});
export const broken = gauge({
  name: 'maasha_proxy_broken',
  help: 'Whether the proxy takes connections at the virtual address and does not do its work: it hangs, hangs up, or is no proxy (1), or not (0).',
  labels: [],
});
export const cannotFetch = gauge({
  name: 'maasha_proxy_cannot_fetch',
  help: 'Whether the proxy at the virtual address answers and cannot get the configured object from its origin (1), or not (0).',
  labels: [],
});
export const refuses = gauge({
  name: 'maasha_proxy_refuses',
  help: 'Whether the proxy at the virtual address answers and refuses to serve the monitor (1), or not (0).',
  labels: [],
});
export const wrongContent = gauge({
  name: 'maasha_proxy_wrong_content',
  help: 'Whether the proxy at the virtual address gives something else than the configured object (1), or not (0).',
  labels: [],
});
export const nodeWorks = gauge({
  name: 'maasha_proxy_node_works',
  help: 'Whether the caching proxy at the own address of the node works for the monitor, or lacks only what every proxy of the region lacks (1), or not (0).',
  labels: ['node'],
});
