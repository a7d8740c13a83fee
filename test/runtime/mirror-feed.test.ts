import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DeliveryFailure, type Mirror, type Notifier } from '../../alerts/notifier.ts';
import type { Mirrored } from '../../alerts/mirror.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import { seconds } from '../../src/core/time.ts';
import { MirrorFeed } from '../../src/runtime/mirror-feed.ts';
import { alerting, channel, config } from '../support/alerting.ts';
import { testCheck } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';

/** An Alertmanager that takes everything, until it is down. */
class Fake {
  readonly pushes: (readonly Mirrored[])[] = [];
  down = false;
  readonly mirror = (mode: Mirror['mode']): Mirror => ({
    is: 'mirror',
    mode,
    push: async (alerts) => {
      if (this.down) throw new DeliveryFailure('again', 'connection refused');
      this.pushes.push(alerts);
    },
    test: async () => 'it works',
    close: async () => {},
  });
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function feed(mode: Mirror['mode']) {
  const fake = new Fake();
  const clock = new FakeClock();
  const made = new MirrorFeed([{ name: 'am', mirror: fake.mirror(mode) }], () => [], clock);
  closing.push(() => made.stop());
  const pass = async (by: number): Promise<void> => {
    for (let second = 0; second < by; second += 1) {
      clock.advance(1);
      await setImmediate();
    }
  };
  made.start();
  return { fake, made, pass };
}

describe('a mirror', () => {
  it('is shown everything each minute, and soon after a change', async () => {
    const { fake, made, pass } = feed('shadow');
    await pass(1);
    expect(fake.pushes).toHaveLength(1);
    made.touch();
    made.touch();
    await pass(1);
    expect(fake.pushes).toHaveLength(2);
    await pass(60);
    expect(fake.pushes).toHaveLength(3);
  });

  it('in charge tells people as long as it takes what it is shown, and some time more', async () => {
    const { fake, made, pass } = feed('primary');
    await pass(200);
    expect(made.inCharge).toBe(true);
    fake.down = true;
    await pass(95);
    expect(made.inCharge).toBe(true);
    await pass(90);
    expect(made.inCharge).toBe(false);
    expect(made.facts()).toEqual([
      { channel: 'am', failing: true, dead: 0, why: 'connection refused' },
    ]);
    fake.down = false;
    await pass(61);
    expect(made.inCharge).toBe(true);
    expect(made.facts()).toEqual([{ channel: 'am', failing: false, dead: 0 }]);
  });

  it('that only looks on is never in charge', async () => {
    const { made, pass } = feed('shadow');
    await pass(5);
    expect(made.inCharge).toBe(false);
  });
});

it('people are told by the monitor itself once an Alertmanager in charge takes nothing any more', async () => {
  const down = gauge({ name: 'maasha_test_down', help: 'Bad is 1.', labels: ['node'] });
  const hosts = testCheck({
    name: 'hosts',
    metrics: [down],
    rules: [
      {
        name: 'MaasHaNode',
        severity: 'critical',
        metric: down,
        when: { above: 0.5 },
        for: seconds(0),
        summary: '{node} is down',
      },
    ],
  });
  const fake = new Fake();
  const mirror: Notifier = {
    name: 'am',
    about: 'A mirror.',
    settings: undefined,
    reaches: () => [],
    open: () => fake.mirror('primary'),
  };
  const rig = await alerting([hosts], config([]), { notifiers: [] });
  await rig.alerting.stop();
  const { recording } = rig;
  const made = await alerting(
    [hosts],
    config([channel('slack'), channel('am', { notifier: 'am' })]),
    { notifiers: [recording.notifier, mirror] },
  );
  closing.push(() => made.alerting.stop());
  const bad = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      await made.round(hosts, [observe(down, 1, { node: 'rc1' })]);
      await made.pass(10);
    }
  };
  await bad(3);
  expect(recording.lines()).toEqual([]);
  expect(fake.pushes.at(-1)?.map(({ rule }) => rule)).toEqual(['MaasHaNode']);
  fake.down = true;
  await bad(22);
  expect(recording.lines()).toEqual(['slack open MaasHaNode node=rc1']);
});
