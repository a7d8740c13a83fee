import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DeliveryFailure, type Notifier } from '../../alerts/notifier.ts';
import { skip } from '../../src/core/check.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { acknowledge, meant, silence } from '../../src/runtime/alert-commands.ts';
import { memoryDocument } from '../../src/runtime/desk.ts';
import { alerting, channel, config } from '../support/alerting.ts';
import { testCheck } from '../support/checks.ts';

const nodeDown = gauge({ name: 'maasha_test_down', help: 'Bad is 1.', labels: ['node'] });
const database = gauge({ name: 'maasha_test_database', help: 'Bad is 1.', labels: ['node'] });
const rule = (name: string, metric: typeof nodeDown, change: Partial<Rule> = {}): Rule => ({
  name: `MaasHa${name}`,
  severity: 'critical',
  metric,
  when: { above: 0.5 },
  for: seconds(0),
  summary: `${name} on {node}`,
  ...change,
});
const NODE = rule('Node', nodeDown);
const DATABASE = rule('Database', database, {
  inhibitedBy: [{ alert: NODE.name, on: { node: 'node' } }],
});
const hosts = testCheck({ name: 'hosts', metrics: [nodeDown], rules: [NODE] });
const databases = testCheck({ name: 'databases', metrics: [database], rules: [DATABASE] });

const QUIET = { maintenance: [], channels: [channel('slack')] };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function rig(...channels: readonly ReturnType<typeof channel>[]) {
  const made = await alerting([hosts, databases], config(channels));
  closing.push(() => made.alerting.stop());
  return {
    ...made,
    node: (bad: boolean) => made.round(hosts, [observe(nodeDown, bad, { node: 'rc1' })]),
    database: (bad: boolean) => made.round(databases, [observe(database, bad, { node: 'rc1' })]),
    /** Ten seconds in which both look once. */
    both: async (down: boolean): Promise<void> => {
      await made.round(hosts, [observe(nodeDown, down, { node: 'rc1' })]);
      await made.round(databases, [observe(database, down, { node: 'rc1' })]);
      await made.pass(10);
    },
  };
}

describe('one incident', () => {
  it('is one message when it begins and one when it is over, with what it explains', async () => {
    const { both, recording } = await rig(channel('slack'));
    for (let round = 0; round < 6; round += 1) await both(true);
    expect(recording.lines()).toEqual(['slack open MaasHaNode node=rc1']);
    expect(recording.told[0]?.notice.explains.map((each) => each.rule)).toEqual(['MaasHaDatabase']);
    for (let round = 0; round < 12; round += 1) await both(false);
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'slack close MaasHaNode node=rc1',
    ]);
  });

  it('goes to every channel that its severity reaches', async () => {
    const { both, recording } = await rig(channel('slack'), channel('email'));
    for (let round = 0; round < 2; round += 1) await both(true);
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'email open MaasHaNode node=rc1',
    ]);
  });

  it('loses nothing to a channel that is broken meanwhile: it says both at once afterwards', async () => {
    const { both, recording, pass } = await rig(channel('slack'), channel('email'));
    recording.failures.set('slack', new DeliveryFailure('again', 'connection refused'));
    for (let round = 0; round < 3; round += 1) await both(true);
    for (let round = 0; round < 12; round += 1) await both(false);
    recording.failures.clear();
    await pass(600);
    expect(recording.lines().filter((line) => line.startsWith('email'))).toHaveLength(2);
    const slack = recording.told.filter((each) => each.channel === 'slack');
    expect(slack.map(({ notice }) => [notice.kind, notice.collapsed])).toEqual([['close', true]]);
  });

  it('escalates to the next channel when nobody takes care of it, and reminds', async () => {
    const { both, recording } = await rig(channel('slack'), channel('pager', { escalation: 1 }));
    for (let round = 0; round < 100; round += 1) await both(true);
    const lines = recording.lines();
    expect(lines).toContain('pager escalate MaasHaNode node=rc1');
    expect(lines).toContain('slack remind MaasHaNode node=rc1');
  });

  it('does not escalate once somebody takes care of it', async () => {
    const {
      both,
      recording,
      alerting: made,
    } = await rig(channel('slack'), channel('pager', { escalation: 1 }));
    await both(true);
    await both(true);
    for (const found of meant(made, 'MaasHaNode'))
      acknowledge(made, found, { by: 'anna', via: 'test' });
    for (let round = 0; round < 100; round += 1) await both(true);
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'slack acknowledge MaasHaNode node=rc1',
    ]);
  });
});

