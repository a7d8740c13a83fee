import { describe, expect, it, test } from 'vitest';
import { catalogueOf } from '../../alerts/catalogue.ts';
import { buildCauses, explains } from '../../alerts/causes.ts';
import { seconds } from '../../src/core/time.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { CATALOGUE, DATABASE, DOUBLE, ISOLATED, LAG, NODE, rule, VIP } from './house.ts';

const warning = { severity: 'warning' } as const;

describe('the graph of causes', () => {
  it('reaches through what has not fired', () => {
    expect(CATALOGUE.causes['MaasHaLag']).toEqual([
      { alert: 'MaasHaDatabase', on: { node: 'node' } },
      { alert: 'MaasHaNode', on: { node: 'node' } },
      { alert: 'MaasHaMonitorIsolated', on: {} },
    ]);
  });

  it('translates a join through the label in between', () => {
    const upper = rule('Upper', { ...warning, labels: ['host'] });
    const middle = rule('Middle', {
      ...warning,
      labels: ['node'],
      inhibitedBy: [{ alert: 'MaasHaUpper', on: { node: 'host' } }],
    });
    const lower = rule('Lower', {
      ...warning,
      labels: ['standby'],
      inhibitedBy: [{ alert: 'MaasHaMiddle', on: { standby: 'node' } }],
    });
    expect(buildCauses([upper, middle, lower])['MaasHaLower']).toContainEqual({
      alert: 'MaasHaUpper',
      on: { standby: 'host' },
    });
  });

  it('lets go of a join that the alert in between leaves open', () => {
    const lower = rule('Lower', { ...warning, inhibitedBy: [{ alert: 'MaasHaDatabase' }] });
    expect(buildCauses([NODE, DATABASE, lower])['MaasHaLower']).toEqual([
      { alert: 'MaasHaDatabase', on: {} },
      { alert: 'MaasHaNode', on: {} },
    ]);
  });

  it('lets the isolation of the monitor explain everything but itself', () => {
    const causes = buildCauses([ISOLATED, VIP, DOUBLE]);
    expect(causes).toEqual({
      MaasHaMonitorIsolated: [],
      MaasHaVip: [{ alert: 'MaasHaMonitorIsolated', on: {} }],
      MaasHaDouble: [{ alert: 'MaasHaMonitorIsolated', on: {} }],
    });
  });

  it('still reaches through a rule that the operator has switched off', () => {
    const inUse = { check: 'x', rules: [NODE, LAG], interval: seconds(10), timeout: seconds(5) };
    const catalogue = catalogueOf([inUse], undefined, [NODE, DATABASE, LAG]);
    expect(catalogue.causes['MaasHaLag']).toContainEqual({
      alert: 'MaasHaNode',
      on: { node: 'node' },
    });
  });

  test.each([
    [
      'a name that nobody has',
      [rule('A', { ...warning, inhibitedBy: [{ alert: 'MaasHaNobody' }] })],
      'MaasHaA: no alert is named MaasHaNobody',
    ],
    [
      'a join on a label of its own that does not identify it',
      [NODE, rule('A', { ...warning, inhibitedBy: [{ alert: NODE.name, on: { peer: 'node' } }] })],
      'MaasHaA: nothing can be joined on "peer", which does not identify it',
    ],
    [
      'a join on a label that the cause has not',
      [
        VIP,
        rule('A', {
          ...warning,
          labels: ['node'],
          inhibitedBy: [{ alert: VIP.name, on: { node: 'node' } }],
        }),
      ],
      'MaasHaVip: nothing can be joined on "node", which does not identify it',
    ],
    [
      'a cause of what must never be explained',
      [VIP, rule('A', { ...warning, confirm: true, inhibitedBy: [{ alert: VIP.name }] })],
      'MaasHaA: wants a second look at once, so MaasHaVip must not explain it',
    ],
    ['one name twice', [VIP, VIP], 'MaasHaVip is declared twice'],
    [
      'a circle, which it names',
      [
        rule('A', { ...warning, inhibitedBy: [{ alert: 'MaasHaB' }] }),
        rule('B', { ...warning, inhibitedBy: [{ alert: 'MaasHaC' }] }),
        rule('C', { ...warning, inhibitedBy: [{ alert: 'MaasHaB' }] }),
      ],
      'alerts explain each other in a circle: MaasHaB → MaasHaC → MaasHaB',
    ],
    [
      'an alert that explains itself',
      [rule('A', { ...warning, inhibitedBy: [{ alert: 'MaasHaA' }] })],
      'in a circle: MaasHaA → MaasHaA',
    ],
    [
      'an isolation that something else explains',
      [VIP, rule('MonitorIsolated', { ...warning, inhibitedBy: [{ alert: 'MaasHaVip' }] })],
      'in a circle: MaasHaVip → MaasHaMonitorIsolated → MaasHaVip',
    ],
  ])('refuses %s', (_, rules, message) => {
    expect(() => buildCauses(rules)).toThrow(message);
  });

  it('is sound for the checks of today', async () => {
    const rules = (await loadChecks()).flatMap((check) => check.rules);
    const causes = buildCauses(rules);
    expect(Object.keys(causes)).toHaveLength(rules.length);
    expect(causes['MaasHaWatchdogPeerLost']).toContainEqual({
      alert: 'MaasHaNodeDown',
      on: { peer: 'node' },
    });
  });
});

test.each([
  ['of the same node', { node: 'a' }, { node: 'a' }, true],
  ['of another node', { node: 'b' }, { node: 'a' }, false],
])('a joined cause explains an alert %s: %o', (_, cause, own, expected) => {
  expect(
    explains(
      { alert: 'MaasHaNode', on: { node: 'node' } },
      { rule: 'MaasHaNode', labels: cause },
      own,
    ),
  ).toBe(expected);
});
