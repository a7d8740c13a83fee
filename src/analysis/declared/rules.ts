import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';

/** Half of the 30 minutes between two runs of Puppet's agent where nobody set another interval. */
const SOON = 900;

export const declaredRules: readonly Rule[] = [
  {
    name: 'MaasHaPrimaryDrift',
    severity: 'warning',
    metric: metrics.primaryDrift,
    when: { equal: 1 },
    for: seconds(60),
    inhibitedBy: [
      // Its database is down or being rebuilt: what to declare is part of that repair.
      { alert: 'MaasHaPostgresDown', on: { node: 'node' } },
      { alert: 'MaasHaStandbyMissing', on: { node: 'standby' } },
      { alert: 'MaasHaTwoPrimaries' },
      // A failover asks for this edit; whoever moved the primary has its time of grace to make it.
      { alert: 'MaasHaFailover' },
      { alert: 'MaasHaPrimaryDriftLasts', on: { node: 'node' } },
    ],
    summary: '{node} is declared to be the primary and is not: what is configured may act on it',
  },
  {
    name: 'MaasHaPrimaryDriftLasts',
    severity: 'critical',
    metric: metrics.driftSeconds,
    when: { above: SOON },
    for: seconds(0),
    // Not by the node that is down: the next run can make a standby of the only database that is left.
    inhibitedBy: [{ alert: 'MaasHaTwoPrimaries' }],
    summary:
      '{node} is declared to be the primary for {value} s after it ceased to be: the next run of configuration management may turn the real one into a standby',
  },
  {
    name: 'MaasHaDeclaredPrimaryUnknown',
    severity: 'warning',
    metric: metrics.declaredKnown,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: [{ alert: 'MaasHaMonitorIsolated' }],
    summary:
      'It cannot be read which node configuration management declares to be the primary: a drift would not be seen',
  },
  {
    name: 'MaasHaDeclaredPrimaryContradicted',
    severity: 'info',
    metric: metrics.declaredTwice,
    when: { equal: 1 },
    for: seconds(60),
    inhibitedBy: [{ alert: 'MaasHaPrimaryDrift' }, { alert: 'MaasHaPrimaryDriftLasts' }],
    summary:
      '`declared_primary` in maasha.yaml names another node than configuration management does, and is not used',
  },
];
