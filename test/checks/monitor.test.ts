import { describe, expect, it, test } from 'vitest';
import monitor from '../../checks/monitor.ts';
import { MONITOR, type MonitorFacts } from '../../src/core/ports/monitor.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { runCheck } from '../support/run-check.ts';

const clock = new FakeClock();
const ago = (time: number) => instant(clock.steady() - time * 1000);

const well: MonitorFacts = {
  checks: [
    { check: 'vip', region: 'maas3' },
    { check: 'monitor', region: 'monitor' },
  ],
  delivery: [{ channel: 'slack', failing: false, dead: 0 }],
  store: { durable: true },
  clock: { jumps: [] },
  config: { rejected: false, problems: [] },
  alertPath: [{ channel: 'slack', through: [], unresolved: [], hidden: [] }],
  deadMan: { every: seconds(60), silent: seconds(30) },
};

const look = (changes: Partial<MonitorFacts> = {}) =>
  runCheck(monitor, MONITOR, fakePorts({ monitor: { facts: () => ({ ...well, ...changes }) } }), {
    clock,
  });

it('observes good values too, so that alerts end', async () => {
  const { values, alerts, gaps, skips, evidence } = await look();
  expect(values).toEqual({
    'maasha_monitor_check_overdue{check="vip",watched="maas3"}': 0,
    'maasha_monitor_delivery_failing{channel="slack"}': 0,
    'maasha_monitor_delivery_given_up{channel="slack"}': 0,
    'maasha_monitor_delivery_oldest_seconds{channel="slack"}': 0,
    'maasha_monitor_store_durable{}': 1,
    'maasha_monitor_store_replaced{}': 0,
    'maasha_monitor_alert_path_through_region{channel="slack"}': 0,
    'maasha_monitor_clock_jump_seconds{}': 0,
    'maasha_monitor_config_rejected{}': 0,
    'maasha_monitor_dead_man_failing{}': 0,
    'maasha_monitor_dead_man_silent_seconds{}': 30,
  });
  expect([alerts, gaps, skips, evidence]).toEqual([[], [], [], []]);
});

it('has nothing to say where no service runs', async () => {
  const { notes, skips } = await runCheck(monitor, MONITOR, fakePorts());
  expect(notes).toHaveLength(1);
  expect(skips[0]?.reason).toContain('no service runs here');
});

const path = { channel: 'slack', through: [], unresolved: [], hidden: [] };

test.each<[string, Partial<MonitorFacts>, string, string]>([
  [
    'a check that does not complete',
    { checks: [{ check: 'vip', region: 'maas3', silent: seconds(95) }] },
    'MaasHaMonitorCheckOverdue vip maas3',
    'vip on maas3: has not completed for 1m 35s',
  ],
  [
    'a channel that does not deliver',
    {
      delivery: [
        { channel: 'slack', failing: true, dead: 0, oldest: seconds(150), why: 'token_revoked' },
        { channel: 'email', failing: false, dead: 0 },
      ],
    },
    'MaasHaMonitorDeliveryFailing slack',
    'slack: does not deliver: token_revoked',
  ],
  [
    'a store that cannot be written',
    { store: { durable: false, why: 'no space left on device' } },
    'MaasHaMonitorStoreNotDurable',
    'store: cannot be written: no space left on device',
  ],
  [
    'a store that was begun anew',
    { store: { durable: true, replaced: { at: ago(3599), to: 'state.db.corrupt' } } },
    'MaasHaMonitorStoreReplaced',
    'store: was broken; it is kept as state.db.corrupt',
  ],
  [
    'a way to the people through the region',
    {
      alertPath: [{ ...path, through: ['smtp.lab, 10.0.0.1, is region controller rc1 of maas3'] }],
    },
    'MaasHaMonitorAlertPathThroughRegion slack',
    'way to slack: smtp.lab, 10.0.0.1, is region controller rc1 of maas3',
  ],
  [
    'a clock that went back',
    { clock: { jumps: [{ at: ago(60), by: seconds(-3600) }] } },
    'MaasHaMonitorClockJumped',
    'clock: went back by 1h',
  ],
  [
    'a configuration that was refused',
    { config: { rejected: true, problems: ['maasha.yaml:3:5: regions[0].vip: found "x"'] } },
    'MaasHaMonitorConfigRejected',
    'configuration: maasha.yaml:3:5: regions[0].vip: found "x"',
  ],
  [
    'a watcher outside that takes no ping',
    { deadMan: { every: seconds(60), silent: seconds(181), why: 'it answered 404' } },
    'MaasHaMonitorDeadManFailing',
    'dead man: it answered 404',
  ],
])('%s is an alert, and the evidence says why', async (_, changes, alert, says) => {
  const { alerts, evidence } = await look(changes);
  expect(alerts).toEqual([alert]);
  expect(evidence.map((each) => `${each.subject}: ${each.says}`)).toContain(says);
});

