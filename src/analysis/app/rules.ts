import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { answerTime, serves, state } from './metrics.ts';

/* What is bad about the pages of MAAS, at the address that its users have. */

const AT_URL = { server: 'vip' };

/** What follows a move of the address is told by the check on it, all parts in one. */
const byFailover = [
  { alert: 'MaasHaFailover', where: { of: 'vip' } },
  { alert: 'MaasHaFailoverIncomplete' },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaAppBackendGone',
    severity: 'critical',
    metric: state,
    where: { ...AT_URL, state: 'no_backend' },
    when: { equal: 1 },
    for: seconds(30),
    inhibitedBy: byFailover,
    summary:
      'The web server of the region answers, and no application behind it: start the application, not the web server',
  },
  {
    name: 'MaasHaAppNotServing',
    severity: 'critical',
    metric: serves,
    where: AT_URL,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaVipServiceDown', where: { service: 'http' } },
      { alert: 'MaasHaAppBackendGone' },
      // What /MAAS/rpc/ does not answer either has its first steps there.
      { alert: 'MaasHaRegionRpcDown' },
      ...byFailover,
    ],
    summary:
      'The login page or the API of MAAS does not come: people and programs cannot use the region',
  },
  {
    name: 'MaasHaAppSlow',
    severity: 'warning',
    metric: answerTime,
    where: AT_URL,
    when: { above: 2 },
    clear: { below: 1 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaAppNotServing' },
      { alert: 'MaasHaVipPacketLoss' },
      { alert: 'MaasHaPgpoolBackendHangs' },
      { alert: 'MaasHaConnectionsExhausted' },
      ...byFailover,
    ],
    summary: 'The login page of the region takes {value} s: soon requests wait for each other',
  },
];
