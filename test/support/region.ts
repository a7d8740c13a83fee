import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';

/** The seed's own set-up; a test changes what it is about. */
export const region = (changes: Partial<Region> = {}): Region => ({
  name: 'maas3',
  vip: '172.31.16.39',
  generation: 1,
  maasUrl: 'http://172.31.16.39/MAAS',
  nodes: [
    { name: 'rc1', address: '172.31.16.32' },
    { name: 'rc2', address: '172.31.16.33' },
  ],
  trustedServers: ['172.31.16.1', '172.31.16.254'],
  declaredPrimary: 'rc1',
  postgres: { port: 5432, user: 'maasha', password: new Secret('pg-secret'), database: 'maasdb' },
  pgpool: { port: 9999, pcp: { port: 9898, user: 'root', password: new Secret('lab-pcp') } },
  dns: { masterPort: 5353, slavePort: 53, zones: ['maas3', '16.31.172.in-addr.arpa'] },
  rpc: { interval: seconds(60) },
  clusters: [{ name: 'maas4', address: '172.31.16.34', services: [] }],
  ...changes,
});
