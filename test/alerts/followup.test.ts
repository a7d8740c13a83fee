import { describe, expect, it, test } from 'vitest';
import { catalogueOf } from '../../alerts/catalogue.ts';
import type { Alerts } from '../../alerts/state.ts';
import { DEFAULT_TIMERS, timerProblems, type Patience } from '../../alerts/timers.ts';
import { seconds } from '../../src/core/time.ts';
import { WATCHES } from './house.ts';
import { down, isolated, node, region, up, vip, type Test } from './stepping.ts';

const VIP = 'maas3/MaasHaVip{}';
const MINUTE = 60;
const HOUR = 3600;

const ticks = (on: Test, minutes: number): void => {
  for (let minute = 0; minute < minutes; minute++) {
    on.wait(MINUTE);
    on.feed({ is: 'tick' });
  }
};

/** What was urged since the alert opened (or since `from`): after how many whole minutes, and what. */
const urged = (on: Test, from = 'open'): readonly string[] => {
  const began = on.all.findLast(({ kind }) => kind === from)?.at ?? 0;
  return on.all
    .filter(({ kind, at }) => (kind === 'remind' || kind === 'escalate') && at >= began)
    .map(({ kind, at, level }) =>
      `${Math.floor((at - began) / 60_000)} ${kind} ${level ?? ''}`.trim(),
    );
};

describe('what nobody acknowledges', () => {
  it('is escalated twice and told again after 15 minutes, 30 more, and then each hour', () => {
    const on = region();
    down(on);
    ticks(on, 240);
    expect(urged(on)).toEqual([
      '10 escalate 1',
      '15 remind',
      '20 escalate 2',
      '45 remind',
      '105 remind',
      '165 remind',
      '225 remind',
    ]);
    expect(on.all.find(({ kind }) => kind === 'escalate')).toMatchObject({
      reason: 'nobody has acknowledged it',
      level: 1,
      told: true,
      episode: { id: 'e1' },
    });
  });

  it('is told again after half a day, and not escalated, when it is a warning', () => {
    const on = region();
    for (let time = 0; time < 3; time++) on.see('net', node(1));
    ticks(on, 25 * 60);
    expect(urged(on)).toEqual(['720 remind', '1440 remind']);
  });

  it('waits no longer after a restart than without one, and is told once of what was missed', () => {
    const on = region();
    down(on);
    ticks(on, 5);
    on.restart(12 * MINUTE);
    on.feed({ is: 'tick' });
    expect(urged(on)).toEqual(['17 escalate 1', '17 remind']);
    on.restart(5 * HOUR);
    on.feed({ is: 'tick' });
    expect(urged(on).slice(2)).toEqual(['317 escalate 2', '317 remind']);
    ticks(on, 59);
    expect(urged(on)).toHaveLength(4);
  });

  it('is not urged while it recovers, but a relapse does not set the clock back', () => {
    const on = region();
    down(on);
    ticks(on, 9);
    up(on, 2);
    ticks(on, 3);
    expect(urged(on)).toEqual([]);
    on.see('net', vip(1));
    expect(urged(on)).toEqual(['12 escalate 1']);
  });

  it('is not urged while something else explains it, and begins anew when it is shown again', () => {
    const on = region();
    down(on);
    for (let time = 0; time < 3; time++) on.see('net', isolated(1));
    expect(on.said()).toContain('fold Vip');
    ticks(on, 60);
    expect(urged(on).filter((each) => each.endsWith('escalate 1'))).toHaveLength(1);
    for (let time = 0; time < 15; time++) on.see('net', isolated(0), vip(1));
    expect(on.last()).toMatchObject({ kind: 'unfold', rule: 'MaasHaVip' });
    ticks(on, 12);
    expect(urged(on, 'unfold')).toEqual(['10 escalate 1']);
  });

  it('is not urged while it is silenced, and begins anew when the silence is over', () => {
    const on = region();
    down(on);
    ticks(on, 9);
    on.silence({ is: 'silenced', id: 's', rule: 'MaasHaVip' });
    ticks(on, 60);
    on.silence();
    ticks(on, 14);
    expect(urged(on, 'unmute')).toEqual(['10 escalate 1']);
    expect(urged(on)).toHaveLength(1);
  });

  it('begins anew when its severity changes, so that the graver one is not late at once', () => {
    const on = region();
    for (let time = 0; time < 3; time++) on.see('net', node(1));
    ticks(on, 3 * 60);
    const graver = catalogueOf(
      WATCHES.map((watch) => ({
        ...watch,
        rules: watch.rules.map((each) =>
          each.name === 'MaasHaNode' ? { ...each, severity: 'critical' as const } : each,
        ),
      })),
    );
    on.see('net', node(1));
    on.use(graver);
    on.see('net', node(1));
    expect(on.last()).toMatchObject({ kind: 'update', reason: 'severity changed' });
    ticks(on, 11);
    expect(urged(on, 'update')).toEqual(['10 escalate 1']);
  });

  it('begins when a state is loaded that was stored by a version without reminders', () => {
    const on = region();
    down(on);
    ticks(on, 9);
    on.change(
      (state) =>
        JSON.parse(
          JSON.stringify(state, (key, value: unknown) => (key === 'followup' ? undefined : value)),
        ) as Alerts,
    );
    ticks(on, 9);
    expect(urged(on)).toEqual([]);
    ticks(on, 2);
    expect(urged(on)).toEqual(['20 escalate 1']);
  });
});