describe('an incident', () => {
  it('is as grave as the gravest that it explains, and reaches those who are told of that only', async () => {
    const mild = rule('Mild', nodeDown, { severity: 'warning' });
    const grave = rule('Grave', database, {
      inhibitedBy: [{ alert: mild.name, on: { node: 'node' } }],
    });
    const first = testCheck({ name: 'first', metrics: [nodeDown], rules: [mild] });
    const second = testCheck({ name: 'second', metrics: [database], rules: [grave] });
    const made = await alerting(
      [first, second],
      config([channel('slack'), channel('email', { severity: 'critical' })]),
    );
    closing.push(() => made.alerting.stop());
    for (let round = 0; round < 8; round += 1) {
      await made.round(first, [observe(nodeDown, true, { node: 'rc1' })]);
      await made.round(second, [observe(database, true, { node: 'rc1' })]);
      await made.pass(10);
    }
    const mails = made.recording.told.filter((each) => each.channel === 'email');
    expect(mails.map(({ notice }) => [notice.kind, notice.rule, notice.severity])).toEqual([
      ['open', 'MaasHaMild', 'critical'],
    ]);
  });

  it('is watched no longer when its check has nothing to look at by configuration', async () => {
    const { both, recording, round } = await rig(channel('slack'));
    for (let turn = 0; turn < 3; turn += 1) await both(true);
    await round(hosts, [], {
      state: 'skipped',
      skips: [skip('hosts', 'config', 'the section is gone')],
    });
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'slack retire MaasHaNode node=rc1',
    ]);
    expect(recording.told[1]?.notice.standing).toBe('retired');
  });
});

describe('a restart', () => {
  it('goes on where it was: nothing is told twice, and checks get back what they remember', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maasha-restart-'));
    closing.push(async () => {
      rmSync(folder, { recursive: true });
    });
    const kept = { ...config([channel('slack')]), alerting: { ...QUIET, state: folder } };
    const before = await alerting([hosts], kept);
    const bad = [observe(nodeDown, true, { node: 'rc1' })];
    await before.round(hosts, bad, { memory: { seen: 7 } });
    await before.pass(10);
    expect(before.recording.lines()).toEqual(['slack open MaasHaNode node=rc1']);
    await before.alerting.stop();

    const after = await alerting([hosts], kept);
    expect(after.alerting.ledger.document(memoryDocument('maas3', 'hosts'))).toEqual({ seen: 7 });
    for (let turn = 0; turn < 3; turn += 1) {
      await after.round(hosts, bad);
      await after.pass(10);
    }
    expect(after.recording.lines()).toEqual([]);
    for (let turn = 0; turn < 12; turn += 1) {
      await after.round(hosts, [observe(nodeDown, false, { node: 'rc1' })]);
      await after.pass(10);
    }
    expect(after.recording.lines()).toEqual(['slack close MaasHaNode node=rc1']);
    await after.alerting.stop();
  });
});

it('does not call durable what a new configuration wants kept elsewhere', async () => {
  const made = await alerting([hosts], config([channel('slack')]));
  closing.push(() => made.alerting.stop());
  expect(made.alerting.facts().store).toBeUndefined();
  const moved = { ...config([]), alerting: { ...QUIET, state: '/nowhere' } };
  await made.alerting.configure(moved, [hosts]);
  expect(made.alerting.facts().store).toMatchObject({
    durable: false,
    why: expect.stringContaining('restart') as string,
  });
});

describe('a person', () => {
  it('acknowledges by a gesture in the channel', async () => {
    const { both, recording } = await rig(channel('slack'));
    await both(true);
    const episode = recording.told[0]?.notice.episode.id ?? '';
    recording.gestures = [{ episode, does: 'acknowledge', by: 'anna' }];
    await both(true);
    await both(true);
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'slack acknowledge MaasHaNode node=rc1',
    ]);
    expect(recording.told[1]?.notice.owner).toEqual({ by: 'anna', via: 'slack' });
  });

  it('silences what goes on, and its end is told all the same', async () => {
    const { both, recording, alerting: made } = await rig(channel('slack'));
    await both(true);
    await both(true);
    silence(made, { by: 'anna', reason: 'I am on it', lasts: seconds(3600), rule: 'MaasHaNode' });
    for (let round = 0; round < 12; round += 1) await both(false);
    expect(recording.lines()).toEqual([
      'slack open MaasHaNode node=rc1',
      'slack mute MaasHaNode node=rc1',
      'slack close MaasHaNode node=rc1',
    ]);
    expect(recording.told[1]?.notice.remark).toMatch(/silenced by anna until .*: I am on it/);
  });
});

describe('a rehearsal', () => {
  it('says once what a mirror would be shown', async () => {
    const mirror: Notifier = {
      name: 'mirror',
      about: 'A mirror.',
      settings: undefined,
      reaches: () => [],
      open: () => ({
        is: 'mirror',
        mode: 'shadow',
        push: () => Promise.reject(new Error('nothing may be pushed')),
        test: async () => '',
        close: async () => {},
      }),
    };
    const made = await alerting([hosts], config([channel('am', { notifier: 'mirror' })]), {
      dryRun: true,
      notifiers: [mirror],
    });
    closing.push(() => made.alerting.stop());
    for (let turn = 0; turn < 12; turn += 1) {
      await made.round(hosts, [observe(nodeDown, 1, { node: 'rc1' })]);
      await made.pass(10);
    }
    expect(made.printed).toEqual([
      'would show am: firing critical maas3 MaasHaNode {"node":"rc1"}',
    ]);
  });

  it('says what it would tell, and tells nobody', async () => {
    const made = await alerting([hosts], config([channel('slack')]), { dryRun: true });
    closing.push(() => made.alerting.stop());
    await made.round(hosts, [observe(nodeDown, 1, { node: 'rc1' })]);
    await made.pass(10);
    expect(made.recording.told).toEqual([]);
    expect(made.printed).toEqual(['would tell slack: open critical maas3 MaasHaNode: Node on rc1']);
  });
});
