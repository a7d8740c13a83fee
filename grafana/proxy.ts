import { most, movedUp, stateOf } from './asks.ts';
import { yesIsBad, yesIsGood } from './look.ts';
import { lines, timeline, type PanelSpec } from './panels.ts';

/* The caching proxy: what it is like at the virtual address and on each node, and how it fetches. */

const PLACE = '{{server}} {{service}}';

export const PROXY: Readonly<Record<string, PanelSpec>> = {
  proxyStates: timeline({
    title: 'Proxy at each port',
    about:
      'What a real fetch of the configured object comes to, at the virtual address (vip) and at each node.',
    asks: [stateOf('maasha_proxy_state', PLACE)],
    absent: 'unknown, or no proxy is configured',
    words: { statesOf: 'maasha_proxy_state' },
  }),
  proxyWorks: timeline({
    title: 'Proxy: in use and spare',
    about:
      'What is wrong with the proxy at the virtual address, if anything; and whether the one on each node works as well as any.',
    asks: [
      most('maasha_proxy_broken', 'broken'),
      most('maasha_proxy_cannot_fetch', 'cannot fetch'),
      most('maasha_proxy_refuses', 'refuses'),
      most('maasha_proxy_wrong_content', 'wrong content'),
      movedUp(10, 'maasha_proxy_node_works', '{{node}}'),
    ],
    absent: 'unknown, or no proxy is configured',
    words: { ...yesIsBad('no', 'yes'), 10: ['does not work', 'warn'], 11: ['works', 'good'] },
  }),
  proxyTime: lines({
    title: 'Proxy: time to fetch',
    about: 'From connecting to the last byte of the object, freshly fetched from its origin.',
    asks: [most('maasha_proxy_fetch_seconds', PLACE)],
    unit: 's',
    absent: 'nothing was fetched, or unknown',
    min: 0,
    alerts: ['MaasHaProxyCannotFetch'],
  }),
  proxyCache: timeline({
    title: 'Proxy: does its cache keep the object',
    about:
      'Whether a second, usual request was answered from the cache. A full disk, or an object that may not be kept, is fetched each time.',
    asks: [most('maasha_proxy_cache_hit', PLACE)],
    absent: 'unknown, or the object may not be kept',
    words: yesIsGood('fetched again', 'kept', 'note'),
  }),
};