describe('what somebody has acknowledged', () => {
  const owned = (lasts?: number): Test => {
    const on = region();
    down(on);
    ticks(on, 5);
    on.feed({
      is: 'acknowledge',
      fingerprint: VIP,
      by: 'ann',
      via: 'cli',
      ...(lasts !== undefined && { lasts: seconds(lasts) }),
    });
    return on;
  };

  it('is not escalated, and its owner is asked every four hours', () => {
    const on = owned();
    ticks(on, 9 * 60);
    expect(urged(on, 'acknowledge')).toEqual(['240 remind', '480 remind']);
    expect(on.last()).toMatchObject({ reason: 'acknowledged and still going on' });
  });

  it('counts anew when somebody else takes it', () => {
    const on = owned();
    ticks(on, 3 * 60);
    on.feed({ is: 'acknowledge', fingerprint: VIP, by: 'bob', via: 'slack' });
    ticks(on, 5 * 60);
    expect(urged(on, 'acknowledge')).toEqual(['240 remind']);
  });

  it.each([
    [
      'was taken back',
      (on: Test) => {
        on.feed({ is: 'unacknowledge', fingerprint: VIP });
      },
    ],
    ['ran out', () => undefined],
  ])('is escalated from the moment on at which that %s', (_, then) => {
    const on = owned(30 * MINUTE);
    ticks(on, 29);
    then(on);
    ticks(on, 21);
    expect(urged(on, 'unacknowledge')[0]).toBe('10 escalate 1');
  });
});

const critical = (changes: Partial<Patience>) =>
  timerProblems({
    ...DEFAULT_TIMERS,
    patience: {
      ...DEFAULT_TIMERS.patience,
      critical: { ...DEFAULT_TIMERS.patience.critical, ...changes },
    },
  });
const RISING = 'critical: escalateAfter must be times above 0, each longer than the one before';
const SELDOM =
  'critical: remindEvery and remindAckedEvery must be at least 1m and not shorter than updateEvery';

test.each([
  ['escalation at once', { escalateAfter: [seconds(0)] }, [RISING]],
  ['levels in the wrong order', { escalateAfter: [seconds(20), seconds(10)] }, [RISING]],
  ['a level at no time', { escalateAfter: [seconds(NaN)] }, [RISING]],
  ['reminders without a pause', { remindEvery: [seconds(10)] }, [SELDOM]],
  ['reminders more often than news', { updateEvery: seconds(1000) }, [SELDOM]],
  [
    'no escalation and no reminders',
    { escalateAfter: [], remindEvery: [], remindAckedEvery: seconds(0) },
    [],
  ],
])('timers with %s', (_, changes, problems) => {
  expect(critical(changes)).toEqual(problems);
});