describe('what is not bad', () => {
  it('a store that was begun anew is told for an hour', async () => {
    const { alerts, values } = await look({
      store: { durable: true, replaced: { at: ago(3600) } },
    });
    expect(alerts).toEqual([]);
    expect(values['maasha_monitor_store_replaced{}']).toBe(0);
  });

  it('one ping that failed is no alert yet, but is said', async () => {
    const { alerts, evidence } = await look({
      deadMan: { every: seconds(60), silent: seconds(100), why: 'it answered 502' },
    });
    expect(alerts).toEqual([]);
    expect(evidence[0]).toMatchObject({ subject: 'dead man', says: 'it answered 502' });
  });

  it('it is never overdue itself: the run is the proof', async () => {
    const { values } = await look({
      checks: [{ check: 'monitor', region: 'monitor', silent: seconds(100) }],
    });
    expect(Object.keys(values).filter((name) => name.includes('overdue'))).toEqual([]);
  });

  it('without a dead man there is nothing that could fail, and it says what that means', async () => {
    const { alerts, skips, notes, values } = await runCheck(
      monitor,
      MONITOR,
      fakePorts({
        monitor: { facts: () => ({ checks: [], clock: well.clock, config: well.config }) },
      }),
    );
    expect(alerts).toEqual([]);
    expect(skips[0]?.reason).toContain('nobody notices if the monitor dies');
    expect(notes).toContainEqual(expect.objectContaining({ kind: 'inapplicable', labels: {} }));
    expect(Object.keys(values)).toEqual([
      'maasha_monitor_clock_jump_seconds{}',
      'maasha_monitor_config_rejected{}',
    ]);
  });
});

describe('a way that cannot be seen whole is not called good', () => {
  const observed = (values: Readonly<Record<string, number>>) =>
    Object.keys(values).some((name) => name.includes('through_region'));

  it('a name that does not resolve is a gap', async () => {
    const { values, gaps } = await look({
      alertPath: [{ ...path, unresolved: ['slack.com does not resolve'] }],
    });
    expect(observed(values)).toBe(false);
    expect(gaps[0]?.failure.code).toBe('resolve');
  });

  it('a name server on this host is only said', async () => {
    const { values, skips } = await look({ alertPath: [{ ...path, hidden: ['it does not say'] }] });
    expect(observed(values)).toBe(false);
    expect(skips[0]).toMatchObject({ subject: 'way to slack', reason: 'it does not say' });
  });

  it('what is known to be bad stays bad', async () => {
    const { alerts } = await look({
      alertPath: [{ channel: 'slack', through: ['x'], unresolved: ['y'], hidden: ['z'] }],
    });
    expect(alerts).toEqual(['MaasHaMonitorAlertPathThroughRegion slack']);
  });
});

it('of several jumps the greatest counts', async () => {
  const { values } = await look({
    clock: {
      jumps: [
        { at: ago(9), by: seconds(7) },
        { at: ago(5), by: seconds(-12) },
      ],
    },
  });
  expect(values['maasha_monitor_clock_jump_seconds{}']).toBe(12);
});
