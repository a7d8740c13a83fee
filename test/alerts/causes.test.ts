import { describe, expect, it, test } from 'vitest';
import { catalogueOf } from '../../alerts/catalogue.ts';
import { buildCauses, explains, seatsOf } from '../../alerts/causes.ts';
import type { Rule } from '../../src/core/rule.ts';
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

  it('holds a cause to the label values that are wanted of it, through what is in between too', () => {
    const labels = ['service'];
    const upper = rule('Upper', { ...warning, labels });
    const middle = rule('Middle', {
      ...warning,
      labels,
      inhibitedBy: [{ alert: 'MaasHaUpper', on: { service: 'service' } }],
    });
    const where = { service: 'http' };
    const lower = rule('Lower', { ...warning, inhibitedBy: [{ alert: 'MaasHaMiddle', where }] });
    const causes = buildCauses([upper, middle, lower])['MaasHaLower'] ?? [];
    expect(causes).toEqual([
      { alert: 'MaasHaMiddle', on: {}, where },
      { alert: 'MaasHaUpper', on: {}, where },
    ]);
    const middles = ['http', 'dns'].map((service) => ({ rule: middle.name, labels: { service } }));
    expect(middles.map((each) => explains(causes[0]!, each, {}))).toEqual([true, false]);
  });

  it('explains only those that are meant, and what lies behind them', () => {
    const labels = ['service'];
    const upper = rule('Upper', warning);
    const only = { service: 'pgpool' };
    const middle = rule('Middle', {
      ...warning,
      labels,
      inhibitedBy: [{ alert: 'MaasHaUpper', only }],
    });
    const behind = (service: string) =>
      rule('Lower', {
        ...warning,
        inhibitedBy: [{ alert: 'MaasHaMiddle', where: { service } }],
      });
    const cause = buildCauses([upper, middle])['MaasHaMiddle']![0]!;
    expect(seatsOf(cause, { service: 'pgpool' }, {})).toHaveLength(1);
    expect(seatsOf(cause, { service: 'dns' }, {})).toBeUndefined();
    const namesFor = (service: string) =>
      buildCauses([upper, middle, behind(service)])['MaasHaLower']?.map(({ alert }) => alert);
    expect(namesFor('pgpool')).toEqual(['MaasHaMiddle', 'MaasHaUpper']);
    expect(namesFor('dns')).toEqual(['MaasHaMiddle']);
  });

  it('refuses a value of a label that does not identify the cause', () => {
    const where = { node: 'rc1' };
    const lower = rule('Lower', { ...warning, inhibitedBy: [{ alert: 'MaasHaVip', where }] });
    expect(() => buildCauses([VIP, lower])).toThrow(/nothing can be joined on "node"/);
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

  describe('with several alerts at once', () => {
    const part = (alert: string, on = {}) => ({ alert: `MaasHa${alert}`, on });
    const top = rule('Top', warning);
    const [one, two] = ['One', 'Two'].map((name) =>
      rule(name, { ...warning, labels: ['node'], inhibitedBy: [{ alert: 'MaasHaTop' }] }),
    ) as [Rule, Rule];
    const both = rule('Both', {
      ...warning,
      labels: ['node'],
      inhibitedBy: [
        { alert: one.name, on: { node: 'node' }, and: [{ alert: two.name, on: { node: 'node' } }] },
      ],
    });
    const all = rule('All', { ...warning, inhibitedBy: [{ alert: one.name, every: 'node' }] });
    const declared = { ...part('One', { node: 'node' }), and: [part('Two', { node: 'node' })] };

    it('reaches through them to the one that explains each of them', () => {
      const causes = buildCauses([top, one, two, both, all]);
      expect(causes['MaasHaBoth']).toEqual([declared, part('Top')]);
      expect(causes['MaasHaAll']).toEqual([{ ...part('One'), every: 'node' }, part('Top')]);
    });

    it('does not reach to one that explains only some of them', () => {
      const free = rule('Two', { ...warning, labels: ['node'] });
      expect(buildCauses([top, one, free, both])['MaasHaBoth']).toEqual([declared]);
    });

    it('does not reach to one of the same name, where one for every name is needed', () => {
      const upper = rule('Upper', { ...warning, labels: ['node'] });
      const own = rule('One', {
        ...warning,
        labels: ['node'],
        inhibitedBy: [{ alert: upper.name, on: { node: 'node' } }],
      });
      const { MaasHaAll } = buildCauses([upper, own, all]);
      expect(MaasHaAll).toEqual([{ ...part('One'), every: 'node' }]);
    });

    it('reaches on to them only with all of their joins', () => {
      const joined = rule('Joined', {
        ...warning,
        labels: ['peer'],
        inhibitedBy: [{ alert: both.name, on: { peer: 'node' } }],
      });
      const loose = rule('Loose', { ...warning, inhibitedBy: [{ alert: both.name }] });
      const causes = buildCauses([top, one, two, both, joined, loose]);
      expect(causes['MaasHaJoined']).toEqual([
        part('Both', { peer: 'node' }),
        { ...part('One', { peer: 'node' }), and: [part('Two', { peer: 'node' })] },
        part('Top'),
      ]);
      expect(causes['MaasHaLoose']).toEqual([part('Both'), part('Top')]);
    });
  });

  test.each([
    [
      'a name that nobody has among several',
      [
        VIP,
        rule('A', {
          ...warning,
          inhibitedBy: [{ alert: VIP.name, and: [{ alert: 'MaasHaNobody' }] }],
        }),
      ],
      'MaasHaA: no alert is named MaasHaNobody',
    ],
    [
      'every one by a label that does not identify',
      [VIP, rule('A', { ...warning, inhibitedBy: [{ alert: VIP.name, every: 'node' }] })],
      'MaasHaVip: nothing can be joined on "node", which does not identify it',
    ],
    [
      'every one and one of the same name',
      [
        NODE,
        rule('A', {
          ...warning,
          labels: ['node'],
          inhibitedBy: [{ alert: NODE.name, on: { node: 'node' }, every: 'node' }],
        }),
      ],
      'MaasHaA: MaasHaNode cannot be joined on "node" and be wanted for every one',
    ],
    [
      'a circle through one of several',
      [
        VIP,
        rule('A', { ...warning, inhibitedBy: [{ alert: VIP.name, and: [{ alert: 'MaasHaB' }] }] }),
        rule('B', { ...warning, inhibitedBy: [{ alert: 'MaasHaA' }] }),
      ],
      'in a circle: MaasHaA → MaasHaB → MaasHaA',
    ],
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
