import type { Cluster, Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { SECOND_DATABASE } from '../support/maas-answers.ts';
import { region } from '../support/region.ts';

/* The region in which all is well: every section is there, so that every check has something to look at. */

export const [RC1, RC2, VIP] = ['172.31.16.32', '172.31.16.33', '172.31.16.39'] as const;

/** What the proxies fetch. */
const OBJECT = 'http://www.example.org/maasha.txt';
export const KEY = '00112233445566778899aabbccddeeff';
export const CLUSTER = '172.31.16.34';
export const UUID_4 = '5d9a7b0e-0000-4000-8000-000000000034';

/** Where a cluster serves DHCP, and what switches its machines. */
const POWER_AND_SEGMENT: Pick<Cluster, 'segment' | 'bmcs'> = {
  segment: { interface: 'eth1', servers: [CLUSTER] },
  bmcs: [
    { name: 'bmc1', address: '172.31.17.90' },
    { name: 'bmc2', address: '172.31.17.91' },
  ],
};

/** Every section is there, so that no check may skip instead of looking. */
export const wholeRegion = (changes: Partial<Region> = {}): Region =>
  region({
    proxy: { ports: [8000], object: { url: OBJECT, expect: 'small object' } },
    app: { statusPath: '/server-status' },
    interface: 'eth0',
    alsoVips: ['2001:db8::39'],
    marker: { port: 80, path: '/node' },
    rpc: { secret: new Secret(KEY), interval: seconds(60) },
    dns: {
      masterPort: 5353,
      slavePort: 53,
      zones: ['maas3', '16.31.172.in-addr.arpa'],
      outsideName: 'www.example.org',
      transfer: true,
    },
    declaredIn: {
      source: { from: 'file', path: '/etc/puppet/common.yaml' },
      pattern: String.raw`^maas::primary: *(\S+)`,
    },
    fencing: {
      role: 'maas',
      reports: {
        rc1: { from: 'pushed', name: 'fence-rc1' },
        rc2: { from: 'pushed', name: 'fence-rc2' },
      },
    },
    clusters: [
      {
        name: 'maas4',
        address: CLUSTER,
        services: ['tftp', 'http', 'iscsi'],
        ...POWER_AND_SEGMENT,
        backup: {
          source: { from: 'file', path: '/srv/backup/maas4/maas_cluster.conf' },
          maxAge: seconds(93_600),
        },
      },
    ],
    ...changes,
  });

/** The same of MAAS 2.0 and later, for checks that do not exist in a region of 1.x. */
export const secondRegion = (): Region =>
  wholeRegion({
    generation: 2,
    postgres: { port: 5432, user: 'maasha', database: SECOND_DATABASE },
  });
