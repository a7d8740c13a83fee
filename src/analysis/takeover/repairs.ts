import type { Region } from '../../core/region.ts';

/* The one command that brings each part to the node that holds the address. */

const restart = (node: string, service: string): string =>
  `on ${node}: sudo service ${service} restart`;

const application = ({ generation }: Region): string =>
  generation === 1 ? 'apache2' : 'maas-regiond';

/** Behind a web server that answers by itself it is the application that is missing. */
const ofHttp = (region: Region, state: string): string => {
  if (state === 'no_backend') return 'maas-regiond';
  return region.generation === 2 && state === 'closed' ? 'nginx' : application(region);
};

export const REPAIRS = {
  http: (region: Region, node: string, state: string): string =>
    restart(node, ofHttp(region, state)),
  dns: (_: Region, node: string): string => restart(node, 'bind9'),
  proxy: (_: Region, node: string): string => restart(node, 'maas-proxy'),
  rpc: (region: Region, node: string): string => restart(node, application(region)),
  clusters: ({ generation }: Region, names: readonly string[]): string =>
    `once the other parts are there: ${restart(names.join(', '), generation === 1 ? 'maas-clusterd' : 'maas-rackd')}`,
} as const;
