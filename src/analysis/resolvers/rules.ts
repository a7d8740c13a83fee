import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { disagree, resolving, wait, works } from './metrics.ts';

/*
 * What is bad for a machine that looks names up. Why it is so is most often known to the checks of the DNS
 * servers: then theirs is the alert, and these wait longer than theirs.
 */

/** Without the master, names outside of MAAS end there. */
const MASTER_GONE = [
  { alert: 'MaasHaDnsUpstreamBroken' },
  { alert: 'MaasHaDnsMasterDown' },
  { alert: 'MaasHaVipServiceDown', where: { service: 'dns' } },
  { alert: 'MaasHaVipAllServicesDown' },
  { alert: 'MaasHaVipUnreachable' },
] as const;

const OUTSIDE = { name: 'outside' } as const;

const SERVER_GONE = [
  { alert: 'MaasHaDnsSlaveDown', on: { server: 'node' } },
  { alert: 'MaasHaNodeDown', on: { server: 'node' } },
  { alert: 'MaasHaDnsAllSlavesDown' },
  { alert: 'MaasHaRegionDown' },
  { alert: 'MaasHaDnsClientsBlind' },
  { alert: 'MaasHaDnsForwardBroken', on: { server: 'server' } },
  { alert: 'MaasHaDnsTransportBroken', on: { server: 'server' } },
  { alert: 'MaasHaDnsZoneNotAuthoritative', on: { server: 'server' } },
  ...MASTER_GONE,
] as const;

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsClientsBlind',
    severity: 'critical',
    metric: resolving,
    when: { equal: 0 },
    for: seconds(150),
    inhibitedBy: [
      { alert: 'MaasHaDnsAllSlavesDown' },
      { alert: 'MaasHaRegionDown' },
      { alert: 'MaasHaDnsZoneNotAuthoritative', only: { name: 'inside' } },
      ...MASTER_GONE.map((each) => ({ ...each, only: OUTSIDE })),
    ],
    summary: 'No slave DNS resolves names {name} of MAAS: machines cannot work with those',
  },
  {
    name: 'MaasHaDnsResolverFailing',
    severity: 'warning',
    metric: works,
    when: { equal: 0 },
    for: seconds(150),
    inhibitedBy: SERVER_GONE,
    summary:
      'The slave DNS on {server} answers, and does not resolve what machines ask: they have one resolver less',
  },
  {
    name: 'MaasHaDnsClientsSlow',
    severity: 'warning',
    metric: wait,
    when: { above: 1 },
    clear: { below: 0.5 },
    for: seconds(150),
    inhibitedBy: [{ alert: 'MaasHaDnsResolverFailing', on: { server: 'server' } }, ...SERVER_GONE],
    summary:
      'Machines that ask {server} first wait {value} s for a name {name} of MAAS: logins and installations crawl',
  },
  {
    name: 'MaasHaDnsResolversDisagree',
    severity: 'info',
    metric: disagree,
    when: { equal: 1 },
    for: seconds(600),
    inhibitedBy: [
      { alert: 'MaasHaDnsMasterRegressed' },
      { alert: 'MaasHaDnsSlaveBehind' },
      { alert: 'MaasHaDnsZoneBehind' },
      { alert: 'MaasHaDnsZoneContentDiffers' },
    ],
    summary: 'Two slave DNS servers give different addresses for one name of MAAS',
  },
];
