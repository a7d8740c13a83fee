import { afterEach, describe, expect, it } from 'vitest';
import { DeliveryFailure } from '../../alerts/notifier.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { acknowledge, meant, silence } from '../../src/runtime/alert-commands.ts';
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
  it('says what it would tell, and tells nobody', async () => {
    const made = await alerting([hosts], config([channel('slack')]), { dryRun: true });
    closing.push(() => made.alerting.stop());
    await made.round(hosts, [observe(nodeDown, 1, { node: 'rc1' })]);
    await made.pass(10);
    expect(made.recording.told).toEqual([]);
    expect(made.printed).toEqual(['would tell slack: open critical maas3 MaasHaNode: Node on rc1']);
  });
});
