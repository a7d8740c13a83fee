import type { LabService, Section } from '../services.ts';

/* No daemon: the slaves are always there. What machines look up of MAAS is one of its hosts. */

const service: LabService = {
  daemons: {},
  write: () => undefined,
  configure(region) {
    (region['dns'] as Section)['inside_name'] = 'mon.maas3';
  },
};

export default service;
