import { bootHttp } from './boot-http.ts';
import { iscsi } from './iscsi.ts';
import { ntp } from './ntp.ts';
import { omapi } from './omapi.ts';
import type { Service } from './service.ts';
import { syslog } from './syslog.ts';
import { tftp } from './tftp.ts';
import type { Cluster, ClusterService } from '../../core/region.ts';

/** What can be asked over the network from anywhere. DHCP cannot: it answers on its own segment only. */
export const SERVICES: Readonly<Partial<Record<ClusterService, Service>>> = {
  tftp,
  http: bootHttp,
  iscsi,
  omapi,
  ntp,
  syslog,
};

/** The services of a cluster that can be asked, in the order of the configuration, each once. */
export const servicesOf = ({
  services,
}: Cluster): readonly (readonly [ClusterService, Service])[] =>
  [...new Set(services)].flatMap((name) => {
    const service = SERVICES[name];
    return service === undefined ? [] : [[name, service] as const];
  });
